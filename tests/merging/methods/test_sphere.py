"""Merges on a sphere against vectors in memory, and their geometry."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.methods.sphere import Karcher, MultiSlerp, Slerp

Arrays = dict[str, np.ndarray]
Merge = Callable[..., Arrays]
Make = Callable[..., list[Arrays]]


def settings(*values: float) -> tuple[Callable[[str], float], ...]:
    return tuple(lambda name, value=value: value for value in values)


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


@pytest.mark.parametrize("t", [0.25, 0.5, 1.5, -0.5])
def test_slerp_turns_by_its_share_of_the_angle(t: float, merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2, scale=1.0)
    merged = merge(parents, Slerp(t=lambda name: t))
    for name, values in merged.items():
        first, second = (parent[name].ravel() for parent in parents)
        angle = math.acos(float(unit(first) @ unit(second)))
        expected = (math.sin((1 - t) * angle) * first + math.sin(t * angle) * second) / math.sin(angle)
        np.testing.assert_allclose(values.ravel(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("t", [0, 1])
@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_slerp_ends_at_the_parents_to_the_bit(t: int, scale: float, merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2, scale=scale)
    for name, values in merge(parents, Slerp(t=lambda name: t)).items():
        np.testing.assert_array_equal(values, parents[t][name])


def test_slerp_of_near_parents_is_linear(merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2, scale=1e-3)
    for name, values in merge(parents, Slerp(t=lambda name: 1.5)).items():
        expected = parents[0][name] + 1.5 * (parents[1][name] - parents[0][name])
        np.testing.assert_array_equal(values, expected.astype("f4"))


@pytest.mark.parametrize("origin", [True, False])
def test_multislerp_is_its_definition(origin: bool, merge: Merge, make_parents: Make) -> None:
    parents = make_parents(4, scale=1.0)
    weights = np.array([0.5, 0.3, 0.2]) if origin else np.array([0.4, 0.3, 0.2, 0.1])
    merged = merge(parents, MultiSlerp(weights=settings(*weights), origin=origin))
    for name, values in merged.items():
        base = parents[0][name].ravel() if origin else 0.0
        points = np.stack([parent[name].ravel() for parent in parents[int(origin) :]]) - base
        norms = np.linalg.norm(points, axis=1)
        units = points / norms[:, None]
        mean = unit(weights @ units)
        tangents = units - (units @ mean)[:, None] * mean
        tangent = weights @ tangents
        length = np.linalg.norm(tangent)
        direction = mean * math.cos(length) + (tangent * math.sin(length) / length if length > 1e-12 else 0)
        np.testing.assert_allclose(values.ravel(), base + direction * (norms @ weights), rtol=1e-4, atol=1e-5)


def test_the_karcher_mean_of_two_is_the_middle_of_their_arc(merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2, scale=1.0)
    merged = merge(parents, Karcher(iterations=50, tolerance=1e-9))
    for name, values in merged.items():
        first, second = (parent[name].ravel() for parent in parents)
        middle = unit(unit(first) + unit(second)) * (np.linalg.norm(first) + np.linalg.norm(second)) / 2
        np.testing.assert_allclose(values.ravel(), middle, rtol=1e-5, atol=1e-6)


def test_the_karcher_mean_is_as_far_from_each_side(merge: Merge, make_parents: Make) -> None:
    parents = make_parents(4, scale=1.0)
    merged = merge(parents, Karcher(iterations=200, tolerance=1e-12))
    for name, values in merged.items():
        mean = unit(values.ravel())
        units = [unit(parent[name].ravel()) for parent in parents]
        angles = [math.acos(float(mean @ each)) for each in units]
        pulls = [
            angle / math.sin(angle) * (each - (mean @ each) * mean)
            for angle, each in zip(angles, units, strict=True)
        ]
        assert np.linalg.norm(sum(pulls)) < 1e-5
        assert np.linalg.norm(values) == pytest.approx(
            np.mean([np.linalg.norm(p[name]) for p in parents]), rel=1e-5
        )


def test_zero_tensors_stay_zero(merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2)
    for parent in parents:
        parent["bias"] = np.zeros(37)
    for method in (Karcher(), Slerp(t=lambda name: 0.3), MultiSlerp(weights=settings(1, 1), origin=False)):
        assert not merge(parents, method)["bias"].any()


def test_directions_that_cancel_out_are_refused(merge: Merge, make_parents: Make) -> None:
    first = make_parents(1)[0]
    with pytest.raises(MergeError, match="cancel out"):
        merge(
            [first, {name: -values for name, values in first.items()}],
            MultiSlerp(weights=settings(1, 1), origin=False),
        )
