from __future__ import annotations

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.regions import (
    confidence_region,
    hypervolume,
    hypervolume_gain,
    hypervolume_interval,
)
from codefrontier.benchmarks.analysis.statistics import resampling_weights


def test_a_region_is_that_worked_by_hand() -> None:
    # Four problems alone, deviations (+-1, +-1) / 4 without a correlation: variance of a mean 1/12 / 4.
    x, y = np.array([0.25, 0.25, 0.75, 0.75]), np.array([0.25, 0.75, 0.25, 0.75])
    found = confidence_region(x, y, np.arange(4))
    assert found.centre == (0.5, 0.5)
    assert found.covariance == pytest.approx(np.eye(2) / 48)
    # T2 = (p (G - 1) / (G - p)) F with p = 2 and G = 4: 3 F, and F(0.95; 2, 2) = 19.
    assert found.squared_radius == pytest.approx(57)
    assert np.hypot(*(found.outline() - 0.5).T) == pytest.approx(np.sqrt(57 / 48))
    assert found.contains(0.5, 0.5 + 0.999 * np.sqrt(57 / 48))
    assert not found.contains(0.5, 0.5 + 1.001 * np.sqrt(57 / 48))


def test_equal_problems_of_a_cluster_count_once_in_a_region() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random(8), rng.random(8)
    alone = confidence_region(x, y, np.arange(8))
    doubled = confidence_region(np.repeat(x, 2), np.repeat(y, 2), np.repeat(np.arange(8), 2))
    assert doubled.covariance == pytest.approx(alone.covariance)


def test_a_rate_that_never_varies_gives_a_line() -> None:
    found = confidence_region(np.array([0.0, 0.5, 1.0]), np.zeros(3), np.arange(3))
    assert found.outline()[:, 1] == pytest.approx(np.zeros(64))
    assert found.contains(0.5, 0.0)
    assert not found.contains(0.5, 0.01)


def test_two_clusters_give_no_region() -> None:
    with pytest.raises(ValueError, match="at least 3 clusters, got 2"):
        confidence_region(np.zeros(4), np.zeros(4), np.array([0, 0, 1, 1]))


def test_regions_cover_over_2000_benchmarks_with_clustered_problems() -> None:
    rng = np.random.default_rng(1)
    benchmarks, contests, each, samples = 2000, 30, 3, 8
    clusters = np.repeat(np.arange(contests), each)
    # Of each contest: how often episodes are solved, wrong and slow.
    shares = rng.dirichlet([1.0, 1.5, 1.0], (benchmarks, contests)).repeat(each, axis=1)
    outcomes = rng.multinomial(samples, shares) / samples
    covered, ignoring = 0, 0
    for row in outcomes:
        covered += confidence_region(row[:, 1], row[:, 2], clusters).contains(3 / 7, 2 / 7)
        ignoring += confidence_region(row[:, 1], row[:, 2], np.arange(len(clusters))).contains(3 / 7, 2 / 7)
    assert 0.93 <= covered / benchmarks <= 0.97
    assert ignoring / benchmarks < 0.85  # the simulation would notice a region that ignores the clusters


def test_a_hypervolume_is_that_worked_by_hand() -> None:
    assert hypervolume([0.5], [0.5]) == pytest.approx(0.25)
    # Rectangles 0.8 x 0.4 and 0.4 x 0.8 share 0.4 x 0.4; the third point is dominated.
    assert hypervolume([0.2, 0.6, 0.7], [0.6, 0.2, 0.7]) == pytest.approx(0.48)
    assert hypervolume([0.0, 1.0], [1.0, 0.0]) == pytest.approx(0)
    assert hypervolume([0.0], [0.0]) == pytest.approx(1)


def test_a_hypervolume_is_the_share_of_points_that_are_dominated() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.random((5, 6)), rng.random((5, 6))
    grid = (np.arange(400) + 0.5) / 400
    for row, (xs, ys) in enumerate(zip(x, y, strict=True)):
        dominated = ((xs[:, None, None] <= grid[:, None]) & (ys[:, None, None] <= grid)).any(axis=0)
        assert hypervolume(x, y)[row] == pytest.approx(dominated.mean(), abs=0.01)


def test_impossible_coordinates_are_refused() -> None:
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        hypervolume([1.5], [0.5])
    with pytest.raises(ValueError, match="N >= 1"):
        hypervolume(np.zeros((2, 0)), np.zeros((2, 0)))


def test_the_interval_of_a_hypervolume_covers_it() -> None:
    rng = np.random.default_rng(3)
    weights = resampling_weights(60, rng)
    truth_x, truth_y = np.array([0.2, 0.4]), np.array([0.5, 0.3])
    truth = float(hypervolume(truth_x, truth_y))
    covered = 0
    for _ in range(200):
        x, y = (rng.binomial(8, truth[:, None], (2, 60)) / 8 for truth in (truth_x, truth_y))
        found = hypervolume_interval(x, y, weights)
        covered += found.low <= truth <= found.high
    assert 0.9 <= covered / 200 <= 0.99


def test_a_checkpoint_that_adds_nothing_has_no_gain_of_area() -> None:
    rng = np.random.default_rng(4)
    weights = resampling_weights(40, rng)
    x, y = rng.random((2, 40)), rng.random((2, 40))
    worse = (
        np.stack([x[0], x[1], np.minimum(x[0] + 0.01, 1)]),
        np.stack([y[0], y[1], np.minimum(y[0] + 0.01, 1)]),
    )
    found = hypervolume_gain(*worse, np.array([0, 1]), weights)
    assert (found.estimate, found.low, found.high) == (0, 0, 0)
    better = np.stack([x[0], x[1], x[0] * 0.5]), np.stack([y[0], y[1], y[0] * 0.5])
    assert hypervolume_gain(*better, np.array([0, 1]), weights).positive
