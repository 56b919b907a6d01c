"""Sums over the weights of a merge and its parents, and the figures that follow from them.

The *anchor* is the base, or the first parent without a base; the *changes* are the differences from the
anchor. All sums are float64 and do not depend on chunks or threads beyond the order of a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..checkpoints.formats import BFLOAT16, Bits, FloatFormat, Values, round_nearest

Counts = NDArray[np.int64]
CHANGED, BELOW, DEAD, ONE_UNIT = range(4)
"""Columns of the counts of a change."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Sums over weights for a merge with n points (the parents without the anchor); sums can be added."""

    weights: int
    not_finite: int
    """Number of weights of the merge that are not finite; the other sums leave them out."""
    gram: Values
    """float64 [1 + n, 1 + n]: inner products of the changes of the merge and of the points."""
    squares: Values
    """float64 [2 + n]: squared norms of the merge, the anchor and the points."""
    distances: Values
    """float64 [1 + n]: squared distances of the merge from the anchor and from the points."""
    apart: Values
    """float64 [pairs]: squared distances between parents, by `pairs_of`."""
    identical: Counts
    """int [1 + n]: number of weights of the merge that equal the anchor and the points to the bit."""
    counts: Counts
    """int [1 + n, 4]: of the changes of the merge and of the points, the number of weights that differ from
    the anchor; that differ by less than half a unit; that are equal to it after rounding; and that differ by
    one unit after rounding. The unit is that of a 16-bit format at the anchor."""

    def __add__(self, other: Sums) -> Sums:
        """Return the sums over the weights of both."""
        return Sums(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__}
        )


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the sums say about a merge; None where there is no answer, as for the angle of a zero change."""

    weights: int
    not_finite: int
    norm: float
    """Euclidean norm of the merge."""
    anchor_norm: float
    parent_norms: tuple[float, ...]
    change_norm: float
    """Norm of the merge's change, merge - anchor."""
    parent_change_norms: tuple[float, ...]
    relative_change: float | None
    """Norm of the merge's change divided by the norm of the anchor."""
    cosines: tuple[float | None, ...]
    """Cosine of the angle between the merge's change and the change of each parent."""
    parent_cosines: tuple[float | None, ...]
    """Cosine of the angle between the changes of two parents, for each pair in order."""
    distances: tuple[float | None, ...]
    """Distance of the merge from each parent, divided by the largest distance between two parents."""
    coefficients: tuple[float, ...] | None
    """Effective coefficients: the change of the merge as a sum of the parents' changes, by least squares."""
    effective_alpha: float | None
    """Place of the merge along the line from the first parent (0) to the second parent (1)."""
    outside: float | None
    """Norm of the part of the merge's change outside of the span of the parents' changes, as a share."""
    noise_gain: float | None
    """Norm of the coefficients of all checkpoints, the anchor included: independent rounding errors of the
    parents reach the merge multiplied by it."""
    identical: tuple[float, ...]
    """Share of the merge's weights that equal each parent to the bit."""
    changed: float
    """Share of the weights that the merge changes."""
    below_resolution: float | None
    """Share of the merge's changed weights whose change is below half a unit of the 16-bit format."""
    parent_below_resolution: float | None
    """The same share over the changes of the parents."""
    dead_zone: float | None
    """Share of the parents' changed weights that equal the anchor once both are rounded to 16 bits."""
    one_unit: float | None
    """Share of the parents' changed weights that are one unit away from the anchor in 16 bits."""


