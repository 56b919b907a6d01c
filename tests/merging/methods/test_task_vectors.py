"""Task vectors against whole-tensor references in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.methods.sce import SCE
from codefrontier.merging.methods.task_vectors import METHODS, TaskVectors, VectorSettings, task_vectors

Arrays = dict[str, np.ndarray]
Merge = Callable[..., Arrays]
Make = Callable[..., list[Arrays]]


def vectors(weights: Sequence[float], **settings: float) -> list[VectorSettings]:
    fixed = {name: (lambda tensor, value=value: value) for name, value in settings.items()}
    return [VectorSettings(weight=lambda tensor, value=value: value, **fixed) for value in weights]  # type: ignore[misc]


def top(delta: np.ndarray, count: int, dropped: int = 0) -> np.ndarray:
    order = np.argsort(-np.abs(delta).ravel(), kind="stable")[dropped : dropped + count]
    kept = np.zeros(delta.size)
    kept[order] = 1
    return delta * kept.reshape(delta.shape)


def agreed(weighted: np.ndarray, weights: np.ndarray, *, normalize: bool) -> np.ndarray:
    sign = np.where(weighted.sum(axis=0) >= 0, 1, -1)
    mask = np.sign(weighted) == sign
    mixed = (weighted * mask).sum(axis=0)
    divisor = (weights.reshape(-1, *[1] * (weighted.ndim - 1)) * mask).sum(axis=0)
    return np.asarray(mixed / np.where(divisor == 0, 1, divisor) if normalize else mixed)


@pytest.mark.parametrize("scale", [1.0, 0.3, -2.0])
def test_task_arithmetic_adds_the_weighted_differences(
    scale: float, merge: Merge, make_parents: Make
) -> None:
    parents = make_parents(3)
    merged = merge(parents, task_vectors("task_arithmetic", vectors((0.5, -1.2)), scale=lambda name: scale))
    for name, values in merged.items():
        base, first, second = (parent[name] for parent in parents)
        np.testing.assert_allclose(
            values, base + scale * (0.5 * (first - base) - 1.2 * (second - base)), rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize("density", [1.0, 0.5, 0.2])
@pytest.mark.parametrize("normalize", [True, False])
def test_ties_keeps_the_largest_and_one_sign(
    density: float, normalize: bool, merge: Merge, make_parents: Make
) -> None:
    parents, weights = make_parents(4), np.array([1.0, 0.5, 2.0])
    merged = merge(
        parents, task_vectors("ties", vectors(list(weights), density=density), normalize=normalize)
    )
    for name, values in merged.items():
        base = parents[0][name]
        kept = np.stack([top(parent[name] - base, int(density * base.size)) for parent in parents[1:]])
        weighted = kept * weights.reshape(-1, *[1] * base.ndim)
        np.testing.assert_allclose(
            values, base + agreed(weighted, weights, normalize=normalize), rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize(("density", "outliers"), [(0.5, 0.1), (0.9, 0.2), (0.3, 0.0)])
def test_breadcrumbs_drops_the_largest_too(
    density: float, outliers: float, merge: Merge, make_parents: Make
) -> None:
    parents = make_parents(2)
    method = task_vectors("breadcrumbs", vectors([1.0], density=density, outliers=outliers))
    merged = merge(parents, method)
    for name, values in merged.items():
        base = parents[0][name]
        wanted = int(density * base.size)
        dropped = min(int(outliers * base.size), base.size - wanted)
        np.testing.assert_allclose(
            values, base + top(parents[1][name] - base, wanted, dropped), rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize("name", ["dare_linear", "dare_ties", "della", "della_linear"])
def test_random_methods_keep_their_share_and_depend_on_the_seed_alone(
    name: str, merge: Merge, make_parents: Make
) -> None:
    parents = make_parents(3)

    def moved(seed: int) -> np.ndarray:
        method = task_vectors(name, vectors((1.0, 1.0), density=0.4), seed=seed)
        merged = merge(parents, method)
        return np.concatenate([(merged[each] - parents[0][each]).ravel() for each in merged])

    first = moved(0)
    np.testing.assert_array_equal(first, moved(0))
    assert (first != moved(1)).mean() > 0.3
    # A weight is untouched if both differences are dropped; with a consensus, opposed pairs keep one of them.
    assert (first == 0).mean() == pytest.approx(0.36, abs=0.04)


@pytest.mark.parametrize("name", ["dare_linear", "della_linear"])
def test_rescaling_keeps_the_norm_of_the_difference(name: str, merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2)
    merged = merge(parents, task_vectors(name, vectors([1.0], density=0.5)))
    for each, values in merged.items():
        before = np.abs(parents[1][each] - parents[0][each]).sum()
        assert np.abs(values - parents[0][each]).sum() == pytest.approx(before, rel=1e-5)


def test_della_keeps_large_weights_more_often(merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2)
    method = task_vectors("della_linear", vectors([1.0], density=0.5, spread=0.4), rescale=False)
    kept = merge(parents, method)["layers.1.weight"] != parents[0]["layers.1.weight"]
    ranks = (
        np.abs(parents[1]["layers.1.weight"] - parents[0]["layers.1.weight"]).argsort(axis=1).argsort(axis=1)
    )
    assert kept[ranks >= 200].mean() == pytest.approx(0.5 + 0.4 * (2 / 3), abs=0.06)
    assert kept[ranks < 100].mean() == pytest.approx(0.5 - 0.4 * (2 / 3), abs=0.06)


@pytest.mark.parametrize("density", [1.0, 0.4])
@pytest.mark.parametrize("scale", [0.1, 1e-5])
def test_sce_weighs_by_energy_where_the_models_differ_most(
    density: float, scale: float, merge: Merge, make_parents: Make
) -> None:
    parents = make_parents(4, scale=scale)
    merged = merge(parents, SCE(density=density))
    for name, values in merged.items():
        base = parents[0][name]
        deltas = np.stack([parent[name] - base for parent in parents[1:]])
        variance = deltas.var(axis=0)
        if density < 1:
            order = np.argsort(-variance.ravel(), kind="stable")[: int(np.count_nonzero(variance) * density)]
            mask = np.zeros(variance.size)
            mask[order] = 1
            deltas = deltas * mask.reshape(variance.shape)
        energy = (deltas**2).reshape(3, -1).sum(axis=1)
        weights = (energy / energy.sum()).reshape(-1, *[1] * base.ndim)
        sign = np.where(deltas.sum(axis=0) >= 0, 1, -1)
        counted = (np.sign(deltas) == sign) * weights
        divisor = counted.sum(axis=0)
        expected = base + (deltas * counted).sum(axis=0) / np.where(divisor > 0, divisor, 1)
        np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", sorted(METHODS))
@pytest.mark.parametrize("density", [1.0, 0.5])
def test_equal_parents_stay_equal(name: str, density: float, merge: Merge, make_parents: Make) -> None:
    parents = make_parents(1) * 3
    merged = merge(parents, task_vectors(name, vectors((0.7, 0.7), density=density)))
    for each, values in merged.items():
        np.testing.assert_array_equal(values, parents[0][each])


@pytest.mark.parametrize("name", sorted(METHODS))
def test_one_whole_vector_of_weight_one_is_its_parent(name: str, merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2)
    merged = merge(parents, task_vectors(name, vectors([1.0])))
    for each, values in merged.items():
        np.testing.assert_allclose(values, parents[1][each], rtol=3e-7)


def test_a_density_of_zero_is_the_base(merge: Merge, make_parents: Make) -> None:
    parents = make_parents(2)
    for name in ("ties", "dare_linear", "della"):
        merged = merge(parents, task_vectors(name, vectors([1.0], density=0.0)))
        np.testing.assert_array_equal(merged["matrix"], parents[0]["matrix"])


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (lambda: task_vectors("ties", vectors([1.0], density=1.5)), r"density must be in \[0, 1\], got 1.5"),
        (lambda: task_vectors("breadcrumbs", vectors([1.0], density=0.5, outliers=1.0)), "share of outliers"),
        (lambda: task_vectors("della", vectors([1.0], density=0.9)), r"density \+- 0.15 must be within"),
    ],
)
def test_settings_are_checked(
    method: Callable[[], TaskVectors], message: str, merge: Merge, make_parents: Make
) -> None:
    with pytest.raises(MergeError, match=message):
        merge(make_parents(2), method())


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MergeError, match=r"'ties'.*got 'tie'"):
        task_vectors("tie", [])
    with pytest.raises(MergeError, match="density"):
        SCE(density=2)
