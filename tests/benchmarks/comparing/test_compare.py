from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from codefrontier.agents import AgentIdentity, EpisodeRecord, StepRecord
from codefrontier.benchmarks import BenchError
from codefrontier.benchmarks.comparing import collect, compare, played, read_played, sharing
from codefrontier.cli import main

EpisodeMaker = Callable[..., EpisodeRecord]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `codefrontier compare` and return the exit status, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["compare", *map(str, arguments)])
        assert isinstance(ended.value.code, int)
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


def written(path: Path, episodes: Sequence[EpisodeRecord]) -> Path:
    path.write_text("".join(episode.to_json() + "\n" for episode in episodes))
    return path


def episodes_of(
    make: EpisodeMaker, agent: str, solved: Sequence[Sequence[bool]], **changes: object
) -> list[EpisodeRecord]:
    """Make the episodes of an agent from the outcomes of the samples of each problem."""
    return [
        make(
            "AC AC" if accepted else "AC WA",
            agent=AgentIdentity(name=agent, kind="scripted"),
            problem_id=f"p{place}",
            problem_digest=f"d{place}",
            sample=sample,
            **changes,
        )
        for place, samples in enumerate(solved)
        for sample, accepted in enumerate(samples)
    ]


def test_rates_pairs_and_ties_are_those_worked_by_hand(episode: EpisodeMaker) -> None:
    good = episodes_of(episode, "good", [[True, True]] * 8)
    half = episodes_of(episode, "half", [[True, False]] * 8)
    runs = collect([("run", [played(each) for each in good + half])])
    found = compare(runs, ks=(1, 2))
    first, second = found.runs
    assert (first.run, second.run) == ("good", "half")
    assert [run.passes[1].value for run in found.runs] == [1.0, 0.5]
    assert [run.passes[2].value for run in found.runs] == pytest.approx([1.0, 1.0])
    pair = found.pairs[0]
    assert (pair.first, pair.second, pair.difference.value) == ("good", "half", -0.5)
    assert pair.test.p == pytest.approx(2 / 2**8)
    assert first.ties == {1: "a", 2: "a"}
    assert second.ties == {1: "b", 2: "a"}


