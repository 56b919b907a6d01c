"""The questions of the experiment on verifiers: for the start, for the arms, and for the measurements."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from ....problems import Problem
from ....problems.families import Split
from ....problems.verification import VerificationKind, VerificationTask
from ....training import ProblemStream
from ..methods.experiment import RunTask, Scale
from .programs import RatedProblem, pair_tasks, rated_problems

EVALUATION_SEED = 20_261_130
SPREAD = 20
"""Number of cells over which the problems of a split are spread at least."""
HELDOUT_SPREAD = 5
"""The same for the split of held-out cells, which has fewer."""
TAUGHT = 6
"""Number of problems that the start learns from, per problem of a measurement."""
PER_PROBLEM = 2
"""Largest number of questions of a kind about a problem in a measurement, each in both orders."""


@lru_cache(maxsize=4)
def _rated(split: Split, seed: int, count: int) -> tuple[RatedProblem, ...]:
    spread = HELDOUT_SPREAD if split is Split.HELDOUT else SPREAD
    return tuple(rated_problems(split, seed, count, most=-(-count // spread)))


def taught(scale: Scale) -> list[VerificationTask]:
    """Return the questions that the start learns from: the first half of the problems of the train split."""
    problems = _rated(Split.TRAIN, 0, 2 * TAUGHT * scale.problems)
    return pair_tasks(problems[::2])


def rewarded(scale: Scale) -> list[VerificationTask]:
    """Return the questions of the arms: the other problems of these cells, which the start has not seen."""
    problems = _rated(Split.TRAIN, 0, 2 * TAUGHT * scale.problems)
    return pair_tasks(problems[1::2])


def questions(task: RunTask, count: int) -> list[Problem]:
    """Return the first questions of a run."""
    stream = _order(rewarded(task.scale), task.seed)
    return [next(stream).problem() for _ in range(count)]


def question_stream(task: RunTask) -> ProblemStream:
    """Return the questions of a run as a stream, in the order of `questions`."""
    tasks = rewarded(task.scale)

    def epoch(number: int) -> Iterator[partial[Problem]]:
        for each in _shuffled(tasks, task.seed, number):
            yield partial(VerificationTask.problem, each)

    return ProblemStream(epoch)


def _order(tasks: Sequence[VerificationTask], seed: int) -> Iterator[VerificationTask]:
    for epoch in range(1_000_000):
        yield from _shuffled(tasks, seed, epoch)


def _shuffled(tasks: Sequence[VerificationTask], seed: int, epoch: int) -> list[VerificationTask]:
    """Shuffle tasks, but keep the two orders of each together, so that a step has both."""
    count = len(tasks) // 2
    pairs = random.Random(f"verifier {seed} {epoch}").sample(range(count), count)
    return [task for pair in pairs for task in tasks[2 * pair : 2 * pair + 2]]


def measured_problems(scale: Scale) -> list[RatedProblem]:
    """Return new combinations of trained cells, whose programs are ranked."""
    return list(_rated(Split.VALIDATION, EVALUATION_SEED, 2 * scale.problems))


def measured_tasks(scale: Scale) -> dict[str, list[VerificationTask]]:
    """Return the questions of the measurements by kind.

    `easy` and `hard` are about new combinations of trained cells, `heldout` about cells that neither the
    start nor an arm was asked about, with wrong programs of all pass rates.
    """
    known = measured_problems(scale)
    unknown = _rated(Split.HELDOUT, EVALUATION_SEED, scale.problems)
    return {
        "easy": pair_tasks(known, VerificationKind.EASY, most=PER_PROBLEM),
        "hard": pair_tasks(known, VerificationKind.HARD, most=PER_PROBLEM),
        "heldout": pair_tasks(unknown, most=PER_PROBLEM),
    }
