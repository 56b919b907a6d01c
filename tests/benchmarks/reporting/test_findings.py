"""The numbers of a report, beside the same computed from whole records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codefrontier.agents import AgentIdentity, EpisodeRecord, read_episodes
from codefrontier.benchmarks import BenchError, final_episodes
from codefrontier.benchmarks.analysis.frontier import CheckpointPoint, GateVerdict, make_frontier
from codefrontier.benchmarks.analysis.outcomes import OUTCOMES, outcome_of
from codefrontier.benchmarks.comparing import collect
from codefrontier.benchmarks.comparing.breakdowns import By
from codefrontier.benchmarks.comparing.facts import ProblemFacts
from codefrontier.benchmarks.reporting import Findings, find, read_source
from codefrontier.benchmarks.reporting.checkpoints import groups_of, line_of
from codefrontier.benchmarks.reporting.findings import Choices
from codefrontier.benchmarks.reporting.tables import problem_sheet

EpisodeMaker = Callable[..., EpisodeRecord]


@pytest.fixture
def findings(runs: list[Path]) -> Findings:
    return find([read_source(path) for path in runs])


def test_the_outcomes_read_are_those_of_whole_records(runs: list[Path]) -> None:
    for path in runs:
        whole = read_episodes(path / "records.jsonl").episodes
        told = read_source(path).episodes
        assert [each.reward_valid for each in told] == [each.reward_valid for each in whole]
        expected = [outcome_of(each) for each in whole if each.reward_valid]
        assert [each.outcome for each in told if each.reward_valid] == expected
        assert {"AC", "WA"} < set(expected) <= set(OUTCOMES)


def test_rates_and_intervals_are_those_of_a_frontier_of_whole_records(
    findings: Findings, runs: list[Path], alphas: tuple[float, ...]
) -> None:
    points = {
        CheckpointPoint(name=f"policy:alpha-{alpha:g}", alpha=alpha, trained=alpha in (0, 1)): final_episodes(
            read_episodes(path / "records.jsonl").episodes
        )
        for alpha, path in zip(alphas, runs, strict=True)
    }
    whole = make_frontier(points, np.random.default_rng(0)).table()
    assert [row.point for row in findings.frontier] == [row.point for row in whole]
    for mine, theirs in zip(findings.frontier, whole, strict=True):
        for name, rate in theirs.rates.items():
            assert mine.rates[name].estimate == pytest.approx(rate.estimate)
            assert mine.rates[name].low == pytest.approx(rate.low, abs=0.03)
        assert (mine.invalid, mine.truncated) == (theirs.invalid, theirs.truncated)


def test_a_program_that_is_slow_before_it_is_wrong_is_wrong(episode: EpisodeMaker, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(episode("TLE WA").to_json() + "\n" + episode("TLE AC RTE", sample=1).to_json() + "\n")
    assert [each.outcome for each in read_source(path).episodes] == ["WA", "RTE"]


def test_the_merges_of_records_make_the_line_and_the_gate_judges_its_ends(findings: Findings) -> None:
    assert [(row.point.alpha, row.point.trained) for row in findings.frontier] == [
        (0.0, True),
        (0.5, False),
        (1.0, True),
        (1.5, False),
    ]
    (gate,) = findings.gates
    assert gate.verdict is GateVerdict.DAMAGE  # half of the programs at 1.5 do not compile
    assert set(findings.areas) == {"all runs", "trained ends", "gain of interpolation"}
    assert set(findings.regions) == set(findings.counts.labels)


def test_ensembles_have_controls_and_a_correction(findings: Findings) -> None:
    names = {row.name: row.control for row in findings.ensembles}
    control = next(row for row in findings.ensembles if row.control)
    assert names == {"all runs": False, "the line without extrapolation": False, control.name: True}
    assert control.name == f"seeds: halves of {control.members[0]}"
    assert [row.found.budget for row in findings.ensembles if row.name == "all runs"] == [2, 4, 7]
    assert all(row.p_holm >= row.found.test.p for row in findings.ensembles)
    assert all(row.token_ratio == pytest.approx(1, abs=0.05) for row in findings.ensembles)
    assert control.members[0] == control.members[1]


def test_every_shared_problem_is_in_one_set_and_overlaps_have_a_null(findings: Findings) -> None:
    assert sum(count for _, count in findings.sets) == len(findings.shared) == 18
    assert len(findings.overlaps) == 6
    for each in findings.overlaps:
        assert 0 <= each.only_first <= 18
        assert each.null_first > 0
    assert [union.each for union in findings.unions] == [1, 2, 4, 7]
    assert all(union.solved.estimate >= union.single.estimate for union in findings.unions)


def test_invalid_and_truncated_episodes_are_counted_apart(findings: Findings) -> None:
    assert findings.counts.kinds[0] == {"sandbox": 1}
    assert findings.counts.invalid.sum() == 1
    assert findings.counts.truncated.sum() == 1
    assert findings.counts.samples[0].sum() == 18 * 8 - 1


def test_dropped_truncated_episodes_are_in_no_rate(runs: list[Path]) -> None:
    found = find([read_source(path) for path in runs], Choices(truncated="drop"))
    assert found.counts.samples[0].sum() == 18 * 8 - 2
    assert found.counts.truncated.sum() == 1
    assert found.comparison.runs[0].samples + 2 >= found.counts.samples[0].sum()


def test_facts_make_clusters_and_parts(runs: list[Path]) -> None:
    names = [f"p{number:02}" for number in range(1, 18)]
    facts = ProblemFacts(
        months={name: f"2025-0{1 + place % 2}" for place, name in enumerate(names)},
        contests={name: f"contest {place // 3}" for place, name in enumerate(names)},
        tags={name: ("dp",) if place % 2 else ("graphs", "dp") for place, name in enumerate(names)},
    )
    found = find([read_source(path) for path in runs], Choices(facts=facts, cutoff="2025-01"))
    assert found.comparison.clusters == 7  # six contests, and the problem without one
    assert [part.value for part in found.parts[By.MONTH].parts][:2] == ["up to 2025-01", "after 2025-01"]
    assert [part.value for part in found.parts[By.TAG].parts] == ["dp", "graphs"]
    sheet = problem_sheet(found)
    assert sheet.columns[:4] == ("problem", "difficulty", "month", "tags")
    assert sheet.rows[2][:4] == ("p02", "easy", "2025-02", "dp")


def test_one_run_and_one_problem_give_what_they_can(episode: EpisodeMaker, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(episode("AC").to_json() + "\n")
    found = find([read_source(path)])
    assert (found.frontier, found.ensembles, found.overlaps, found.regions) == ((), (), (), {})
    assert "need 2 clusters" in found.notes[0]


def identity(name: str, **settings: object) -> AgentIdentity:
    return AgentIdentity(name=name, kind="litellm", model="m", settings=settings)


def test_temperatures_and_seeds_of_one_model_are_controls(episode: EpisodeMaker, tmp_path: Path) -> None:
    agents = [
        identity("hot", temperature=1.0, model_seed=0),
        identity("cold", temperature=0.2, model_seed=0),
        identity("again", temperature=1.0, model_seed=1),
    ]
    path = tmp_path / "records.jsonl"
    path.write_text("".join(episode("AC", agent=agent).to_json() + "\n" for agent in agents))
    source = read_source(path)
    runs = collect([(source.name, source.episodes)])
    line = line_of(runs, source.agents)
    groups = {(group.name, group.members): group.control for group in groups_of(runs, source.agents, line)}
    assert groups == {
        ("all runs", (0, 1, 2)): False,
        ("temperatures of hot", (0, 1)): True,
        ("seeds of hot", (0, 2)): True,
    }


def test_given_alphas_replace_those_of_the_records(runs: list[Path]) -> None:
    sources = [read_source(path) for path in runs]
    found = find(sources, Choices(alphas={"policy:alpha-0.5": 0.0, "policy:alpha-1": 1.0}))
    assert [row.point.alpha for row in found.frontier] == [0.0, 1.0, None, None]
    with pytest.raises(BenchError, match=r"no run 'x' to give an alpha: runs are policy:alpha-0, "):
        find(sources, Choices(alphas={"x": 0.0}))
    with pytest.raises(BenchError, match="to one run only"):
        find(sources, Choices(alphas={"policy:alpha-0": 0.0, "policy:alpha-1": 0.0}))


def test_merges_of_several_pairs_of_parents_are_on_no_line(runs: list[Path]) -> None:
    sources = [read_source(path) for path in runs]
    (digest, agent), *_ = sources[0].agents.items()
    merge = {"recipe": {"alpha": 0.0}, "parents": {"low": "3" * 64, "high": "2" * 64}}
    other = replace(agent, settings={"recipe": merge})
    found = find([replace(sources[0], agents={digest: other}), *sources[1:]])
    assert {row.point.alpha for row in found.frontier} == {None}
    assert "2 pairs of parents" in found.notes[0]
