"""Train and evaluate one run of an experiment, with what all experiments measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ....agents.policy.policy import LocalPolicy
from ....problems import Problem
from ....problems.families import Split, draw
from ....training import Algorithm, Group, ProblemStream, RLSettings, Scored, VerdictCache, read_lines, train
from ....training.sampling.exercises import Exercise
from ....training.sampling.sampling import Sampler, SamplingSettings
from ...analysis.statistics import pass_at_k
from .experiment import RunTask

ENV_ID = "Families-single"
EVALUATION_SEED = 20_260_614
"""Seed of the held-out problems and of the samples on them: equal in all arms and seeds."""


def reinforce(
    task: RunTask,
    algorithm: Algorithm,
    *,
    init: Path,
    coverage: float,
    problems: ProblemStream | None = None,
    steps: int | None = None,
    **more: Any,
) -> list[dict[str, Any]]:
    """Train a checkpoint and return the metrics of each step.

    Groups without signal are not replaced, so that all arms see the same problems and equal numbers of them.

    Args:
        task: The run.
        algorithm: The algorithm of the arm.
        init: Checkpoint to start from.
        coverage: Share of the hidden tests that decides the reward.
        problems: The problems to train on; the train split in the order of the seed unless given.
        steps: Number of steps; that of the scale unless given.
        more: Further settings, by name.
    """
    scale = task.scale
    settings = RLSettings(
        **{
            "out": task.folder,
            "init": init,
            "seed": task.seed,
            "coverage": coverage,
            "steps": scale.steps if steps is None else steps,
            "prompts": scale.prompts,
            "group": algorithm.group_size,
            "lr": scale.lr,
            "max_completion_tokens": scale.reply_tokens,
            "refill_rounds": 0,
            "keep": 1,
            "resume": True,
            **more,
        }
    )
    train(settings, algorithm=algorithm, judge=task.judge, problems=problems)
    return read_lines(settings.out / "metrics.jsonl")


def signal_share(groups: Sequence[Group]) -> float:
    """Return the share of groups that have both accepted and other replies."""
    mixed = [len({accepted(member) for member in group.members}) == 2 for group in groups]
    return float(np.mean(mixed))


class Replies(Algorithm):
    """Samples replies to be counted; nothing is learned from them."""

    name = "replies"


def play(
    task: RunTask,
    checkpoint: Path,
    problems: Sequence[Problem | Exercise],
    *,
    coverage: float,
    seed: int = EVALUATION_SEED,
    algorithm: Algorithm | None = None,
    all_runs: bool = False,
) -> list[Group]:
    """Sample replies of a checkpoint to problems, with the same random numbers for every checkpoint.

    Args:
        task: The run.
        checkpoint: Checkpoint, or the folder of a run.
        problems: Different problems, or exercises in an environment and under a coverage of their own.
        coverage: Share of the hidden tests that decides the reward of problems.
        seed: Seed of the sampling.
        algorithm: Algorithm that plans the replies; as many per problem as the scale says unless given.
        all_runs: Whether all selected tests are run, also after a failure.
    """
    chosen = algorithm or Replies(group_size=task.scale.samples)
    settings = SamplingSettings(
        env_id=ENV_ID, coverage=coverage, seed=seed, max_completion_tokens=task.scale.reply_tokens
    )
    cache = VerdictCache(task.judge, stop_early=not all_runs)
    sampler = Sampler(LocalPolicy.load(checkpoint), chosen, cache, settings)
    return sampler.sample(problems, step=0).groups


def heldout_problems(task: RunTask, split: Split = Split.VALIDATION) -> list[Problem]:
    """Return the problems on which runs are evaluated: new combinations of trained cells by default."""
    return draw(split, EVALUATION_SEED, task.scale.problems)


def accepted(member: Scored) -> bool:
    """Whether the program of an episode was accepted."""
    judgement = member.episode.judgement
    return judgement is not None and judgement.verdict.accepted


def solve_rates(groups: Sequence[Group]) -> dict[str, float]:
    """Return the share of accepted replies by problem."""
    return by_problem(groups, lambda group: float(np.mean([accepted(member) for member in group.members])))


def pass_rates(groups: Sequence[Group], k: int) -> dict[str, float]:
    """Return the unbiased estimate of pass@k by problem; k is at most the number of replies."""

    def estimate(group: Group) -> float:
        solved = sum(accepted(member) for member in group.members)
        return float(pass_at_k([len(group.members)], [solved], min(k, len(group.members)))[0])

    return by_problem(groups, estimate)


def distinct_accepted(groups: Sequence[Group]) -> dict[str, float]:
    """Return the number of different accepted programs by problem."""
    return by_problem(
        groups, lambda group: float(len({m.episode.submission for m in group.members if accepted(m)}))
    )


def sampled_entropy(groups: Sequence[Group]) -> dict[str, float]:
    """Return the mean surprisal of the sampled tokens by problem, in nats: an estimate of the entropy."""

    def surprisal(group: Group) -> float:
        values = [float(-row.sampler_log_probs[row.loss_mask].sum()) for row in group.rows]
        return sum(values) / max(1, sum(int(row.loss_mask.sum()) for row in group.rows))

    return by_problem(groups, surprisal)


def by_problem(groups: Sequence[Group], value: Any) -> dict[str, float]:
    """Return a value of each group that has members, by the id of the problem."""
    return {group.problem.id: value(group) for group in groups if group.members}


def means(problems: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the mean over problems of each metric."""
    return {name: float(np.mean(list(values.values()))) for name, values in problems.items()}


def curve(lines: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    """Return a metric of each step."""
    return [float(line[name]) for line in lines]


def steps_to(values: Sequence[float], level: float, *, window: int = 5) -> float:
    """Return the first step at which the mean of the last `window` values reaches a level.

    A run that does not reach it counts as one step more than it has, which is too small a number.
    """
    for step in range(window, len(values) + 1):
        if float(np.mean(values[step - window : step])) >= level:
            return float(step)
    return float(len(values) + 1)
