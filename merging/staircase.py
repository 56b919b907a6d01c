"""Tell a sweep whose merges really differ from one that rounding turned into a staircase.

An RL step changes a bfloat16 weight by 0 or one unit in the last place, so alpha times that, rounded to
nearest, is 0 or one unit again: alpha 1.1 and 1.25 both give high. Whoever compares them compares one
checkpoint with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .census import Pair

MOST_IDENTICAL = 0.99
"""Of the weights in which the parents differ, neighbours may share at most this part."""
LARGEST_STEP_ERROR = 0.5
"""Between neighbours the effective alpha must grow by what was asked, within this part of it."""
LOW, HIGH = 0, 1


@dataclass(frozen=True, kw_only=True)
class Point:
    """A checkpoint on the line: a parent or a merge."""

    index: int
    """Among the points of the pass: 0 is low, 1 is high, then the merges."""
    alpha: float


@dataclass(frozen=True, kw_only=True)
class Step:
    """Two neighbours on the line, by alpha, and how far they are really apart."""

    lower: Point
    upper: Point
    identical: float
    """Share of all weights."""
    identical_moved: float
    """Share of the weights in which the parents differ."""
    effective: float | None
    """Difference of their effective alphas."""

    def fault(self) -> str | None:
        """Say why the two should not be compared; None when they may."""
        names = f"alpha {alpha_text(self.lower.alpha)} and {alpha_text(self.upper.alpha)}"
        if self.effective is None:
            return f"{names}: the parents hold the same weights"
        if self.identical_moved > MOST_IDENTICAL:
            return f"{names} share {self.identical_moved:.2%} of the weights in which the parents differ"
        asked = self.upper.alpha - self.lower.alpha
        if abs(self.effective - asked) > LARGEST_STEP_ERROR * asked:
            return f"{names} are {self.effective:.3g} apart in effective alpha instead of {asked:.3g}"
        return None


def alpha_text(alpha: float) -> str:
    """Return the shortest text that stands for this alpha and no other: `0.25`, `1`."""
    return repr(alpha).removesuffix(".0")


def line(alphas: Sequence[float]) -> list[Point]:
    """Return the parents and merges in order of alpha; a merge at 0 or 1 takes its parent's place."""
    points = [Point(index=index, alpha=alpha) for index, alpha in enumerate(alphas, start=2)]
    points += [
        Point(index=parent, alpha=alpha) for parent, alpha in ((LOW, 0.0), (HIGH, 1.0)) if alpha not in alphas
    ]
    return sorted(points, key=lambda point: point.alpha)


def pairs_to_compare(alphas: Sequence[float]) -> tuple[Pair, ...]:
    """Return the pairs of points that reports and steps need: merges with parents, and neighbours."""
    merges = range(2, 2 + len(alphas))
    pairs = {(parent, merge): None for merge in merges for parent in (LOW, HIGH)}
    pairs |= {(lower.index, upper.index): None for lower, upper in pairwise(line(alphas))}
    return tuple(pairs)
