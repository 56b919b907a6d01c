"""The correctness-efficiency frontier: a table of checkpoints, and a gate for extrapolated checkpoints.

The gate is ours; the frontier is from arXiv 2605.28751.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ...agents import EpisodeRecord
from .outcomes import (
    BROKEN,
    CORRECTNESS,
    OPTIMIZATION,
    OUTCOMES,
    SOLVED,
    LimitSelection,
    PointCounts,
    count_point,
    shared_problems,
    weak_problems,
)
from .statistics import (
    Floats,
    Interval,
    ensemble_pass,
    mean_interval,
    paired_interval,
    pass_at_k,
    ratio_interval,
    resampling_weights,
)
from .tally import Truncated

CLASSES = {"correctness": CORRECTNESS, "optimization": OPTIMIZATION, "broken": BROKEN}
"""Sums of outcomes that the table shows in addition to the single outcomes."""


@dataclass(frozen=True, kw_only=True)
class CheckpointPoint:
    """A checkpoint on the frontier."""

    name: str
    alpha: float | None = None
    """Place on the line from low (0) to high (1) coverage; None for a checkpoint off that line."""
    trained: bool = False
    """Whether the checkpoint was trained, rather than merged."""

    def __post_init__(self) -> None:
        if self.alpha is not None and not math.isfinite(self.alpha):
            raise ValueError(f"alpha must be a finite number, got {self.alpha!r}")

    @property
    def extrapolated(self) -> bool:
        """Whether the checkpoint lies outside of the two trained checkpoints."""
        return self.alpha is not None and not 0 <= self.alpha <= 1


@dataclass(frozen=True, kw_only=True)
class PointSummary:
    """A line of the table; every interval is a 95 % interval over problems."""

    point: CheckpointPoint
    problems: int
    """Number of problems with an episode that counts at every checkpoint; the figures are about these."""
    episodes: int
    """Number of episodes that count."""
    invalid: int
    """Number of invalid episodes, over all problems; they are left out of everything else."""
    truncated: int
    """Number of episodes whose last reply was cut by the token limit, over all problems."""
    rates: Mapping[str, Interval]
    """Share of episodes by outcome, and for `correctness`, `optimization`, `broken` (RTE, CE, no code)."""
    pass_at: Mapping[int, Interval]
    """pass@k by k."""
    share_fast: Interval | None
    """Share of programs whose first line is `#fast`; None when no program states a plan."""
    solved_given_fast: Interval | None
    """Share of the `#fast` programs that are solved; None when there is no such program."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frontier:
    """Checkpoints that were evaluated on the same problems."""

    limits: LimitSelection
    truncated: Truncated
    """Whether truncated episodes count as not solved, or are left out of the counts."""
    problems: tuple[str, ...]
    """Ids of the problems with an episode that counts at every checkpoint."""
    dropped: tuple[str, ...]
    """Ids of the problems without such an episode at some checkpoint."""
    counts: Mapping[CheckpointPoint, PointCounts] = field(repr=False)
    """Counts on `problems`, in the order of alpha; checkpoints without an alpha come last."""
    weights: Floats = field(repr=False)
    """float64 [R, P]: weights of the bootstrap, shared by all comparisons. Under mixed limits, problems with
    weak tests and problems with strong tests are drawn separately, if there are at least 2 of each."""

    @property
    def budget(self) -> int:
        """The number of samples that every problem has at every checkpoint: the largest possible k."""
        return int(min(counts.samples.min() for counts in self.counts.values()))

    @property
    def ks(self) -> tuple[int, ...]:
        """The powers of 2 up to the budget, and the budget."""
        powers = [2**power for power in range(self.budget.bit_length())]
        return tuple(sorted({*powers, self.budget}))

    def at(self, alpha: float) -> PointCounts:
        """Return the counts at an alpha.

        Raises:
            ValueError: No checkpoint has this alpha.
        """
        for point, counts in self.counts.items():
            if point.alpha == alpha:
                return counts
        raise ValueError(f"no checkpoint at alpha {alpha!r}, there are {self.alphas}")

    def named(self, name: str) -> PointCounts | None:
        """Return the counts of the checkpoint of a name; None if there is none."""
        return next((counts for point, counts in self.counts.items() if point.name == name), None)

    @property
    def alphas(self) -> tuple[float, ...]:
        """The alphas of all checkpoints that have one, ascending."""
        return tuple(point.alpha for point in self.counts if point.alpha is not None)

    def change(self, first: float, second: float, *outcomes: str) -> Interval:
        """Return how much the share of these outcomes grows between two alphas, paired by problem."""
        return paired_interval(self.at(first).rate(*outcomes), self.at(second).rate(*outcomes), self.weights)

    def ensemble(self, alphas: Sequence[float], k: int) -> Interval:
        """Return pass@k of an ensemble whose members share the k samples equally.

        Samples that are left over go to the first members.

        Raises:
            ValueError: There are no members, or no checkpoint has one of the alphas.
        """
        if not alphas:
            raise ValueError("an ensemble needs at least one alpha")
        members = [self.at(alpha).solve_counts for alpha in alphas]
        shares = [k // len(members) + (place < k % len(members)) for place in range(len(members))]
        return mean_interval(ensemble_pass(members, shares), self.weights)

    def table(self) -> list[PointSummary]:
        """Return a line per checkpoint."""
        return [self._summary(point) for point in self.counts]

    def _summary(self, point: CheckpointPoint) -> PointSummary:
        counts, weights = self.counts[point], self.weights
        groups = {**{name: (name,) for name in OUTCOMES}, **CLASSES}
        share_fast = solved_given_fast = None
        if counts.fast is not None and counts.fast_solved is not None:
            share_fast = mean_interval(counts.fast / counts.samples, weights)
            solved_given_fast = ratio_interval(counts.fast_solved, counts.fast, weights)
        return PointSummary(
            point=point,
            problems=len(self.problems),
            episodes=int(counts.samples.sum()),
            invalid=counts.invalid,
            truncated=counts.truncated,
            rates={name: mean_interval(counts.rate(*parts), weights) for name, parts in groups.items()},
            pass_at={
                k: mean_interval(pass_at_k(counts.samples, counts.outcomes[SOLVED], k), weights)
                for k in self.ks
            },
            share_fast=share_fast,
            solved_given_fast=solved_given_fast,
        )


def make_frontier(
    points: Mapping[CheckpointPoint, Sequence[EpisodeRecord]],
    rng: np.random.Generator,
    *,
    limits: LimitSelection = LimitSelection.FULL,
    truncated: Truncated = "count",
) -> Frontier:
    """Count the episodes of checkpoints on the problems that every checkpoint has episodes of.

    Args:
        points: Records of each checkpoint that were judged on all tests, without stopping early.
        rng: Generator that draws the bootstrap.
        limits: Full or mixed limits; under mixed limits every second problem accepts a correct but slow
            program.
        truncated: Whether episodes whose last reply was cut by the token limit count as not solved, or are
            left out.

    Raises:
        ValueError: There is no checkpoint, there are fewer than 2 shared problems, an alpha occurs twice, a
            vector of runs is not full, or checkpoints were evaluated on different versions of a problem.
    """
    alphas = [point.alpha for point in points if point.alpha is not None]
    if not points or len(set(alphas)) < len(alphas):
        raise ValueError(f"there must be at least 1 checkpoint and at most 1 per alpha, got alphas {alphas}")
    weak = weak_problems(points.values())
    ordered = sorted(points, key=lambda point: (point.alpha is None, point.alpha or 0.0, point.name))
    counted = {
        point: count_point(points[point], limits=limits, weak=weak, truncated=truncated) for point in ordered
    }
    problems = shared_problems(counted.values())
    if len(problems) < 2:
        raise ValueError(
            f"every checkpoint must have valid episodes of the same 2 problems, got {list(problems)}"
        )
    chosen = {point: counts.on(problems) for point, counts in counted.items()}
    if len({counts.digests for counts in chosen.values()}) > 1:
        raise ValueError("checkpoints were evaluated on different versions of a problem: digests differ")
    known = {episode.problem_id for episodes in points.values() for episode in episodes}
    return Frontier(
        limits=limits,
        truncated=truncated,
        problems=problems,
        dropped=tuple(sorted(known - set(problems))),
        counts=chosen,
        weights=resampling_weights(len(problems), rng, strata=_strata(problems, weak, limits)),
    )


def _strata(
    problems: Sequence[str], weak: frozenset[str], limits: LimitSelection
) -> tuple[NDArray[np.int64], ...]:
    """Return the places of the strong and of the weak problems, for a stratified bootstrap.

    Under mixed limits the numbers of both are fixed by design, so they must not vary between the draws.
    """
    if limits is LimitSelection.FULL:
        return ()
    is_weak = np.array([name in weak for name in problems])
    strata = (np.flatnonzero(~is_weak), np.flatnonzero(is_weak))
    return strata if min(map(len, strata)) >= 2 else ()


class GateVerdict(StrEnum):
    """The gate's decision about an extrapolated checkpoint."""

    EXTENSION = "extension"
    """The failures that are rarer at the nearer end keep falling, and broken programs do not increase."""
    DAMAGE = "damage"
    """Broken programs increase by more than their interval."""
    NO_EXTENSION = "no extension"
    """Neither an extension nor damage: the trend does not continue beyond its interval."""


@dataclass(frozen=True, kw_only=True)
class GateFinding:
    """The gate's decision about one extrapolated checkpoint, with its numbers."""

    alpha: float
    end: float
    """Alpha of the nearer trained checkpoint: 0 or 1."""
    watched: str
    """Class of failures that is rarer at the nearer end: `optimization` above 1, `correctness` below 0."""
    verdict: GateVerdict
    trend: Interval
    """Change of the watched failures from the farther to the nearer trained checkpoint."""
    watched_change: Interval
    """Change of the watched failures beyond the nearer end."""
    broken_change: Interval
    """Change of RTE + CE + no code beyond the nearer end."""
    solved_change: Interval
    """Change of the solve rate beyond the nearer end."""


def gate(frontier: Frontier, alpha: float) -> GateFinding:
    """Decide whether an extrapolated checkpoint extends the frontier or is damaged.

    In a damaged model both failure rates may fall, because a program that crashes early neither exceeds its
    time limit nor gives a wrong answer. So the gate looks at broken programs first.

    Raises:
        ValueError: The alpha is in [0, 1], or no checkpoint has this alpha, alpha 0 or alpha 1.
    """
    if 0 <= alpha <= 1:
        raise ValueError(f"alpha must be outside of [0, 1], got {alpha!r}")
    end, far_end = (1.0, 0.0) if alpha > 1 else (0.0, 1.0)
    watched = "optimization" if alpha > 1 else "correctness"
    trend = frontier.change(far_end, end, *CLASSES[watched])
    watched_change = frontier.change(end, alpha, *CLASSES[watched])
    broken_change = frontier.change(end, alpha, *BROKEN)
    if broken_change.positive:
        verdict = GateVerdict.DAMAGE
    elif trend.negative and watched_change.negative:
        verdict = GateVerdict.EXTENSION
    else:
        verdict = GateVerdict.NO_EXTENSION
    return GateFinding(
        alpha=alpha,
        end=end,
        watched=watched,
        verdict=verdict,
        trend=trend,
        watched_change=watched_change,
        broken_change=broken_change,
        solved_change=frontier.change(end, alpha, SOLVED),
    )
