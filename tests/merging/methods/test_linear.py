"""Weighted sums and fits against their definitions in float64."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.methods.fits import noise_gain, polynomial_row
from codefrontier.merging.methods.method import WeightedSum, same_row

Arrays = dict[str, np.ndarray]
Merge = Callable[..., Arrays]


def settings(*values: float) -> tuple[Callable[[str], float], ...]:
    return tuple(lambda name, value=value: value for value in values)


@pytest.mark.parametrize("weights", [(0.2, 0.3, 0.5), (2.0, -1.5, 0.5), (1.0, 1.0, 1.0), (0.0, 0.0, 3.0)])
def test_a_normalised_sum_is_that_of_the_parents(
    weights: tuple[float, ...], merge: Merge, make_parents: Callable[..., list[Arrays]]
) -> None:
    parents = make_parents(3)
    merged = merge(parents, WeightedSum(weights=settings(*weights)))
    for name, values in merged.items():
        expected = sum(weight * parent[name] for weight, parent in zip(weights, parents, strict=True)) / sum(
            weights
        )
        np.testing.assert_allclose(values, expected, rtol=6.1e-8)  # rounded once


def test_a_sum_that_is_not_normalised_scales_the_parents(
    merge: Merge, make_parents: Callable[..., list[Arrays]]
) -> None:
    parents = make_parents(2)
    merged = merge(parents, WeightedSum(weights=settings(0.5, 0.25), normalize=False))
    for name, values in merged.items():
        np.testing.assert_allclose(values, 0.5 * parents[0][name] + 0.25 * parents[1][name], rtol=1e-7)


def test_weights_that_sum_to_one_by_rounding_leave_equal_parents_equal(
    merge: Merge, make_parents: Callable[..., list[Arrays]]
) -> None:
    parents = [make_parents(1)[0]] * 3
    merged = merge(parents, WeightedSum(weights=settings(0.1, 0.2, 0.7), normalize=False))
    for name, values in merged.items():
        np.testing.assert_array_equal(values, parents[0][name])


def test_weights_by_name_of_the_tensor(merge: Merge, make_parents: Callable[..., list[Arrays]]) -> None:
    parents = make_parents(2)
    high = WeightedSum(weights=(lambda name: float(name == "bias"), lambda name: float(name != "bias")))
    merged = merge(parents, high)
    np.testing.assert_array_equal(merged["bias"], parents[0]["bias"])
    np.testing.assert_array_equal(merged["matrix"], parents[1]["matrix"])


def test_weights_that_cancel_out_cannot_be_normalised(
    merge: Merge, make_parents: Callable[..., list[Arrays]]
) -> None:
    with pytest.raises(MergeError, match="sum to 0"):
        merge(make_parents(2), WeightedSum(weights=settings(1, -1)))


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("target", [40.0, 120.0, 7.5])
def test_a_polynomial_is_that_of_least_squares(
    degree: int, target: float, merge: Merge, make_parents: Callable[..., list[Arrays]]
) -> None:
    parents, steps = make_parents(4), [0.0, 10.0, 25.0, 40.0]
    merged = merge(parents, same_row(polynomial_row(steps, target, degree=degree)))
    for name, values in merged.items():
        stacked = np.stack([parent[name].ravel() for parent in parents])
        expected = np.array([np.polyval(np.polyfit(steps, column, degree), target) for column in stacked.T])
        np.testing.assert_allclose(values.ravel(), expected, rtol=1e-5, atol=1e-5)


def test_a_line_through_the_base_halves_the_noise() -> None:
    steps = [float(step) for step in range(21)]
    free, bound = polynomial_row(steps, 200), polynomial_row(steps, 200, through_base=True)
    assert math.hypot(*bound) == pytest.approx(200 / math.sqrt(sum(step**2 for step in steps)))
    assert math.hypot(*bound) < 0.6 * math.hypot(*free)
    assert noise_gain(free) == pytest.approx(math.hypot(1 - sum(free), *free))
    exact = np.array([3.0 * step for step in steps[1:]]) @ np.array(bound)
    assert exact == pytest.approx(600)


@pytest.mark.parametrize(
    ("positions", "target", "degree", "message"),
    [
        ([0, 1], 2, 2, "degree must be at least 0 and below the 2 points, got 2"),
        ([0, 1, 1], 2, 1, "distinct"),
        ([0, 1], float("inf"), 1, "finite"),
        ([0, 1], 2, -1, "got -1"),
    ],
)
def test_positions_are_checked(positions: list[float], target: float, degree: int, message: str) -> None:
    with pytest.raises(MergeError, match=message):
        polynomial_row(positions, target, degree=degree)
