from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.statistics import (
    Floats,
    Interval,
    SolveCounts,
    best_allocation,
    best_single,
    ensemble_pass,
    mean_interval,
    missing_at_k,
    paired_interval,
    pass_at_k,
    ratio_interval,
    resampling_weights,
)


def counts(samples: list[int], solved: list[int]) -> SolveCounts:
    return SolveCounts(samples=np.array(samples), solved=np.array(solved))


def weights_of(problems: int, seed: int = 0) -> Floats:
    return resampling_weights(problems, np.random.default_rng(seed))


def test_pass_at_k_is_that_worked_by_hand() -> None:
    # Two of three samples: {s, f}, {s, f}, {f, f}; one pair of three misses.
    assert pass_at_k([3], [1], 2) == pytest.approx([2 / 3])
    assert pass_at_k([4, 4, 4], [0, 2, 4], 1) == pytest.approx([0, 0.5, 1])
    # C(14, 8) / C(16, 8) = 3003 / 12870.
    assert pass_at_k([16], [2], 8) == pytest.approx([1 - 3003 / 12870])


@pytest.mark.parametrize("solved", range(6))
@pytest.mark.parametrize("k", range(1, 6))
def test_pass_at_k_is_the_mean_over_all_choices_of_k_samples(solved: int, k: int) -> None:
    outcomes = [place < solved for place in range(5)]
    chosen = [any(choice) for choice in combinations(outcomes, k)]
    assert pass_at_k([5], [solved], k) == pytest.approx([np.mean(chosen)])


def test_pass_at_k_has_no_bias_where_the_plug_in_has() -> None:
    rng = np.random.default_rng(1)
    solved = rng.binomial(16, 0.1, size=20_000)
    estimate = pass_at_k(np.full(20_000, 16), solved, 8).mean()
    assert estimate == pytest.approx(1 - 0.9**8, abs=0.006)
    assert (1 - (1 - solved / 16) ** 8).mean() < 0.52


def test_all_samples_together_solve_what_one_of_them_does() -> None:
    assert pass_at_k([8, 8, 8], [0, 1, 8], 8) == pytest.approx([0, 1, 1])


def test_many_samples_do_not_overflow() -> None:
    assert pass_at_k([100_000], [1], 50_000) == pytest.approx([0.5])


def test_fewer_samples_than_k_are_refused_even_when_none_is_solved() -> None:
    with pytest.raises(ValueError, match="k = 4 and 3 samples"):
        pass_at_k([3, 5], [0, 5], 4)


@pytest.mark.parametrize(
    ("samples", "solved", "k", "message"),
    [
        ([3], [4], 1, "0 <= solved <= samples"),
        ([3], [-1], 1, "0 <= solved <= samples"),
        ([0], [0], 1, "1 sample"),
        ([3, 3], [1], 1, r"must be \[P\]"),
        ([3.5], [1.0], 1, "must be integers"),
        ([3], [1], 0, "k must be at least 1"),
    ],
)
def test_impossible_counts_are_refused(samples: list[int], solved: list[int], k: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pass_at_k(samples, solved, k)


def test_no_samples_miss_for_certain() -> None:
    assert missing_at_k([3, 2], [3, 0], 0) == pytest.approx([1, 1])


def test_an_ensemble_misses_when_every_member_does() -> None:
    # Misses: C(2, 2) / C(3, 2) = 1/3 and 1 - 1/4 = 3/4.
    members = [counts([3], [1]), counts([4], [1])]
    assert ensemble_pass(members, [2, 1]) == pytest.approx([1 - 1 / 3 * 3 / 4])


def test_an_ensemble_of_one_is_that_member() -> None:
    member, other = counts([8, 8], [2, 5]), counts([8, 8], [8, 0])
    assert ensemble_pass([member, other], [5, 0]) == pytest.approx(pass_at_k([8, 8], [2, 5], 5))


def test_members_must_fit_shares_and_each_other() -> None:
    member = counts([4, 4], [1, 2])
    with pytest.raises(ValueError, match="one share per member, got 1 shares and 2 members"):
        ensemble_pass([member, member], [2])
    with pytest.raises(ValueError, match="same problems"):
        ensemble_pass([member, counts([4], [1])], [1, 1])
    with pytest.raises(ValueError, match="at least 1 sample"):
        ensemble_pass([member], [0])


def test_the_best_allocation_is_found_among_all() -> None:
    rng = np.random.default_rng(3)
    members = [
        SolveCounts(samples=np.full(12, 6), solved=rng.binomial(6, rng.beta(0.5, 0.5, 12))) for _ in range(2)
    ]
    rates = {k: ensemble_pass(members, [k, 6 - k]).mean() for k in range(7)}
    first, second = best_allocation(members, 6)
    assert first + second == 6
    assert rates[first] == pytest.approx(max(rates.values()))


def test_complementary_members_share_the_budget() -> None:
    assert best_allocation([counts([4, 4], [4, 0]), counts([4, 4], [0, 4])], 2) == (1, 1)


def test_a_member_with_its_samples_used_up_gets_no_more() -> None:
    assert best_allocation([counts([2], [1]), counts([4], [0])], 5) == (2, 3)
    with pytest.raises(ValueError, match="from 1 to 6, got 7"):
        best_allocation([counts([2], [1]), counts([4], [0])], 7)


def test_the_first_of_equal_members_is_the_best_single() -> None:
    weak, strong = counts([4, 4], [1, 0]), counts([4, 4], [2, 2])
    assert best_single([weak, strong, strong], 2) == 1


def test_weights_of_a_resample_are_shares_of_problems() -> None:
    weights = weights_of(5)
    assert weights.shape == (2000, 5)
    assert weights.sum(axis=1) == pytest.approx(np.ones(2000))
    assert np.array_equal(weights, weights_of(5))
    assert not np.array_equal(weights, weights_of(5, seed=1))


@pytest.mark.parametrize(("problems", "resamples", "message"), [(1, 2000, "at least 2"), (5, 1999, "2000")])
def test_too_few_problems_or_resamples_are_refused(problems: int, resamples: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resampling_weights(problems, np.random.default_rng(0), resamples)


def test_strata_keep_their_number_of_problems() -> None:
    strata = (np.array([0, 2]), np.array([1, 3, 4]))
    weights = resampling_weights(5, np.random.default_rng(0), strata=strata)
    assert weights[:, [0, 2]].sum(axis=1) == pytest.approx(np.full(2000, 0.4))
    # What differs only between strata has no spread.
    assert mean_interval([1, 0, 1, 0, 0], weights).high == pytest.approx(0.4)
    for wrong in ((np.array([0, 1]),), (np.array([0, 1, 2, 3]), np.array([4])), (*strata, np.array([0, 1]))):
        with pytest.raises(ValueError, match="in one stratum"):
            resampling_weights(5, np.random.default_rng(0), strata=wrong)


def test_clusters_are_drawn_as_a_whole() -> None:
    clusters = np.array([0, 0, 1, 2, 2, 2])
    weights = resampling_weights(6, np.random.default_rng(0), clusters=clusters)
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(weights)))
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3] == weights[:, 5]).all()
    alone = resampling_weights(6, np.random.default_rng(0), clusters=np.arange(6))
    assert alone == pytest.approx(resampling_weights(6, np.random.default_rng(0)))
    with pytest.raises(ValueError, match="at least 2 clusters"):
        resampling_weights(6, np.random.default_rng(0), clusters=np.zeros(6, np.int64))


