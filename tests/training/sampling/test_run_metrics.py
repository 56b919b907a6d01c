"""The metrics of runs in every mode against the table of metrics."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.settings import RLSettings, TrainEnvOptions
from codefrontier.training.tracking.catalogue import METRICS, metric_of
from codefrontier.training.tracking.metric import Stage, Writer, flatten, numbers

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.framework.registry import make_algorithm
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import Trainer, TrainerParts
    from codefrontier.training.updating.learner import LocalLearner

MIXED = ("Families-single:2,coverage=0.5", "Classics-single")
RUNS: dict[str, tuple[dict[str, Any], set[Writer]]] = {
    "staleness": ({"staleness": 1}, {Writer.STALENESS}),
    "mixture": ({"env": MIXED}, {Writer.MIXTURE}),
    "schedule": (
        {"curriculum": "soft", "curriculum_options": ("length=2", "over=coverage", "low=0.5", "middle=0.75")},
        {Writer.CURRICULUM},
    ),
    "pass rates": ({"curriculum": "pass_rate"}, {Writer.CURRICULUM, Writer.PASS_RATE}),
    "stepping stones in a stale mixture": (
        {"env": MIXED, "staleness": 1, "curriculum": "stepping_stones"},
        {Writer.MIXTURE, Writer.STALENESS, Writer.CURRICULUM, Writer.STEPPING_STONES},
    ),
    "repro": (
        {
            "env": ("Families-tool",),
            "env_options": TrainEnvOptions(max_turns=2),
            "algorithm": "repro",
        },
        {Writer.REPRO},
    ),
}


@pytest.mark.parametrize("mode", RUNS)
def test_every_metric_of_a_mode_is_in_the_table_and_in_its_range(
    mode: str, chat: Path, tmp_path: Path, judge_that: type[Any]
) -> None:
    changes, writers = RUNS[mode]
    lines = lines_of(chat, tmp_path, judge_that, changes)
    expected = {
        metric.name
        for metric in METRICS.values()
        if Stage.RL in metric.stages and metric.writer in {Writer.EVERY, *writers}
    }
    for line in lines:
        covering = {name: metric_of(name) for name in flatten(line) if name != "step"}
        assert None not in covering.values(), [name for name, metric in covering.items() if metric is None]
        assert {metric.name for metric in covering.values() if metric is not None} == expected
        for name, value in numbers(line).items():
            metric = covering[name]
            assert metric is not None
            assert value in metric.range, (name, value)


def lines_of(
    chat: Path, tmp_path: Path, judge_that: type[Any], changes: dict[str, Any]
) -> list[dict[str, Any]]:
    """Take two steps, with the updates of an asynchronous run in a thread, and return their metrics."""
    defaults: dict[str, Any] = {"prompts": 3, "group": 2, "refill_rounds": 0, "max_completion_tokens": 48}
    settings = RLSettings(init=chat, out=tmp_path / "rl", steps=2, **{**defaults, **changes})
    policy = LocalPolicy.load(chat)
    model = copy.deepcopy(policy.model) if settings.staleness else policy.model
    learner = LocalLearner(TrainedModel(model, policy.tokenizer, settings), settings, lr=settings.lr)
    algorithm = make_algorithm(settings.algorithm, group_size=settings.group, options={})
    judge = VerdictCache(judge_that())
    trainer = Trainer(settings, policy, algorithm, judge, parts=TrainerParts(learner=learner))
    lines = [trainer.take_step() for _ in range(2)]
    trainer.close()
    return lines