def test_problems_of_one_contest_count_once_in_a_test(episode: EpisodeMaker) -> None:
    good = episodes_of(episode, "good", [[True]] * 8)
    bad = episodes_of(episode, "bad", [[False]] * 8)
    runs = collect([("run", [played(each) for each in good + bad])])
    alone = compare(runs)
    clustered = compare(runs, cluster_of=lambda each: str(int(each.problem_id[1:]) // 2))
    assert alone.pairs[0].test.method == "McNemar, mid-p"
    assert alone.pairs[0].test.p == pytest.approx(1 / 2**8)
    assert clustered.pairs[0].test.p == pytest.approx(2 / 2**4)
    assert (clustered.problems, clustered.clusters) == (8, 4)


def test_invalid_episodes_are_left_out_and_shown(episode: EpisodeMaker) -> None:
    good = episodes_of(episode, "good", [[True]] * 4)
    bad = episodes_of(episode, "bad", [[False]] * 4)
    bad[0] = replace(bad[0], reward_valid=False, failure_class=None)
    found = compare(collect([("run", [played(each) for each in good + bad])]))
    assert (found.problems, found.left_out, found.pairs[0].left_out) == (3, 1, 1)
    assert [(run.run, run.invalid, run.samples) for run in found.runs] == [("good", 0, 3), ("bad", 1, 3)]


def test_truncated_replies_are_shown_and_can_be_left_out(episode: EpisodeMaker) -> None:
    cut = (StepRecord(action="", observation="", reward=0.0, finish_reason="length"),)
    records = episodes_of(episode, "cut", [[True, False]] * 3, steps=cut)
    runs = collect([("run", [played(each) for each in records])])
    assert compare(runs).runs[0].truncated == 3
    assert compare(runs).runs[0].passes[1].value == 0.5
    assert compare(runs, truncated="drop").runs[0].passes[1].value == 1.0


def test_a_later_valid_attempt_replaces_an_invalid_record(episode: EpisodeMaker) -> None:
    failed = episode("invalid", problem_id="p0", problem_digest="d0")
    again = episode("AC", problem_id="p0", problem_digest="d0", attempt=2)
    run = collect([("run", [played(failed), played(again)])])[0]
    assert run.invalid == 0
    assert len(run.episodes) == 1


def test_the_reader_finds_what_whole_records_say(episode: EpisodeMaker, tmp_path: Path) -> None:
    records = [episode("AC WA TLE"), episode("CE"), episode(None), episode("invalid")]
    path = written(tmp_path / "records.jsonl", records)
    expected = [played(record) for record in records]
    assert read_played(tmp_path, tests=True) == read_played(path, tests=True) == expected
    assert [each.solved for each in read_played(path)] == [each.solved for each in expected]


def test_runs_without_shared_problems_are_apart(episode: EpisodeMaker) -> None:
    one = episodes_of(episode, "a", [[True]] * 2)
    other = [
        replace(each, problem_digest=f"x{each.problem_digest}")
        for each in episodes_of(episode, "b", [[True]] * 2)
    ]
    runs = collect([("run", [played(each) for each in one + other])])
    assert [[run.label for run in group] for group in sharing(runs)] == [["a"], ["b"]]
    with pytest.raises(BenchError, match=r"share no problem.*a 2, b 2"):
        compare(runs)


def test_too_large_a_k_is_told_with_the_largest_that_works(episode: EpisodeMaker) -> None:
    runs = collect([("run", [played(each) for each in episodes_of(episode, "a", [[True] * 3] * 2)])])
    with pytest.raises(BenchError, match=r"no shared problem has 8 valid samples.*is 3"):
        compare(runs, ks=(1, 8))


def test_repeats_of_one_agent_are_named_by_their_folders(episode: EpisodeMaker) -> None:
    episodes = [played(each) for each in episodes_of(episode, "a", [[True]] * 2)]
    runs = collect([("x/first/records.jsonl", episodes), ("x/second", episodes)])
    assert [run.label for run in runs] == ["a first", "a second"]


@pytest.fixture
def two_runs(episode: EpisodeMaker, tmp_path: Path) -> tuple[Path, Path]:
    """Two files: a good and a worse agent on eight problems, two samples each."""
    good = episodes_of(episode, "good_1", [[True, True]] * 8)
    worse = episodes_of(episode, "worse", [[True, False]] * 4 + [[False, False]] * 4)
    return written(tmp_path / "one.jsonl", good), written(tmp_path / "two.jsonl", worse)


def test_all_formats_have_the_same_numbers(command: Command, two_runs: tuple[Path, Path]) -> None:
    status, text, _ = command(*two_runs, "--k", 1, "--k", 2)
    assert status == 0
    assert "0.250 [" in text
    assert "Wilson interval, cluster-robust" in text
    document = json.loads(command(*two_runs, "--json")[1])
    rates = {run["run"]: run["passes"]["1"]["value"] for run in document["comparison"]["runs"]}
    assert rates == {"good_1": 1.0, "worse": 0.25}
    rows = list(csv.DictReader(io.StringIO(command(*two_runs, "--csv")[1])))
    assert [(row["kind"], row["run"], float(row["estimate"])) for row in rows] == [
        ("rate", "good_1", 1.0),
        ("rate", "worse", 0.25),
        ("difference", "worse", -0.75),
    ]
    assert float(rows[2]["p"]) == document["comparison"]["pairs"][0]["test"]["p"]
    markdown = command(*two_runs, "--markdown")[1]
    assert "| worse | 0.250 [" in markdown
    latex = command(*two_runs, "--latex")[1]
    assert r"good\_1 & 1.000 [" in latex
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 2


def test_breakdowns_need_facts_and_say_so(
    command: Command, two_runs: tuple[Path, Path], tmp_path: Path
) -> None:
    status, text, _ = command(*two_runs, "--by", "month", "--by", "tag", "--by", "mode")
    assert status == 0
    assert "records carry no dates" in text
    assert "records carry no tags" in text
    assert "no agent played in several modes" in text
    rows = [
        {"id": f"p{place}", "contest_date": f"2025-0{1 + place // 4}-03", "tags": ["dp"] if place else []}
        for place in range(8)
    ]
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"problems": rows}))
    by = ("--by", "month", "--by", "tag", "--cutoff", "2025-01", "--problem-facts", facts, "--json")
    document = json.loads(command(*two_runs, *by)[1])
    months = {part["value"]: part["comparison"] for part in document["by"]["month"]["parts"]}
    assert list(months) == ["up to 2025-01", "after 2025-01", "2025-01", "2025-02"]
    worse = months["after 2025-01"]["runs"][1]
    assert (worse["run"], worse["passes"]["1"]["value"]) == ("worse", 0.0)
    assert document["by"]["tag"]["parts"][0]["comparison"]["problems"] == 7
    assert document["comparison"]["clusters"] == 2  # dates stand for contests


