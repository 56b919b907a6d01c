"""Polynomials through the checkpoints of a run, weight by weight, as rows of factors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..errors import MergeError
from ..kernel import Row


def polynomial_row(
    positions: Sequence[float], target: float, *, degree: int = 1, through_base: bool = False
) -> Row:
    """Return the factors of the checkpoints in a least-squares polynomial of each weight at a target.

    The fit is linear in the weights, so the same factors hold for all of them. If `degree` is one less
    than the number of points, the polynomial goes through all points.

    Args:
        positions: Distinct positions of the base and of the checkpoints, such as steps; the base is first.
        target: Position of the prediction.
        degree: Degree of the polynomial.
        through_base: Whether the polynomial has to go through the base, which halves the noise that a line
            takes over from the checkpoints.

    Returns:
        A factor per checkpoint after the base; the factor of the base is 1 minus their sum.

    Raises:
        MergeError: Positions are equal or not finite, or too few for the degree.
    """
    places = [float(each) for each in positions]
    if not all(map(math.isfinite, [*places, target])):
        raise MergeError(f"positions and target must be finite, got {places!r} and {target!r}")
    if len(set(places)) < len(places):
        raise MergeError(f"positions must be distinct, got {places!r}")
    if degree < 0 or len(places) <= degree:
        raise MergeError(f"degree must be at least 0 and below the {len(places)} points, got {degree!r}")
    if through_base and degree < 1:
        raise MergeError("a constant cannot go through the base and fit others: degree must be at least 1")
    # Scaled, so that powers of thousands of steps do not spoil the solution.
    scale = max(abs(place - places[0]) for place in places) or 1.0
    at = (np.array(places) - places[0]) / scale
    powers = np.arange(1 if through_base else 0, degree + 1)
    wanted = ((target - places[0]) / scale) ** powers
    if through_base:  # the differences from the base are fitted, without a constant
        factors = wanted @ np.linalg.pinv(at[1:, None] ** powers)
        return tuple(map(float, factors))
    factors = wanted @ np.linalg.pinv(at[:, None] ** powers)
    return tuple(map(float, factors[1:]))


def noise_gain(row: Row, *, scale: float = 1.0) -> float:
    """Return the norm of all factors of a merge, by which independent noise of the parents is multiplied.

    Args:
        row: Factors of the differences from the first parent.
        scale: Factor of the first parent in `LinearBlend`.
    """
    return math.hypot(scale - math.fsum(row), *row)
