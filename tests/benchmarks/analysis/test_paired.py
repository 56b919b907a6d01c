from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest

from codefrontier.benchmarks.analysis import paired
from codefrontier.benchmarks.analysis.paired import holm, mcnemar, sign_flip, tie_letters


def test_mcnemar_is_that_worked_by_hand() -> None:
    # 1 of 8 discordant problems: 2 P(X < 1) + P(X = 1) = (2 + 8) / 256.
    assert mcnemar(1, 7).p == pytest.approx(10 / 256)
    assert mcnemar(7, 1).p == mcnemar(1, 7).p
    assert mcnemar(0, 0).p == 1


def test_the_type_i_error_of_mcnemar_is_near_its_level() -> None:
    # Exact: the number of discordant problems is binomial(200, 0.3), and each is a fair coin.
    error = 0.0
    for discordant in range(201):
        chance = comb(200, discordant) * 0.3**discordant * 0.7 ** (200 - discordant)
        if chance > 1e-9:
            rejected = [mcnemar(b, discordant - b).p <= 0.05 for b in range(discordant + 1)]
            ways = sum(comb(discordant, b) for b, reject in enumerate(rejected) if reject)
            error += chance * ways / 2**discordant
    assert 0.04 <= error <= 0.06


@pytest.mark.parametrize("scale", [None, 4])
def test_sign_flips_are_those_enumerated(scale: int | None) -> None:
    differences = np.array([0.25, 0.5, -0.25, 0.75, 0.0, 0.25])
    clusters = np.array([0, 0, 1, 2, 3, 4])
    sums = [0.75, -0.25, 0.75, 0.0, 0.25]
    flips = [
        abs(sum(s * d for s, d in zip(signs, sums, strict=True))) for signs in product((1, -1), repeat=5)
    ]
    expected = np.mean([flip >= 1.5 - 1e-9 for flip in flips])
    found = sign_flip(differences, clusters, np.random.default_rng(0), scale=scale)
    assert found.p == pytest.approx(expected)
    assert found.method == "sign flips, exact"


def test_random_flips_agree_with_the_exact_distribution() -> None:
    rng = np.random.default_rng(1)
    differences = rng.integers(-3, 5, 60) / 8
    exact = sign_flip(differences, np.arange(60), rng, scale=8)
    drawn = sign_flip(differences, np.arange(60), rng)
    assert "random" in drawn.method
    assert drawn.p == pytest.approx(exact.p, abs=0.01)


def test_runs_without_a_difference_have_p_one() -> None:
    assert sign_flip(np.zeros(5), np.arange(5), np.random.default_rng(0)).p == 1


def _clustered_null(benchmarks: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return differences [R, P] of two equal runs whose difference varies by cluster, and the clusters."""
    contests, each, samples = 30, 3, 8
    rates = rng.beta(1, 1, (benchmarks, contests * each))
    shift = np.repeat(rng.normal(0, 0.1, (benchmarks, contests)), each, axis=1)
    one = rng.binomial(samples, np.clip(rates + shift, 0, 1))
    two = rng.binomial(samples, np.clip(rates - shift, 0, 1))
    return (one - two) / samples, np.repeat(np.arange(contests), each)


def test_the_type_i_error_of_sign_flips_is_near_its_level() -> None:
    rng = np.random.default_rng(2)
    differences, clusters = _clustered_null(4000, rng)
    ps = np.array([sign_flip(row, clusters, rng, scale=8).p for row in differences])
    assert 0.04 <= np.mean(ps <= 0.05) <= 0.06
    single = np.arange(clusters.size)
    ignoring = np.array([sign_flip(row, single, rng, scale=8).p for row in differences[:1000]])
    assert np.mean(ignoring <= 0.05) > 0.08  # the simulation would notice a test that ignores the clusters


def test_holm_is_that_worked_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_holm_holds_the_family() -> None:
    # Five equal runs, ten dependent pairs: the share of families with any rejection stays below the level.
    rng = np.random.default_rng(3)
    families, runs, problems = 400, 5, 60
    rates = rng.beta(1, 1, (families, problems))
    solved = rng.binomial(8, rates, (runs, families, problems)) / 8
    any_raw, any_holm = 0, 0
    for family in range(families):
        ps = [
            sign_flip(solved[a, family] - solved[b, family], np.arange(problems), rng, scale=8).p
            for a in range(runs)
            for b in range(a)
        ]
        any_raw += min(ps) <= 0.05
        any_holm += min(holm(ps)) <= 0.05
    assert any_holm / families <= 0.07
    assert any_raw / families > 0.15


def test_letters_are_shared_exactly_by_runs_without_a_difference() -> None:
    rng = np.random.default_rng(4)
    for count in range(1, 9):
        upper = np.triu(rng.random((count, count)) < 0.5, 1)
        different = upper | upper.T
        letters = tie_letters(different)
        for one, two in product(range(count), repeat=2):
            assert bool(set(letters[one]) & set(letters[two])) == (not different[one, two])


def test_a_chain_of_ties_gets_overlapping_letters() -> None:
    different = np.zeros((3, 3), np.bool_)
    different[0, 2] = different[2, 0] = True
    assert tie_letters(different) == ["a", "ab", "b"]


def test_the_constants_leave_the_exact_test_to_usual_benchmarks() -> None:
    assert paired.CONVOLVED >= 500 * 32
