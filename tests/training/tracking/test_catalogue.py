"""The table of metrics against the metrics that both stages write, and against the documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import RLSettings, SFTSettings
from codefrontier.training.tracking.catalogue import METRICS, metric_of
from codefrontier.training.tracking.charts import DERIVED, charts, drawn, markdown
from codefrontier.training.tracking.metric import Range, Stage, Unit, Writer, flatten, numbers

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.algorithms.algorithm import EpisodeRole
    from codefrontier.training.metrics import read_lines, rollout_metrics
    from codefrontier.training.pretraining.sft import train_sft
    from codefrontier.training.sampling.sampling import RolloutBatch
    from codefrontier.training.trainer import train

PAGE = Path(__file__).parents[3] / "docs" / "training_metrics.md"


def documented(stage: Stage, *writers: Writer) -> set[str]:
    return {
        name
        for name, metric in METRICS.items()
        if stage in metric.stages and metric.writer in (Writer.EVERY, *writers)
    }


def written(line: Mapping[str, Any]) -> set[str]:
    return set(flatten(line)) - {"step"}


def test_every_metric_of_supervised_training_is_in_the_table(
    tmp_path: Path, pair_source: Any, pieces: Any
) -> None:
    small = SFTSettings(out=tmp_path / "sft", steps=1, batch=2, d=8, layers=1, heads=2)
    train_sft(small, pairs=pair_source, pieces=pieces)
    with pytest.raises(TrainingError):
        train_sft(replace(small, out=tmp_path / "wild", lr=1e30), pairs=pair_source, pieces=pieces)
    [line] = read_lines(tmp_path / "sft" / "metrics.jsonl")
    [failed] = read_lines(tmp_path / "wild" / "metrics.jsonl")
    assert written(line) == documented(Stage.SFT)
    assert written(failed) == documented(Stage.SFT, Writer.FAILED) - documented(Stage.SFT)


def test_every_metric_of_reinforcement_is_in_the_table(
    settings: Callable[..., RLSettings], judge_that: Any, stream_of: Any
) -> None:
    chosen = settings(steps=1)
    train(chosen, judge=judge_that(), problems=stream_of())
    [line] = read_lines(chosen.out / "metrics.jsonl")
    assert written(line) == documented(Stage.RL)


def test_every_number_is_in_one_chart() -> None:
    drawn = [name for chart in charts() for name in chart.names]
    assert sorted(drawn) == sorted(
        name for name, metric in {**METRICS, **DERIVED}.items() if metric.is_number
    )


def test_shares_that_are_stacked_add_up_to_one(
    settings: Callable[..., RLSettings], judge_that: Any, stream_of: Any
) -> None:
    chosen = settings(steps=2)
    train(chosen, judge=judge_that(), problems=stream_of())
    for line in read_lines(chosen.out / "metrics.jsonl"):
        values = drawn(numbers(line))
        sums = {
            chart.title: sum(values.get(name, 0.0) for name in chart.names)
            for chart in charts()
            if chart.stacked
        }
        assert sums["verdicts"] == pytest.approx(1)
        assert sums["time_s"] == pytest.approx(values["time_s/total"])


def test_an_update_that_overlaps_is_no_part_of_the_time_of_a_step() -> None:
    times = {"time_s/sample": 2.0, "time_s/judge": 1.0, "time_s/other": 0.5, "time_s/total": 4.0}
    shown = drawn({**times, "time_s/update": 3.0, "time_s/wait": 0.5})
    [parts] = [chart.names for chart in charts() if chart.title == "time_s"]
    assert sum(shown.get(name, 0.0) for name in parts) == shown["time_s/total"]
    assert shown["overlapping_update_s"] == 3.0
    assert "overlapping_update_s" not in drawn({**times, "time_s/update": 0.5})


def test_a_pattern_covers_one_key_and_has_a_chart_for_each_metric_that_a_run_has() -> None:
    name = "environments/Families-tool#1/problems"
    metric = metric_of(name)
    assert metric is METRICS["environments/*/problems"]
    assert metric_of("environments/Families-tool#1/more") is None
    assert metric_of("environments/a/b/problems") is None
    [chart] = [each for each in charts() if each.title == metric.name]
    assert [one.names for one in chart.over([name, "loss"])] == [(name,)]
    [plain] = [each for each in charts() if each.title == "loss"]
    assert list(plain.over([name])) == [plain]


def test_a_range_has_its_bounds_and_no_value_beyond() -> None:
    share = METRICS["truncated"].range
    assert (0.0 in share, 1.0 in share, 1.1 in share, -0.1 in share) == (True, True, False, False)
    assert str(share) == "0 to 1"
    assert str(METRICS["entropy"].range) == "at least 0"
    assert str(METRICS["loss"].range) == "any"
    assert METRICS["time_s/wait"].range == Range(lowest=0)
    assert all(metric.unit is not Unit.SHARE or metric.range == share for metric in METRICS.values())


def test_only_numbers_are_taken_as_numbers() -> None:
    line = {"step": 3, "a": {"b": {"c": 1}, "d": 0.5}, "error": "no", "yes": True}
    assert numbers(line) == {"a/b/c": 1.0, "a/d": 0.5}


def test_programs_that_were_cut_off_are_told_apart_from_other_compile_errors(episode_of: Any) -> None:
    cut, whole = episode_of(reward=0, finish_reasons=("length",)), episode_of(reward=0)
    metrics = rollout_metrics(RolloutBatch(episodes=[cut, whole, whole, whole]))
    assert metrics["truncated"] == 0.25
    assert (metrics["truncated_ce"], metrics["truncated_no_code"]) == (0, 0.25)
    assert metrics["verdicts"]["no_code"] == 1
    assert metrics["completion_tokens"] == 0


def test_only_attempts_count_in_rewards_and_verdicts(episode_of: Any) -> None:
    played = [episode_of(reward=reward) for reward in (0.5, 0, 1, 1, 0.25)]
    roles = [
        EpisodeRole.ATTEMPT,
        EpisodeRole.RETROSPECTION,
        EpisodeRole.CONTINUATION,
        EpisodeRole.CONTINUATION,
        EpisodeRole.ATTEMPT,
    ]
    batch = RolloutBatch(episodes=played[:3], roles=roles[:3])
    batch.add(RolloutBatch(episodes=played[3:], roles=roles[3:]))
    metrics = rollout_metrics(batch)
    assert metrics["reward_mean"] == 0.375
    assert (metrics["continuations"], metrics["continuation_reward_mean"]) == (2, 1.0)
    assert (metrics["episodes"], metrics["retrospections"]) == (5, 1)
    assert metrics["verdicts"]["no_code"] == 1


def test_the_page_has_the_table_of_the_code() -> None:
    assert markdown() in PAGE.read_text(), f"replace the table in {PAGE.name} by the output of markdown()"
