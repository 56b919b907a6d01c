"""The arms of the experiment on verifiers: how each of them trains the start, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ....agents.policy.policy import LocalPolicy
from ....agents.records.record import EpisodeWriter
from ....problems import Problem
from ....training import (
    DPOSettings,
    TrainingEnvironment,
    VerdictCache,
    find_checkpoint,
    read_lines,
    train_dpo,
)
from ....training.algorithms.framework.registry import make_algorithm
from ....training.errors import NoPairsError
from ....training.sampling.exercises import Exercise
from ....training.sampling.sampling import Sampler, SamplingSettings
from ....training.settings import TrainEnvOptions
from ..methods.experiment import RunTask
from ..methods.training import Replies, reinforce
from .questions import question_stream, questions

ENV_ID = "Verification-single"
OPTIONS = TrainEnvOptions(thinking=False, layout="plain")
JOINED = 4
"""Number of steps whose questions the batch-online arms sample at once, and of updates that follow."""
REPLY_TOKENS = 6
FEWEST_STEPS = 50
"""Number of supervised steps below which a start cannot be expected to answer at all."""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The verifier of an arm, and what its training cost."""

    checkpoint: Path
    replies: int = 0
    """Number of sampled replies."""
    sampled: int = 0
    """Number of sampled tokens."""
    learned: int = 0
    """Number of tokens of replies that updates learned from; a token counts in every update."""
    updates: int = 0
    """Number of optimizer steps."""


def _stay(task: RunTask, start: Path) -> Trained:
    return Trained(checkpoint=find_checkpoint(start))


def _reinforced(task: RunTask, start: Path, *, name: str, joined: int = 1) -> Trained:
    """Train with an algorithm: on every batch once, or on joined batches with several updates each."""
    scale = task.scale
    joined = min(joined, scale.steps)
    lines = reinforce(
        task,
        make_algorithm(name, group_size=scale.group),
        init=start,
        coverage=1.0,
        problems=question_stream(task),
        steps=scale.steps // joined,
        prompts=scale.prompts * joined,
        passes=joined,
        env=(ENV_ID,),
        env_options=OPTIONS,
        packing="prefixes",
        max_completion_tokens=REPLY_TOKENS,
    )
    return Trained(
        checkpoint=find_checkpoint(task.folder),
        replies=scale.steps // joined * joined * scale.prompts * scale.group,
        sampled=_total(lines, "completion_tokens"),
        learned=_total(lines, "tokens") * joined,
        updates=scale.steps // joined * joined,
    )


def _total(lines: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(int(line[name]) for line in lines)


def _preferred(task: RunTask, start: Path, *, joined: int | None = None) -> Trained:
    """Sample replies, pair them, and learn from the pairs: in rounds of joined steps, or all at once."""
    scale, checkpoint = task.scale, find_checkpoint(start)
    joined = scale.steps if joined is None else min(joined, scale.steps)
    asked = questions(task, scale.steps * scale.prompts)
    size = joined * scale.prompts
    sampled = learned = updates = 0
    for turn in range(scale.steps // joined):
        folder = task.folder / f"round-{turn}"
        folder.mkdir(parents=True, exist_ok=True)
        records = folder / "records.jsonl"
        records.unlink(missing_ok=True)
        sampled += _sample(task, checkpoint, asked[turn * size : (turn + 1) * size], records, turn)
        settings = DPOSettings(
            out=folder / "dpo",
            init=checkpoint,
            reference=start,
            from_records=(records,),
            beta=0.1,
            batch=scale.prompts,
            lr=scale.lr,
            seed=task.seed,
            keep=1,
            resume=True,
            pairs_per_problem=1,
        )
        try:
            checkpoint = train_dpo(settings)
        except NoPairsError:  # a round whose answers are all right, all wrong or all cut teaches nothing
            if not (task.scale.sft_steps < FEWEST_STEPS or turn):
                raise
            continue
        lines = read_lines(settings.out / "metrics.jsonl")
        learned += _total(lines, "tokens")
        updates += len(lines)
    replies = scale.steps // joined * size * scale.group
    return Trained(checkpoint=checkpoint, replies=replies, sampled=sampled, learned=learned, updates=updates)


def _sample(task: RunTask, checkpoint: Path, asked: Sequence[Problem], records: Path, turn: int) -> int:
    """Write replies to questions as records, and return the number of their tokens."""
    environment = TrainingEnvironment.parse(ENV_ID, place=0, coverage=1.0, shared=OPTIONS)
    exercises = [Exercise(environment=environment, problem=each, coverage=1.0) for each in asked]
    sampler = Sampler(
        LocalPolicy.load(checkpoint),
        Replies(group_size=task.scale.group),
        VerdictCache(task.judge, stop_early=False),
        SamplingSettings(seed=task.seed, max_completion_tokens=REPLY_TOKENS),
    )
    batch = sampler.sample(exercises, step=turn)
    with EpisodeWriter(records) as writer:
        for episode in batch.episodes:
            writer.write(episode)
    return sum(episode.usage.completion_tokens for episode in batch.episodes)


ARMS: dict[str, Callable[[RunTask, Path], Trained]] = {
    "start": _stay,
    "grpo": partial(_reinforced, name="grpo"),
    "raft": partial(_reinforced, name="raft"),
    "dpo": _preferred,
    "bo_grpo": partial(_reinforced, name="grpo", joined=JOINED),
    "bo_dpo": partial(_preferred, joined=JOINED),
}
"""The function that trains the start, by arm."""