def pairs_of(parents: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs of parents, by index."""
    return tuple(combinations(range(parents), 2))


def sum_up(
    merge: Values,
    anchor: Values,
    points: Sequence[Values],
    *,
    bits: Sequence[Bits],
    anchor_is_parent: bool,
    form: FloatFormat,
) -> Sums:
    """Return the sums over a block of weights.

    Args:
        merge: float64 [N].
        anchor: float64 [N].
        points: float64 [N] each: the parents, without the anchor.
        bits: Bits [N] of the merge, the anchor and the points in the format of the merge.
        anchor_is_parent: Whether the anchor is the first parent, and not a base.
        form: Format of the merge; the resolution is that of bfloat16 if it has 32 bits.

    Raises:
        ValueError: The numbers of points and bits do not match.
    """
    if len(bits) != 2 + len(points):
        raise ValueError(f"{len(points)} points need {2 + len(points)} arrays of bits, got {len(bits)}")
    finite = np.isfinite(merge)
    not_finite = len(merge) - int(np.count_nonzero(finite))
    if not_finite:
        merge, anchor = merge[finite], anchor[finite]
        points, bits = [point[finite] for point in points], [each[finite] for each in bits]
    changes = [merge - anchor, *(point - anchor for point in points)]
    parents = [anchor, *points] if anchor_is_parent else list(points)
    return Sums(
        weights=len(finite),
        not_finite=not_finite,
        gram=np.array([[_dot(left, right) for right in changes] for left in changes]),
        squares=np.array([_dot(each, each) for each in (merge, anchor, *points)]),
        distances=np.array([_square(merge - each) for each in (anchor, *points)]),
        apart=np.array([_square(parents[i] - parents[j]) for i, j in pairs_of(len(parents))]),
        identical=np.array([np.count_nonzero(bits[0] == each) for each in bits[1:]], np.int64),
        counts=np.array([count_change(point, anchor, form) for point in (merge, *points)], np.int64),
    )


def count_change(point: Values, anchor: Values, form: FloatFormat) -> tuple[int, int, int, int]:
    """Count the weights of a change: changed, below half a unit, equal and one unit apart after rounding.

    Args:
        point: float64 [N].
        anchor: float64 [N].
        form: The 16-bit format whose units count; bfloat16 in place of a 32-bit format.
    """
    short = form if form.short else BFLOAT16
    changed = point != anchor
    below = changed & (np.abs(point - anchor) < unit_of(anchor, short) / 2)
    steps = np.abs(_ladder(point, short) - _ladder(anchor, short))
    counts = (changed, below, changed & (steps == 0), changed & (steps == 1))
    first, second, third, fourth = (int(np.count_nonzero(each)) for each in counts)
    return first, second, third, fourth


def unit_of(values: Values, form: FloatFormat) -> Values:
    """Return the distance between the numbers of a 16-bit format at values: float64 [N]."""
    mantissa, smallest = (7, -126) if form is BFLOAT16 else (10, -14)
    # The exponent of 0 is 0 for frexp, but the numbers next to 0 are the smallest ones.
    exponents = np.where(values == 0, smallest, np.maximum(np.frexp(values)[1] - 1, smallest))
    return np.asarray(np.ldexp(1.0, exponents - mantissa))


def figures(sums: Sums, *, anchor_is_parent: bool) -> Figures:
    """Return the figures of a merge.

    Args:
        sums: Sums over a tensor or over all tensors.
        anchor_is_parent: Whether the anchor is the first parent, and not a base.
    """
    norms = np.sqrt(np.diag(sums.gram))
    lengths = np.sqrt(sums.squares)
    skip = 0 if anchor_is_parent else 1
    counted = max(sums.weights - sums.not_finite, 1)
    coefficients = _coefficients(sums.gram)
    largest = float(np.sqrt(sums.apart.max())) if len(sums.apart) else float(norms[1:].max(initial=0.0))
    points = range(1, len(norms))
    merge, parents = sums.counts[0], sums.counts[1:].sum(axis=0)
    return Figures(
        weights=sums.weights,
        not_finite=sums.not_finite,
        norm=float(lengths[0]),
        anchor_norm=float(lengths[1]),
        parent_norms=tuple(map(float, lengths[1 + skip :])),
        change_norm=float(norms[0]),
        parent_change_norms=tuple(map(float, norms[1:])),
        relative_change=_ratio(norms[0], lengths[1]),
        cosines=tuple(_ratio(sums.gram[0, i], norms[0] * norms[i]) for i in points),
        parent_cosines=tuple(
            _ratio(sums.gram[i, j], norms[i] * norms[j]) for i, j in combinations(points, 2)
        ),
        distances=tuple(_ratio(np.sqrt(each), largest) for each in sums.distances[skip:]),
        coefficients=coefficients,
        effective_alpha=_alpha(sums, anchor_is_parent=anchor_is_parent),
        outside=_outside(sums.gram, coefficients),
        noise_gain=noise_gain(coefficients) if coefficients else None,
        identical=tuple(float(each) / counted for each in sums.identical[skip:]),
        changed=float(merge[CHANGED]) / counted,
        below_resolution=_ratio(merge[BELOW], merge[CHANGED]),
        parent_below_resolution=_ratio(parents[BELOW], parents[CHANGED]),
        dead_zone=_ratio(parents[DEAD], parents[CHANGED]),
        one_unit=_ratio(parents[ONE_UNIT], parents[CHANGED]),
    )


def noise_gain(coefficients: Sequence[float]) -> float:
    """Return the norm of the coefficients of all checkpoints: those given, and the rest for the anchor."""
    return float(np.sqrt(sum(each**2 for each in coefficients) + (1 - sum(coefficients)) ** 2))


def _coefficients(gram: Values) -> tuple[float, ...] | None:
    if not np.diag(gram)[1:].any():
        return None
    # Least squares, because the changes may be linearly dependent.
    return tuple(map(float, np.linalg.lstsq(gram[1:, 1:], gram[1:, 0])[0]))


def _alpha(sums: Sums, *, anchor_is_parent: bool) -> float | None:
    """Return the place of the projection of the merge on the line from the first to the second parent."""
    if len(sums.apart) != 1 or not sums.apart[0]:
        return None
    first, second = sums.distances if anchor_is_parent else sums.distances[1:]
    return float((first - second) / sums.apart[0] + 1) / 2


def _outside(gram: Values, coefficients: tuple[float, ...] | None) -> float | None:
    if coefficients is None or not gram[0, 0]:
        return None
    weights = np.array([1.0, *(-each for each in coefficients)])
    return float(np.sqrt(max(weights @ gram @ weights, 0.0) / gram[0, 0]))


def _ladder(values: Values, form: FloatFormat) -> NDArray[np.int32]:
    """Return the place of each value among the numbers of a 16-bit format, in order and with 0 for zero."""
    bits = round_nearest(values, form).astype(np.int32)
    size = bits & 0x7FFF
    return np.where(bits & 0x8000, -size, size)


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _dot(left: Values, right: Values) -> float:
    # einsum does not use BLAS, whose sums depend on the number of threads.
    return float(np.einsum("i,i->", left, right))


def _square(values: Values) -> float:
    return _dot(values, values)
