"""The problems of a training run, in an order that depends on its seed, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import islice

from ...problems import Difficulty, Problem, asks_for_literal, coverage_count
from ...problems.families import (
    FAMILIES,
    FAMILY_NAMES,
    Split,
    SupplyPart,
    make_problem,
    problem_of,
    shuffled_specs,
    shuffled_supply,
    supply_specs,
)
from ...problems.verification import METADATA
from ..curricula.curriculum import LEVELS
from ..errors import TrainingError

EPOCH_STRIDE = 1_000_003
"""Difference between the seeds of two epochs, so that runs with close seeds never share an order."""
PATIENCE = 10
"""Number of repeated problems, per requested problem, after which a stream is taken to have too few."""
TRIES = 200
"""Number of problems in a row that may be rejected; the next one is taken, so that a step always ends."""
FEWEST_TESTS = 2
"""Smallest number of tests that a coverage must select: a reward from a single test is mostly luck."""
SUPPLY = "supply"
"""Name of the split that has the micro and the broad families: the part of the supply to train on."""
Maker = Callable[[], Problem]
"""Function that makes one problem; problems that are skipped are never made."""


class ProblemStream:
    """An endless stream of problems.

    Args:
        epoch: Function from the number of an epoch, from 0, to its problems in order.
    """

    def __init__(self, epoch: Callable[[int], Iterator[Maker]]) -> None:
        self._epoch = epoch
        self._makers = self._endless()
        self.taken = 0
        """Number of problems taken so far, including skipped ones."""

    def skip_to(self, taken: int) -> None:
        """Skip problems until `taken` of them are taken, as the run had before it was resumed.

        Raises:
            TrainingError: An epoch has no problems.
        """
        self.taken += sum(1 for _ in islice(self._makers, taken - self.taken))

    def take(
        self,
        count: int,
        *,
        but: AbstractSet[str] = frozenset(),
        at_least: int | None = None,
        accepts: Callable[[Problem], bool] = lambda problem: True,
    ) -> list[Problem]:
        """Return the next problems, all different; problems that were seen before are skipped.

        Args:
            count: Number of problems to return.
            but: Ids of problems to skip.
            at_least: Smallest number of problems that is acceptable; `count` unless given.
            accepts: Whether to take a problem. After `TRIES` rejected problems, the next one is taken.

        Raises:
            TrainingError: There are too few different problems, or an epoch has no problems.
        """
        problems: dict[str, Problem] = {}
        patience = most = PATIENCE * (count + len(but))
        tries = TRIES
        while len(problems) < count and patience:
            problem = next(self._makers)()
            self.taken += 1
            if problem.id in problems or problem.id in but:
                patience -= 1
            elif tries and not accepts(problem):
                tries -= 1
                patience = most  # a new problem was met, so the stream has not run dry
            else:
                problems[problem.id] = problem
                tries = TRIES
        if len(problems) < (count if at_least is None else at_least):
            raise TrainingError(f"the stream has fewer than {count} different problems")
        return list(problems.values())

    def _endless(self) -> Iterator[Maker]:
        number = 0
        while True:
            is_empty = True
            for maker in self._epoch(number):
                is_empty = False
                yield maker
            if is_empty:
                raise TrainingError("there are no problems to train on: the split is empty")
            number += 1


def families_stream(
    split: Split | str,
    *,
    seed: int,
    level: Difficulty | None = None,
    held_out: AbstractSet[str] = frozenset(),
    families: Sequence[str] = FAMILY_NAMES,
) -> ProblemStream:
    """Return the stream of the problems of a split of the families.

    Args:
        split: A split of the micro families, or `SUPPLY`.
        seed: Seed of the order.
        level: Difficulty of the problems; None takes all.
        held_out: Ids of problems that are left out.
        families: Names of the families of the supply; the other splits have the micro families.

    Raises:
        ValueError: The split is unknown, when the first problem is taken.
    """

    def epoch(number: int) -> Iterator[Maker]:
        order = seed + EPOCH_STRIDE * number
        if split == SUPPLY:
            for each in shuffled_supply(SupplyPart.TRAIN, order, difficulty=level, families=families):
                if each.id not in held_out:
                    yield partial(problem_of, each)
            return
        for spec in shuffled_specs(split, order):
            if level in (None, spec.cell.family.difficulty) and spec.id not in held_out:
                yield partial(make_problem, spec)

    return ProblemStream(epoch)


def family_levels(
    split: Split | str, families: Sequence[str] = FAMILY_NAMES
) -> dict[str, tuple[Difficulty, ...]]:
    """Return the difficulties of the problems of each family in a split."""
    if split != SUPPLY:
        return {family.name: (family.difficulty,) for family in FAMILIES}
    part = SupplyPart.TRAIN
    return {name: tuple(level for level in LEVELS if supply_specs(name, part, level)) for name in families}


def check_selection(problem: Problem, coverage: float) -> None:
    """Raise TrainingError when a coverage selects fewer than two tests of a problem."""
    tests = len(problem.tests)
    selected = coverage_count(coverage, tests)
    if not has_enough_tests(problem, coverage):
        raise TrainingError(
            f"coverage {coverage!r} selects {selected} of {tests} tests of {problem.id!r}: a reward from a "
            f"single test is mostly luck; use a coverage above {1 / tests:.3f}"
        )


def has_enough_tests(problem: Problem, coverage: float) -> bool:
    """Return whether a coverage selects at least `FEWEST_TESTS` tests of a problem.

    Tasks whose answer is a literal or the number of a program always have enough: their one test is the
    answer.
    """
    if METADATA in problem.metadata or asks_for_literal(problem):
        return True
    return coverage_count(coverage, len(problem.tests)) >= FEWEST_TESTS
