from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.ensembles import (
    all_splits,
    best_split,
    ensemble_gain,
    halved,
    matched_gain,
    parts_of,
)
from codefrontier.benchmarks.analysis.statistics import (
    Floats,
    SolveCounts,
    ensemble_pass,
    resampling_weights,
)

PROBLEMS = 60


def sampled(chances: Floats, seed: int, samples: int = 16) -> SolveCounts:
    rng = np.random.default_rng(seed)
    return SolveCounts(samples=np.full(chances.size, samples), solved=rng.binomial(samples, chances))


def abilities(seed: int, problems: int = PROBLEMS) -> Floats:
    return np.random.default_rng(seed).beta(0.5, 0.5, problems)


def weights_of(problems: int) -> Floats:
    return resampling_weights(problems, np.random.default_rng(0))


def enumerated_pass(members: Sequence[tuple[int, int]], shares: Sequence[int]) -> float:
    """Return the share of all choices of samples in which any is solved; members are pairs of n and c."""
    choices = [
        [any(place < solved for place in chosen) for chosen in combinations(range(samples), share)]
        for (samples, solved), share in zip(members, shares, strict=True)
    ]
    return float(np.mean([any(outcome) for outcome in product(*choices)]))


@pytest.mark.parametrize("shares", [(1, 0, 0), (1, 1, 1), (2, 0, 3), (0, 4, 1), (3, 4, 5)])
def test_the_pass_rate_of_a_split_is_the_mean_over_all_choices_of_samples(shares: tuple[int, ...]) -> None:
    for counts in ([(3, 0), (4, 1), (5, 2)], [(3, 3), (4, 0), (5, 0)], [(4, 1), (4, 1), (6, 1)]):
        members = [SolveCounts(samples=np.array([n]), solved=np.array([c])) for n, c in counts]
        assert ensemble_pass(members, shares) == pytest.approx([enumerated_pass(counts, shares)])


def test_all_splits_are_listed_once() -> None:
    found = all_splits([5, 5, 5], 4)
    assert len(found) == comb(6, 2) == len({tuple(row) for row in found.tolist()})
    assert (found.sum(axis=1) == 4).all()
    assert found[0].tolist() == [4, 0, 0]
    assert all_splits([1, 5], 3).tolist() == [[1, 2], [0, 3]]
    assert all_splits([3], 2).tolist() == [[2]]
    with pytest.raises(ValueError, match="from 1 to 6, got 7"):
        all_splits([1, 5], 7)


def test_the_best_split_is_the_best_of_all() -> None:
    members = [sampled(abilities(seed, 12), seed + 10, 6) for seed in range(3)]
    found = best_split(members, 5)
    rates = {
        split: float(ensemble_pass(members, split).mean())
        for split in product(range(6), repeat=3)
        if sum(split) == 5
    }
    assert found.exact
    assert found.rate == pytest.approx(max(rates.values()))
    assert rates[found.shares] == pytest.approx(found.rate)


def test_exchanges_find_the_best_split_where_all_cannot_be_tried() -> None:
    for seed in range(12):
        members = [sampled(abilities(seed * 9 + m, 15), seed + m, 8) for m in range(4)]
        found = best_split(members, 7, enumerated=1)
        assert not found.exact
        assert sum(found.shares) == 7
        assert found.rate == pytest.approx(best_split(members, 7).rate, abs=0.002)


def test_the_first_of_equal_splits_is_taken_and_rooms_are_kept() -> None:
    nothing = SolveCounts(samples=np.full(2, 4), solved=np.zeros(2, np.int64))
    assert best_split([nothing] * 3, 3).shares == (3, 0, 0)
    small = SolveCounts(samples=np.full(2, 2), solved=np.full(2, 1))
    assert best_split([small, nothing], 5).shares == (2, 3)
    with pytest.raises(ValueError, match="the budget must be from 1 to 6, got 7"):
        best_split([small, nothing], 7)


