from __future__ import annotations

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.clustered import (
    cluster_variance,
    clustered_mean,
    clustered_share,
    numbered,
    t_quantile,
)


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [
        (0.975, 1, 12.7062),
        (0.975, 2, 4.30265),
        (0.975, 9, 2.26216),
        (0.975, 10, 2.22814),
        (0.8, 30, 0.85377),
        (0.025, 10, -2.22814),
        (0.975, 1000, 1.96234),
        (0.975, 999, 1.96234),
    ],
)
def test_t_quantiles_are_those_of_printed_tables(probability: float, degrees: int, quantile: float) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(quantile, abs=6e-5)


def test_clusters_of_one_problem_give_the_usual_standard_error() -> None:
    values = np.array([0.0, 0.5, 1.0, 0.25])
    assert cluster_variance(values, np.arange(4)) == pytest.approx(values.var(ddof=1) / 4)


def test_equal_problems_of_a_cluster_count_once() -> None:
    values = np.array([0.0, 0.5, 1.0, 0.25])
    doubled = cluster_variance(np.repeat(values, 2), np.repeat(np.arange(4), 2))
    assert doubled == pytest.approx(cluster_variance(values, np.arange(4)))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_interval_has_a_width_where_nothing_varied(share: float) -> None:
    found = clustered_share(np.full(20, share), np.arange(20), 80)
    assert found.estimate == share
    assert 0.1 < found.high - found.low < 0.25
    assert 0 <= found.low <= found.high <= 1


def test_one_cluster_gives_no_interval() -> None:
    with pytest.raises(ValueError, match="at least 2 clusters, got 1"):
        clustered_mean(np.zeros(3), np.zeros(3, np.int64))


def test_nominal_intervals_cover_over_2000_benchmarks_with_clustered_problems() -> None:
    rng = np.random.default_rng(0)
    benchmarks, contests, each, samples = 2000, 40, 3, 4
    clusters = np.repeat(np.arange(contests), each)
    level = rng.beta(1.5, 3.0, (benchmarks, contests, 1))  # mean 1/3
    rates = rng.beta(4 * level, 4 * (1 - level), (benchmarks, contests, each)).reshape(benchmarks, -1)
    second = np.clip(rates + rng.normal(0, 0.02, rates.shape), 0, 1)
    first_shares = rng.binomial(samples, rates) / samples
    second_shares = rng.binomial(samples, second) / samples
    shift = float((second - rates).mean())
    covered = np.zeros(3)
    for one, two in zip(first_shares, second_shares, strict=True):
        share = clustered_share(one, clusters, one.size * samples)
        gain = clustered_mean(two - one, clusters)
        alone = clustered_share(one, np.arange(one.size), one.size * samples)
        covered += [
            share.low <= 1 / 3 <= share.high,
            gain.low <= shift <= gain.high,
            alone.low <= 1 / 3 <= alone.high,
        ]
    share_rate, gain_rate, ignoring_rate = covered / benchmarks
    assert 0.93 <= share_rate <= 0.97
    assert 0.93 <= gain_rate <= 0.97
    assert ignoring_rate < 0.90  # the simulation would notice an interval that ignores the clusters


def test_names_become_numbers_from_zero() -> None:
    assert numbered(["b", "a", "b"]).tolist() == [1, 0, 1]