def test_coverage_and_mode_are_compared(command: Command, episode: EpisodeMaker, tmp_path: Path) -> None:
    records = episodes_of(episode, "a", [[False, False]] * 4)
    records += episodes_of(episode, "a", [[True, False]] * 4, env_id="Classics-tool", mode="tool")
    path = written(tmp_path / "records.jsonl", records)
    document = json.loads(command(path, "--by", "coverage", "--by", "mode", "--json")[1])
    values = [
        part["comparison"]["runs"][-1]["passes"]["1"]["value"] for part in document["by"]["coverage"]["parts"]
    ]
    assert values == [1.0, 1.0, 0.0]  # the first of two tests is accepted
    gain = document["by"]["mode"]["parts"][0]["comparison"]["pairs"][0]
    assert (gain["second"], gain["difference"]["value"]) == ("a Classics-tool", 0.5)


def test_a_plan_uses_the_variances_of_runs_if_there_are_any(
    command: Command, two_runs: tuple[Path, Path]
) -> None:
    status, text, _ = command("--plan", 100, 4)
    assert status == 0
    assert "assumed" in text
    with_runs = json.loads(command(*two_runs, "--plan", 100, 4, "--json")[1])
    assert with_runs["origin"] == "median of 1 pairs of runs"
    assert 0 < with_runs["detectable"] < 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "at least one run is needed"),
        (["--plan", "1", "4"], "at least 2 problems"),
        (["nowhere"], "nowhere: is neither a file of records"),
        (["x", "--cutoff", "May"], "cutoff must be a month as YYYY-MM, got 'May'"),
        (["x", "--json", "--csv"], "exclude each other"),
        (["x", "--k", "0"], "k must be at least 1, got 0"),
    ],
)
def test_bad_input_is_told_on_stderr_with_status_2(command: Command, arguments: list[str], told: str) -> None:
    status, out, err = command(*arguments)
    assert (status, out) == (2, "")
    assert told in " ".join(err.split())


def test_a_line_that_is_no_record_is_named(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"schema_version": 1}\n')
    status, _, err = command(path)
    assert status == 2
    assert "line 1: not a record: problem_id" in " ".join(err.split())


@pytest.mark.sandbox
def test_scripted_agents_on_classics_are_told_apart(command: Command, tmp_path: Path) -> None:
    played_by = ["--agent", "reference", "--agent", "wrong", "--limit", "2", "--out", str(tmp_path / "run")]
    with pytest.raises(SystemExit):
        main(["bench", "--env", "Classics-single", *played_by])
    status, text, _ = command(tmp_path / "run", "--by", "difficulty")
    assert status == 0
    assert "2 shared problems in 2 clusters" in text
    assert "McNemar, mid-p" in text