def test_halves_divide_no_cluster_and_hold_every_problem() -> None:
    clusters, rng = np.array([0, 2, 1, 2, 0, 2, 3]), np.random.default_rng(0)
    for _ in range(5):
        first, second = halved(clusters, rng)
        assert sorted([*first, *second]) == list(range(7))
        assert not set(clusters[first]) & set(clusters[second])
        assert {len(set(clusters[first])), len(set(clusters[second]))} == {2}


def test_a_gain_is_that_worked_by_hand() -> None:
    # The first solves even problems always, the second odd problems; a cluster has one of each.
    one = SolveCounts(samples=np.full(8, 2), solved=np.array([2, 0] * 4))
    two = SolveCounts(samples=np.full(8, 2), solved=np.array([0, 2] * 4))
    found = matched_gain([one, two], 2, np.repeat(np.arange(4), 2), np.random.default_rng(0))
    assert (found.split.shares, found.split.rate, found.split.exact) == ((1, 1), 1.0, True)
    assert found.best == 0  # the first of equal checkpoints
    assert (found.ensemble.estimate, found.single.estimate, found.gain.estimate) == (1.0, 0.5, 0.5)
    assert found.test.p == 0.5  # of 4 flips of 2 clusters, 2 are as far from 0
    assert found.problems == 4


def test_parts_of_a_checkpoint_add_up_to_it() -> None:
    counts = SolveCounts(samples=np.array([6, 7]), solved=np.array([6, 3]))
    parts = parts_of(counts, 3, np.random.default_rng(0))
    assert [part.samples.tolist() for part in parts] == [[2, 2]] * 3
    assert sum(part.solved[0] for part in parts) == 6
    assert sum(part.solved[1] for part in parts) in (2, 3)
    with pytest.raises(ValueError, match="at least 8 samples to divide, got 6"):
        parts_of(counts, 8, np.random.default_rng(0))


def test_parts_have_the_rate_of_their_checkpoint_on_average() -> None:
    rng = np.random.default_rng(0)
    counts = SolveCounts(samples=np.full(1, 12), solved=np.full(1, 3))
    drawn = np.array([[part.solved[0] for part in parts_of(counts, 4, rng)] for _ in range(4000)])
    assert drawn.mean(axis=0) / 3 == pytest.approx([0.25] * 4, abs=0.02)


def test_complementary_checkpoints_gain_and_parts_of_one_do_not() -> None:
    half = np.arange(PROBLEMS) % 2 == 0
    members = [sampled(np.where(half, 0.6, 0.02), 14), sampled(np.where(half, 0.02, 0.6), 15)]
    clusters = np.arange(PROBLEMS) // 2
    found = matched_gain(members, 8, clusters, np.random.default_rng(0))
    assert found.gain.positive
    assert found.test.p < 0.001
    assert found.gain.estimate == pytest.approx(found.ensemble.estimate - found.single.estimate)
    parts = parts_of(members[0], 2, np.random.default_rng(1))
    control = matched_gain(parts, 8, clusters, np.random.default_rng(0))
    assert control.gain.low <= 0 <= control.gain.high
    assert control.test.p > 0.05


def test_three_clusters_cannot_be_halved() -> None:
    member = sampled(abilities(1), 1)
    with pytest.raises(ValueError, match="at least 4 clusters"):
        matched_gain([member], 2, np.arange(PROBLEMS) % 3, np.random.default_rng(0))