def test_the_interval_of_a_mean_covers_it_and_agrees_with_its_standard_error() -> None:
    values = np.random.default_rng(5).random(200)
    interval = mean_interval(values, weights_of(200))
    error = values.std() / np.sqrt(200)
    assert interval.estimate == pytest.approx(values.mean())
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_the_interval_of_a_mean_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    weights = weights_of(40)
    covered = 0
    for _ in range(300):
        interval = mean_interval(rng.beta(0.5, 0.5, 40), weights)
        covered += interval.low <= 0.5 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


def test_equal_problems_give_an_interval_without_width() -> None:
    interval = mean_interval([0.3] * 7, weights_of(7))
    assert interval.low == interval.high == pytest.approx(interval.estimate) == pytest.approx(0.3)


def test_a_paired_difference_is_narrower_than_that_of_strangers() -> None:
    rng = np.random.default_rng(7)
    first = rng.random(50)
    second = first + 0.05 + 0.01 * rng.standard_normal(50)
    paired = paired_interval(first, second, weights_of(50))
    assert paired.estimate == pytest.approx((second - first).mean())
    assert paired.positive
    assert paired.high - paired.low < 0.02
    assert paired_interval(second, first, weights_of(50)).negative


def test_a_ratio_divides_sums_rather_than_averaging_ratios() -> None:
    interval = ratio_interval([1, 0, 8], [1, 1, 8], weights_of(3))
    assert interval is not None
    assert interval.estimate == pytest.approx(0.9)
    assert 0 <= interval.low <= 0.9 <= interval.high <= 1


def test_a_ratio_to_nothing_is_no_number() -> None:
    assert ratio_interval([0, 0], [0, 0], weights_of(2)) is None
    some = ratio_interval([0, 1], [0, 1], weights_of(2))
    assert some == Interval(estimate=1.0, low=1.0, high=1.0)


def test_values_that_fit_no_weights_or_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match=r"got \[2\] and \[2000, 3\]"):
        mean_interval([1.0, 2.0], weights_of(3))
    with pytest.raises(ValueError, match="must be finite"):
        mean_interval([1.0, np.nan], weights_of(2))


def test_an_interval_tells_where_it_lies() -> None:
    narrow = Interval(estimate=0.0, low=-0.05, high=0.05)
    assert narrow.within(0.1)
    assert [narrow.positive, narrow.negative, narrow.beyond(0.1)] == [False] * 3
    assert Interval(estimate=0.2, low=0.1, high=0.3).beyond(0.1)
    assert Interval(estimate=-0.2, low=-0.3, high=-0.1).beyond(0.1)
    crossing = Interval(estimate=0.1, low=0.05, high=0.15)
    assert [crossing.within(0.1), crossing.beyond(0.1)] == [False] * 2
    assert str(narrow) == "0.000 [-0.050, 0.050]"
    assert str(Interval(estimate=-1e-9, low=-1e-9, high=0.0)) == "0.000 [0.000, 0.000]"


def test_an_interval_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="must not exceed"):
        Interval(estimate=0.0, low=1.0, high=0.0)
    with pytest.raises(ValueError, match="must not exceed"):
        Interval(estimate=0.0, low=float("nan"), high=0.0)
