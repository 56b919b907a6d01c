from __future__ import annotations

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.complementarity import (
    cross_fitted_lead,
    intersections,
    jaccard_gap,
    kappa,
    kappa_gap,
    overlap,
    pair_gain,
    split_half_kappa,
    split_half_overlap,
)
from codefrontier.benchmarks.analysis.statistics import Floats, SolveCounts, mean_interval, resampling_weights

PROBLEMS = 60


def sampled(chances: Floats, seed: int, samples: int = 16) -> SolveCounts:
    rng = np.random.default_rng(seed)
    return SolveCounts(samples=np.full(chances.size, samples), solved=rng.binomial(samples, chances))


def abilities(seed: int, problems: int = PROBLEMS) -> Floats:
    return np.random.default_rng(seed).beta(0.5, 0.5, problems)


def weights_of(problems: int) -> Floats:
    return resampling_weights(problems, np.random.default_rng(0))


def test_overlaps_are_those_worked_by_hand() -> None:
    # n = 4 and c = 1: one half has it. pass@2 = 1/2, pass@4 = 1.
    one = SolveCounts(samples=np.array([4]), solved=np.array([1]))
    null = split_half_overlap(one)
    assert null.both == pytest.approx([0])
    assert null.either == pytest.approx([1])
    # Halves of two such checkpoints: both with 1/4, any with 3/4.
    cross = overlap(one, one)
    assert cross.both == pytest.approx([0.25])
    assert cross.either == pytest.approx([0.75])
    assert cross.jaccard(np.ones((1, 1))) == pytest.approx([1 / 3])


def test_two_evaluations_of_one_checkpoint_overlap_as_much_as_its_halves() -> None:
    chances = abilities(1, problems=4000)
    first, second = sampled(chances, 2), sampled(chances, 3)
    equal = np.full((1, 4000), 1 / 4000)
    null = split_half_overlap(first).jaccard(equal)[0]
    assert overlap(first, second).jaccard(equal)[0] == pytest.approx(null, abs=0.01)


def test_no_gap_is_found_between_two_evaluations_of_one_checkpoint() -> None:
    chances = abilities(4)
    gap = jaccard_gap(sampled(chances, 5), sampled(chances, 6), weights_of(PROBLEMS))
    assert gap.low <= 0 <= gap.high


def test_a_gap_is_found_between_checkpoints_that_solve_different_problems() -> None:
    half = np.arange(PROBLEMS) % 2 == 0
    first, second = sampled(np.where(half, 0.9, 0.02), 7), sampled(np.where(half, 0.02, 0.9), 8)
    assert jaccard_gap(first, second, weights_of(PROBLEMS)).low > 0.3


def test_checkpoints_that_solve_nothing_overlap_fully() -> None:
    nothing = SolveCounts(samples=np.full(3, 4), solved=np.zeros(3, np.int64))
    gap = jaccard_gap(nothing, nothing, weights_of(3))
    assert (gap.estimate, gap.low, gap.high) == (0, 0, 0)


def test_a_checkpoint_that_is_better_nowhere_has_no_lead() -> None:
    chances = abilities(9)
    better, worse = sampled(chances, 10), sampled(chances * 0.8, 11)
    lead = mean_interval(cross_fitted_lead(better, worse, np.random.default_rng(0)), weights_of(PROBLEMS))
    assert not lead.positive


def test_checkpoints_of_different_problems_each_have_a_lead() -> None:
    half = np.arange(PROBLEMS) % 2 == 0
    first, second = sampled(np.where(half, 0.9, 0.1), 12), sampled(np.where(half, 0.1, 0.9), 13)
    for pair in ((first, second), (second, first)):
        lead = cross_fitted_lead(*pair, np.random.default_rng(0))
        assert mean_interval(lead, weights_of(PROBLEMS)).estimate == pytest.approx(0.4, abs=0.05)


def test_a_single_sample_has_no_halves() -> None:
    one = SolveCounts(samples=np.array([1, 4]), solved=np.array([1, 1]))
    with pytest.raises(ValueError, match="at least 2"):
        split_half_overlap(one)
    with pytest.raises(ValueError, match="at least 2"):
        cross_fitted_lead(one, one, np.random.default_rng(0))


def test_checkpoints_of_other_problems_are_not_compared() -> None:
    one, two = sampled(abilities(1, 4), 1), sampled(abilities(1, 5), 1)
    with pytest.raises(ValueError, match="same problems"):
        overlap(one, two)
    with pytest.raises(ValueError, match="same problems"):
        cross_fitted_lead(one, two, np.random.default_rng(0))


