"""Each figure against a case worked by hand, and all of them against float64 vectors held as a whole."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from codefrontier.merging.checkpoints.formats import BFLOAT16, FLOAT16, FLOAT32, round_nearest, widen
from codefrontier.merging.doctor.figures import (
    Figures,
    count_change,
    figures,
    noise_gain,
    sum_up,
    unit_of,
)


def _figures(merge: object, anchor: object, *points: object, parent: bool = True) -> Figures:
    arrays = [np.asarray(each, np.float64) for each in (merge, anchor, *points)]
    bits = [round_nearest(each, FLOAT32) for each in arrays]
    sums = sum_up(arrays[0], arrays[1], arrays[2:], bits=bits, anchor_is_parent=parent, form=FLOAT32)
    return figures(sums, anchor_is_parent=parent)


def test_norms_cosines_and_distances_by_hand() -> None:
    """The base is the origin of the changes: (3, 4) for one parent, (4, -3) for the other, (3, 0) merged."""
    found = _figures([4, 1], [1, 1], [4, 5], [5, -2], parent=False)
    assert found.norm == pytest.approx(np.sqrt(17))
    assert found.anchor_norm == pytest.approx(np.sqrt(2))
    assert found.parent_norms == pytest.approx((np.sqrt(41), np.sqrt(29)))
    assert found.change_norm == 3
    assert found.parent_change_norms == (5, 5)
    assert found.relative_change == pytest.approx(3 / np.sqrt(2))
    assert found.cosines == pytest.approx((0.6, 0.8))
    assert found.parent_cosines == pytest.approx((0,))
    # The parents are sqrt(50) apart; the merge is 4 and sqrt(10) away from them.
    assert found.distances == pytest.approx((4 / np.sqrt(50), np.sqrt(10 / 50)))
    assert found.coefficients == pytest.approx((0.36, 0.48))
    assert found.outside == pytest.approx(0, abs=1e-7)
    assert found.noise_gain == pytest.approx(np.sqrt(0.36**2 + 0.48**2 + 0.16**2))
    # The projection on the line from the first parent to the second: (0 - 4) * -7 + -1 ... by dot products.
    line = np.array([1.0, -7.0])
    assert found.effective_alpha == pytest.approx(np.dot([0, -4], line) / 50)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0, 1.5, -0.5])
def test_the_effective_alpha_of_an_exact_merge_is_the_requested_one(alpha: float) -> None:
    random = np.random.default_rng(0)
    low, high = random.normal(size=(2, 1000))
    found = _figures(low + alpha * (high - low), low, high)
    assert found.effective_alpha == pytest.approx(alpha, abs=1e-12)
    assert found.coefficients == pytest.approx((alpha,), abs=1e-12)
    assert found.distances == pytest.approx((abs(alpha), abs(1 - alpha)), abs=1e-12)
    assert found.noise_gain == pytest.approx(np.hypot(alpha, 1 - alpha))
    assert found.outside in (None, pytest.approx(0, abs=1e-6))


def test_the_noise_gain_is_the_growth_of_independent_errors() -> None:
    random = np.random.default_rng(0)
    errors = random.normal(size=(3, 200_000))
    coefficients = (1.5, -0.7)
    merged = errors[0] + sum(c * (e - errors[0]) for c, e in zip(coefficients, errors[1:], strict=True))
    assert noise_gain(coefficients) == pytest.approx(merged.std(), rel=0.01)
    assert noise_gain((0.5,)) == pytest.approx(np.sqrt(0.5)), "a mean of two halves the variance"


def test_units_by_hand() -> None:
    values = np.array([1.0, 1.99, 2.0, -3.0, 0.02, 0.0])
    assert unit_of(values, BFLOAT16).tolist() == [
        2.0**-7, 2.0**-7, 2.0**-6, 2.0**-6, 2.0**-13, 2.0**-133
    ]  # fmt: skip
    assert unit_of(np.array([1.0, 2.0**-20]), FLOAT16).tolist() == [2.0**-10, 2.0**-24]


def test_changes_are_counted_by_hand() -> None:
    """At 1 the unit of bfloat16 is 2^-7 = 0.0078125."""
    unit = 2.0**-7
    anchor = np.ones(7) + np.array([0, 0, 0, 0, 0, 0, 0.45 * unit])
    steps = np.array([0, 0.2, 0.5, 0.8, 1, 3, 0.1]) * unit
    # Changed: all but the first. Below half a unit: 0.2 and 0.1. Gone: 0.2, and 0.5, a tie to even. One unit:
    # 0.8 and 1, and the change of 0.1 that crosses the middle between two numbers.
    assert count_change(anchor + steps, anchor, FLOAT32) == (6, 2, 2, 3)
    assert count_change(anchor + steps, anchor, BFLOAT16) == (6, 2, 2, 3)


def test_a_change_over_zero_is_counted_in_steps() -> None:
    smallest = widen(np.array([1], "<u2"), BFLOAT16)
    assert count_change(smallest, -smallest, BFLOAT16)[3] == 0, "two steps, over zero"
    assert count_change(smallest, 0 * smallest, BFLOAT16)[3] == 1


def _reference(merge: np.ndarray, anchor: np.ndarray, points: list[np.ndarray]) -> dict[str, object]:
    """The figures by their definitions, on whole vectors, for an anchor that is the first parent."""
    parents = [anchor, *points]
    changes = np.array([each - anchor for each in points])
    change = merge - anchor
    norm = np.linalg.norm
    weights = np.linalg.lstsq(changes.T, change)[0]
    apart = max(norm(a - b) for a, b in combinations(parents, 2))
    return {
        "norm": norm(merge),
        "anchor_norm": norm(anchor),
        "parent_norms": [norm(each) for each in parents],
        "change_norm": norm(change),
        "parent_change_norms": norm(changes, axis=1),
        "relative_change": norm(change) / norm(anchor),
        "cosines": [change @ each / norm(change) / norm(each) for each in changes],
        "parent_cosines": [a @ b / norm(a) / norm(b) for a, b in combinations(changes, 2)],
        "distances": [norm(merge - each) / apart for each in parents],
        "coefficients": weights,
        "outside": norm(change - weights @ changes) / norm(change),
        "noise_gain": np.sqrt(np.sum(weights**2) + (1 - weights.sum()) ** 2),
        "changed": np.mean(merge != anchor),
    }


@pytest.mark.parametrize("parents", [2, 3, 4])
def test_sums_over_pieces_give_the_figures_of_whole_vectors(parents: int, kit: SimpleNamespace) -> None:
    random = np.random.default_rng(parents)
    size = 6000
    anchor = kit.round_exactly(random.normal(0, 0.02, size), "F32")
    points = [kit.round_exactly(anchor + random.normal(0, 1e-4, size), "F32") for _ in range(parents - 1)]
    merge = kit.round_exactly(anchor + sum(0.6 * (each - anchor) for each in points), "BF16")
    sums = None
    for first in range(0, size, 701):
        part = slice(first, first + 701)
        arrays = [merge[part], anchor[part], *(each[part] for each in points)]
        bits = [round_nearest(each, BFLOAT16) for each in arrays]
        piece = sum_up(arrays[0], arrays[1], arrays[2:], bits=bits, anchor_is_parent=True, form=BFLOAT16)
        sums = piece if sums is None else sums + piece
    assert sums is not None
    found = figures(sums, anchor_is_parent=True)
    for name, expected in _reference(merge, anchor, points).items():
        assert getattr(found, name) == pytest.approx(expected, rel=1e-9), name
    assert found.weights == size
    rounded = [round_nearest(each, BFLOAT16) for each in (merge, anchor, *points)]
    for share, each in zip(found.identical, rounded[1:], strict=True):
        assert share == np.mean(rounded[0] == each)
    assert (found.effective_alpha is None) == (parents > 2)


def test_weights_that_are_not_finite_are_counted_and_left_out() -> None:
    found = _figures([1.0, np.nan, np.inf, 3.0], [1.0, 1, 1, 1], [1.0, 9, 9, 5])
    assert (found.weights, found.not_finite) == (4, 2)
    assert found.effective_alpha == 0.5


def test_equal_checkpoints_have_no_angles() -> None:
    found = _figures([1.0, 2], [1.0, 2], [1.0, 2])
    assert (found.cosines, found.coefficients, found.effective_alpha, found.noise_gain) == (
        (None,), None, None, None
    )  # fmt: skip
    assert (found.changed, found.below_resolution, found.dead_zone) == (0, None, None)
    assert found.identical == (1, 1)


def test_points_and_bits_must_match() -> None:
    one = np.ones(1)
    with pytest.raises(ValueError, match="1 points need 3 arrays of bits, got 2"):
        sum_up(one, one, [one], bits=[one, one], anchor_is_parent=True, form=FLOAT32)  # type: ignore[list-item]
