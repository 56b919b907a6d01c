"""Detect sweeps in which rounding makes merges at neighbouring alphas equal.

Reinforcement changes many bfloat16 weights by one unit in the last place. Alpha times such a change, rounded
to nearest, is 0 or one unit again, so alpha 1.1 and alpha 1.25 can both give high. A comparison of such
merges would compare a checkpoint with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .census import Census, Pair

MOST_IDENTICAL = 0.99
"""Largest share of equal weights between neighbours, among the weights in which the parents differ."""
LARGEST_STEP_ERROR = 0.5
"""Largest error of the difference in effective alpha, as a share of the difference in alpha."""
LOW, HIGH = 0, 1


@dataclass(frozen=True, kw_only=True)
class Point:
    """A checkpoint on the line: a parent or a merge."""

    index: int
    """Index among the points of the pass: 0 is low, 1 is high, and the merges follow."""
    alpha: float


@dataclass(frozen=True, kw_only=True)
class Step:
    """Two neighbours on the line, ordered by alpha, and the difference between their weights."""

    lower: Point
    upper: Point
    identical: float
    """Share of equal weights among all weights."""
    identical_moved: float
    """Share of equal weights among the weights in which the parents differ."""
    effective: float | None
    """Difference between the effective alphas; None when the parents are equal."""

    def fault(self) -> str | None:
        """Return the reason why the neighbours should not be compared; None if there is none."""
        names = f"alpha {alpha_text(self.lower.alpha)} and {alpha_text(self.upper.alpha)}"
        if self.effective is None:
            return f"{names}: the parents have the same weights"
        if self.identical_moved > MOST_IDENTICAL:
            return f"{names} share {self.identical_moved:.2%} of the weights in which the parents differ"
        asked = self.upper.alpha - self.lower.alpha
        if abs(self.effective - asked) > LARGEST_STEP_ERROR * asked:
            return f"{names} are {self.effective:.3g} apart in effective alpha instead of {asked:.3g}"
        return None


def alpha_text(alpha: float) -> str:
    """Return the shortest text that identifies an alpha, for example `0.25` or `1`."""
    return repr(alpha).removesuffix(".0")


def line(alphas: Sequence[float]) -> list[Point]:
    """Return parents and merges in the order of alpha; a merge at 0 or 1 replaces the parent."""
    points = [Point(index=index, alpha=alpha) for index, alpha in enumerate(alphas, start=2)]
    points += [
        Point(index=parent, alpha=alpha) for parent, alpha in ((LOW, 0.0), (HIGH, 1.0)) if alpha not in alphas
    ]
    return sorted(points, key=lambda point: point.alpha)


def pairs_to_compare(alphas: Sequence[float]) -> tuple[Pair, ...]:
    """Return the pairs of points to compare: each merge with each parent, and neighbours on the line."""
    merges = range(2, 2 + len(alphas))
    pairs = {(parent, merge): None for merge in merges for parent in (LOW, HIGH)}
    pairs |= {(lower.index, upper.index): None for lower, upper in pairwise(line(alphas))}
    return tuple(pairs)


def measured_steps(alphas: Sequence[float], census: Census) -> list[Step]:
    """Return the steps between neighbours on the line, from the statistics of their merges.

    Args:
        alphas: Alpha of each merge.
        census: Statistics that compare the pairs of `pairs_to_compare`.
    """
    steps = []
    for lower, upper in pairwise(line(alphas)):
        pair = (lower.index, upper.index)
        first, second = (_effective_alpha(census, index) for index in pair)
        step = Step(
            lower=lower,
            upper=upper,
            identical=census.identical(pair),
            identical_moved=census.identical_moved(pair),
            effective=None if first is None or second is None else second - first,
        )
        steps.append(step)
    return steps


def _effective_alpha(census: Census, point: int) -> float | None:
    if not census.moved:
        return None
    effective = census.effective(point - 2) if point >= 2 else (float(point == HIGH),)
    return effective[0] if effective else None