def test_kappa_is_that_worked_by_hand() -> None:
    # One sample each, solved 1 1 0 0 against 1 0 1 0: agreement 1/2, chance 1/2.
    equal = np.full((1, 4), 0.25)
    one = SolveCounts(samples=np.ones(4, np.int64), solved=np.array([1, 1, 0, 0]))
    two = SolveCounts(samples=np.ones(4, np.int64), solved=np.array([1, 0, 1, 0]))
    assert kappa(one, two, equal) == pytest.approx([0])
    assert kappa(one, one, equal) == pytest.approx([1])
    # Three of four agree, rates 1/2 and 1/4: chance 1/2, so (3/4 - 1/2) / (1/2).
    three = SolveCounts(samples=np.ones(4, np.int64), solved=np.array([1, 0, 0, 0]))
    assert kappa(one, three, equal) == pytest.approx([0.5])


def test_two_samples_of_one_checkpoint_agree_as_enumerated() -> None:
    # n = 3, c = 1 and c = 3: of the three pairs of the first problem, one agrees; of the second, all do.
    counts = SolveCounts(samples=np.array([3, 3]), solved=np.array([1, 3]))
    agreement, rate = (1 / 3 + 1) / 2, (1 / 3 + 1) / 2
    chance = rate**2 + (1 - rate) ** 2
    found = split_half_kappa(counts, np.full((1, 2), 0.5))
    assert found == pytest.approx([(agreement - chance) / (1 - chance)])


def test_samples_that_agree_by_chance_alone_have_kappa_one() -> None:
    nothing = SolveCounts(samples=np.full(3, 4), solved=np.zeros(3, np.int64))
    gap = kappa_gap(nothing, nothing, weights_of(3))
    assert (gap.estimate, gap.low, gap.high) == (0, 0, 0)


def test_kappa_tells_equal_checkpoints_from_different_ones() -> None:
    chances, half = abilities(4), np.arange(PROBLEMS) % 2 == 0
    equal = kappa_gap(sampled(chances, 5), sampled(chances, 6), weights_of(PROBLEMS))
    assert equal.low <= 0 <= equal.high
    first, second = sampled(np.where(half, 0.9, 0.02), 7), sampled(np.where(half, 0.02, 0.9), 8)
    assert kappa_gap(first, second, weights_of(PROBLEMS)).low > 0.5


def test_the_null_of_kappa_is_centred_and_covered() -> None:
    # Pairs of evaluations of one checkpoint: the gap is 0 on average, and its intervals contain 0.
    rng = np.random.default_rng(5)
    weights = weights_of(50)
    gaps = []
    for _ in range(200):
        chances = rng.beta(0.5, 0.5, 50)
        one, two = (SolveCounts(samples=np.full(50, 8), solved=rng.binomial(8, chances)) for _ in range(2))
        gaps.append(kappa_gap(one, two, weights))
    assert abs(np.mean([gap.estimate for gap in gaps])) < 0.01
    assert 0.90 <= np.mean([gap.low <= 0 <= gap.high for gap in gaps]) <= 0.99


def test_the_gain_of_a_pair_is_that_worked_by_hand() -> None:
    # Each solves another problem always: half of the samples of both solve both.
    one = SolveCounts(samples=np.array([4, 4]), solved=np.array([4, 0]))
    two = SolveCounts(samples=np.array([4, 4]), solved=np.array([0, 4]))
    assert pair_gain(one, two, 2) == pytest.approx([0, 1])
    # A checkpoint and a hopeless one: n = 4, c = 2: pass@1 is 1/2, pass@2 is 5/6.
    good = SolveCounts(samples=np.array([4]), solved=np.array([2]))
    bad = SolveCounts(samples=np.array([4]), solved=np.array([0]))
    assert pair_gain(good, bad, 2) == pytest.approx([1 / 2 - 5 / 6])
    assert pair_gain(bad, good, 3) == pytest.approx([1 / 2 - 1])  # the first has two of the three
    with pytest.raises(ValueError, match="at least 2"):
        pair_gain(good, bad, 1)


def test_every_problem_is_in_one_intersection() -> None:
    sets = np.array([[1, 1, 0, 0, 1], [1, 1, 0, 1, 0]], np.bool_)
    assert intersections(sets) == [((0, 1), 2), ((), 1), ((0,), 1), ((1,), 1)]
    assert intersections(sets[:, :0]) == []