def simulated_gains(benchmarks: int, *, contests: int, equal: bool) -> tuple[Floats, Floats]:
    """Return, for each simulated benchmark, whether the interval covers the true gain, and the p value.

    The true gain is that of the chosen split over the chosen single checkpoint on all problems there are.
    Benchmarks that choose an ensemble of a single checkpoint have no gain to estimate and are left out.
    """
    rng = np.random.default_rng(11)
    each, samples, budget, pool = 2, 8, 4, 4000
    clusters = np.repeat(np.arange(contests), each)
    level = np.repeat(rng.beta(0.8, 1.2, pool // each), each)  # problems of a contest are alike
    other = level if equal else np.repeat(rng.beta(0.8, 1.2, pool // each), each)
    truth = np.stack([level, 0.5 * level + 0.5 * other, other, other, level])
    covered, ps = [], []
    for _ in range(benchmarks):
        drawn = rng.choice(pool // each, contests, replace=False)
        places = (drawn[:, None] * each + np.arange(each)).ravel()
        members = [
            SolveCounts(samples=np.full(places.size, samples), solved=rng.binomial(samples, rates[places]))
            for rates in truth
        ]
        found = matched_gain(members, budget, clusters, rng)
        if max(found.split.shares) == budget:
            continue
        missed = np.prod(
            [(1 - rates) ** share for rates, share in zip(truth, found.split.shares, strict=True)], axis=0
        )
        gain = float(np.mean((1 - truth[found.best]) ** budget - missed))
        covered.append(found.gain.low <= gain <= found.gain.high)
        ps.append(found.test.p)
    return np.array(covered, np.float64), np.array(ps)


@pytest.mark.long
def test_intervals_of_gains_cover_over_2000_benchmarks_with_clustered_problems() -> None:
    covered, _ = simulated_gains(2000, contests=60, equal=False)
    assert len(covered) > 1000
    assert 0.93 <= covered.mean() <= 0.97


@pytest.mark.long
def test_the_type_i_error_of_the_test_of_a_gain_is_near_its_level() -> None:
    # Five equal checkpoints: no split has a gain.
    covered, ps = simulated_gains(6000, contests=120, equal=True)
    assert len(covered) > 1000
    assert 0.93 <= covered.mean() <= 0.97
    assert 0.04 <= np.mean(ps <= 0.05) <= 0.06


def test_an_ensemble_of_complementary_checkpoints_gains() -> None:
    half = np.arange(PROBLEMS) % 2 == 0
    members = [sampled(np.where(half, 0.6, 0.02), 14), sampled(np.where(half, 0.02, 0.6), 15)]
    found = ensemble_gain(members, 8, np.random.default_rng(0), weights_of(PROBLEMS))
    assert found.gain.positive
    assert found.gain.estimate == pytest.approx(found.ensemble.estimate - found.single.estimate)
    assert found.shares == pytest.approx((0.5, 0.5), abs=0.15)
    assert sum(found.shares) == pytest.approx(1)


def test_an_ensemble_of_copies_of_one_checkpoint_gains_nothing() -> None:
    member = sampled(abilities(16), 17)
    found = ensemble_gain([member] * 3, 8, np.random.default_rng(0), weights_of(PROBLEMS))
    # Shares of copies would draw with replacement what is drawn without: more misses, and no gain.
    assert not found.gain.positive


def test_equally_able_checkpoints_gain_nothing_by_being_chosen_from() -> None:
    chances = abilities(18)
    members = [sampled(chances, seed) for seed in range(20, 26)]
    found = ensemble_gain(members, 16, np.random.default_rng(0), weights_of(PROBLEMS))
    assert not found.gain.positive


def test_what_is_chosen_is_measured_on_problems_that_did_not_choose_it() -> None:
    # Of eight equal checkpoints, the one that looks best on these samples is no better than the others.
    rng, weights = np.random.default_rng(3), weights_of(20)
    singles, ensembles = [], []
    for _ in range(12):
        members = [
            SolveCounts(samples=np.full(20, 8), solved=rng.binomial(8, np.full(20, 0.15))) for _ in range(8)
        ]
        found = ensemble_gain(members, 4, rng, weights)
        singles.append(found.single.estimate)
        ensembles.append(found.ensemble.estimate)
    truth = 1 - 0.85**4
    assert np.mean(singles) == pytest.approx(truth, abs=0.04)
    assert np.mean(ensembles) == pytest.approx(truth, abs=0.04)


def test_halves_of_one_problem_are_refused() -> None:
    member = sampled(abilities(1, 1), 1)
    with pytest.raises(ValueError, match="at least 2"):
        ensemble_gain([member], 2, np.random.default_rng(0), np.ones((2000, 1)))
