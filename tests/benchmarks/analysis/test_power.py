from __future__ import annotations

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.power import (
    Components,
    components,
    detectable_difference,
    noise_floor,
    planned_difference,
)
from codefrontier.benchmarks.analysis.statistics import SolveCounts


def test_a_planned_difference_is_found_four_times_of_five() -> None:
    rng = np.random.default_rng(0)
    difference = planned_difference(200, 4, Components(within=0.25, between=0.0))
    one = rng.binomial(4, 0.5 - difference / 2, (4000, 200)) / 4
    two = rng.binomial(4, 0.5 + difference / 2, (4000, 200)) / 4
    gains = two - one
    z = gains.mean(axis=1) / (gains.std(axis=1, ddof=1) / np.sqrt(200))
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.8, abs=0.03)


def test_more_problems_and_samples_detect_less() -> None:
    assert planned_difference(400, 4) == pytest.approx(planned_difference(100, 4) / 2)
    assert planned_difference(100, 16) < planned_difference(100, 4)
    with pytest.raises(ValueError, match="at least 2 problems"):
        planned_difference(1, 4)


def test_components_are_those_of_the_simulation() -> None:
    rng = np.random.default_rng(1)
    rates = rng.uniform(0.2, 0.8, 20_000)
    second = rates + rng.normal(0, 0.05, rates.size)
    samples = np.full(rates.size, 64)
    found = components(
        SolveCounts(samples=samples, solved=rng.binomial(64, rates)),
        SolveCounts(samples=samples, solved=rng.binomial(64, np.clip(second, 0, 1))),
    )
    assert found.within == pytest.approx(np.mean(rates * (1 - rates)), abs=0.005)
    assert found.between == pytest.approx(0.0025, abs=0.0003)


def test_repeats_exceed_the_noise_floor_once_in_twenty() -> None:
    rng = np.random.default_rng(2)
    rates, samples = rng.beta(1, 1, 100), np.full(100, 8)
    repeats = rng.binomial(8, rates, (2, 4000, 100))
    gaps = np.abs(repeats[0].mean(axis=1) - repeats[1].mean(axis=1)) / 8
    floors = [noise_floor(SolveCounts(samples=samples, solved=row)) for row in repeats[0, :500]]
    assert np.mean(gaps > np.mean(floors)) == pytest.approx(0.05, abs=0.012)


def test_a_detectable_difference_is_larger_with_few_clusters() -> None:
    assert detectable_difference(0.01, 4) > detectable_difference(0.01, 400)
    assert detectable_difference(0.01, 4000) == pytest.approx(0.02802, abs=1e-4)
