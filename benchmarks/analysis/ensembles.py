"""Ensembles of checkpoints at a matched number of samples. Pure functions on arrays.

An ensemble solves a problem if at least one sample of any member does. By the inequality of the means, an
equal split never loses to the *mean* of its members, so an ensemble is compared with the *best* single
checkpoint at the same number of samples. Both are chosen on some problems and compared on others, because
whatever is chosen on the problems that also measure it looks better than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from .clustered import clustered_mean, clustered_share
from .paired import TestResult, sign_flip
from .statistics import (
    Floats,
    Interval,
    Ints,
    SolveCounts,
    best_allocation,
    best_single,
    ensemble_pass,
    mean_interval,
    pass_at_k,
)

HALVINGS = 20
"""Number of random halves of the problems over which `ensemble_gain` averages."""
FEWEST_CLUSTERS = 4
"""Number of clusters from which both halves of them have 2."""
ENUMERATED = 3000
"""Largest number of splits of a budget that are all tried."""


@dataclass(frozen=True, kw_only=True)
class BestSplit:
    """A split of a budget among members with the highest expected pass rate that was found."""

    shares: tuple[int, ...]
    """Number of samples of each member."""
    rate: float
    """Mean over problems of the expected pass rate."""
    exact: bool
    """Whether all splits were tried; otherwise no exchange of samples between two members is better."""


@dataclass(frozen=True, kw_only=True)
class EnsembleGain:
    """The gain of an ensemble over the best single checkpoint; both are chosen on other problems."""

    budget: int
    """Number of samples of the ensemble, and of the single checkpoint."""
    gain: Interval
    """Difference in pass@budget, paired by problem."""
    ensemble: Interval
    """pass@budget of the ensemble."""
    single: Interval
    """pass@budget of the single checkpoint."""
    shares: tuple[float, ...]
    """Mean share of the budget that each member received."""


@dataclass(frozen=True, kw_only=True)
class MatchedGain:
    """The gain of an ensemble over the best single checkpoint, both chosen on validation problems."""

    budget: int
    """Number of samples of the ensemble, and of the single checkpoint."""
    split: BestSplit
    """The split that is best on the validation problems."""
    best: int
    """Number of the member that is best alone on the validation problems."""
    gain: Interval
    """Difference in pass@budget on the test problems, paired by problem."""
    ensemble: Interval
    """pass@budget of the ensemble on the test problems."""
    single: Interval
    """pass@budget of the single checkpoint on the test problems."""
    test: TestResult
    """Test of the hypothesis that there is no gain, by flipping the signs of whole clusters."""
    problems: int
    """Number of test problems."""


def all_splits(rooms: Sequence[int], budget: int) -> Ints:
    """Return every way to divide a budget among members with limited numbers of samples.

    Args:
        rooms: Largest number of samples of each of M members, at least 0.
        budget: Number of samples in total, at least 1.

    Returns:
        int64 [S, M]; the rows add up to the budget. Rows that give more to the first members come first.

    Raises:
        ValueError: The budget is less than 1 or more than all rooms together.
    """
    if not 1 <= budget <= sum(rooms):
        raise ValueError(f"the budget must be from 1 to {sum(rooms)}, got {budget!r}")
    # A split is a choice of places for the M - 1 bars between budget stars.
    bars = np.array(list(combinations(range(budget + len(rooms) - 1), len(rooms) - 1)), np.int64)
    bars = bars.reshape(len(bars), len(rooms) - 1)
    first = np.full((len(bars), 1), -1)
    last = np.full((len(bars), 1), budget + len(rooms) - 1)
    splits = np.diff(np.concatenate([first, bars, last], axis=1), axis=1) - 1
    return np.asarray(splits[(splits <= np.asarray(rooms)).all(axis=1)][::-1])


def best_split(members: Sequence[SolveCounts], budget: int, *, enumerated: int = ENUMERATED) -> BestSplit:
    """Divide a budget of samples among checkpoints for the highest mean pass rate on these problems.

    Args:
        members: Counts of M checkpoints on the same problems.
        budget: Number of samples in total, at least 1.
        enumerated: Largest number of splits that are all tried. Where there are more, the greedy allocation
            is improved by exchanges of any number of samples between two members, until no exchange is
            better.

    Raises:
        ValueError: The members are not counted on the same problems, or have fewer samples than the budget.
    """
    start = best_allocation(members, budget)
    missing = [_missing(each, min(budget, int(each.samples.min()))) for each in members]
    if comb(budget + len(members) - 1, len(members) - 1) <= enumerated:
        splits = all_splits([len(table) - 1 for table in missing], budget)
        left = np.ones((len(splits), missing[0].shape[1]))
        for place, table in enumerate(missing):
            left *= table[splits[:, place]]
        rates = 1 - left.mean(axis=1)
        best = int(np.argmax(np.round(rates, 12)))  # rounding errors must not decide between equal rates
        return BestSplit(shares=tuple(splits[best].tolist()), rate=float(rates[best]), exact=True)
    shares = _exchanged(list(start), missing)
    left = np.prod([table[share] for table, share in zip(missing, shares, strict=True)], axis=0)
    return BestSplit(shares=tuple(shares), rate=float(1 - left.mean()), exact=False)


def ensemble_gain(
    members: Sequence[SolveCounts], budget: int, rng: np.random.Generator, weights: Floats
) -> EnsembleGain:
    """Choose an allocation and the best single checkpoint on half of the problems; compare on the other half.

    The difference of a problem is the mean over the random halves that did not choose on it. The interval is
    over problems.

    Args:
        members: Counts of M checkpoints on the same P problems.
        budget: Total number of samples.
        rng: Generator that halves the problems.
        weights: float64 [R, P], from `resampling_weights`.

    Raises:
        ValueError: There are fewer than 2 problems, or the budget exceeds the samples of a member.
    """
    problems = members[0].samples.size
    if problems < 2:
        raise ValueError(f"there must be at least 2 problems to halve, got {problems}")
    ensemble, single, left_out = np.zeros(problems), np.zeros(problems), np.zeros(problems)
    shares = np.zeros(len(members))
    for _ in range(HALVINGS):
        halves = halved(np.arange(problems), rng)
        for chosen_on, measured_on in (halves, halves[::-1]):
            known = [member.chosen(chosen_on) for member in members]
            allocation, best = best_allocation(known, budget), best_single(known, budget)
            others = [member.chosen(measured_on) for member in members]
            ensemble[measured_on] += ensemble_pass(others, allocation)
            single[measured_on] += pass_at_k(others[best].samples, others[best].solved, budget)
            left_out[measured_on] += 1
            shares += np.array(allocation) / budget
    ensemble, single = ensemble / left_out, single / left_out
    return EnsembleGain(
        budget=budget,
        gain=mean_interval(ensemble - single, weights),
        ensemble=mean_interval(ensemble, weights),
        single=mean_interval(single, weights),
        shares=tuple(float(share) for share in shares / (2 * HALVINGS)),
    )


def matched_gain(
    members: Sequence[SolveCounts], budget: int, clusters: Ints, rng: np.random.Generator
) -> MatchedGain:
    """Compare the best split with the best single checkpoint, both chosen on other clusters of problems.

    A random half of the clusters is for validation: it chooses both. The other half is for the test. Halves
    in turn, or means over several halves, would use all problems, but then choices and errors depend on each
    other: in simulations, nominal 95 % intervals cover 91 % for two halves in turn, and less for more folds.

    Args:
        members: Counts of M checkpoints on the same P problems.
        budget: Number of samples of the ensemble, and of the single checkpoint.
        clusters: int64 [P]: number of the cluster of each problem, from 0 to G - 1, each used; G at least 4.
        rng: Generator that halves the clusters, and flips signs.

    Returns:
        The gain with a t interval, the rates with Wilson intervals, and a test by sign flips.

    Raises:
        ValueError: There are fewer than 4 clusters, or the budget exceeds the samples of a member.
    """
    if int(clusters.max(initial=-1)) < FEWEST_CLUSTERS - 1:
        raise ValueError(f"there must be at least {FEWEST_CLUSTERS} clusters of problems to halve")
    validation, test = halved(clusters, rng)
    known = [member.chosen(validation) for member in members]
    split, best = best_split(known, budget), best_single(known, budget)
    others = [member.chosen(test) for member in members]
    ensemble = ensemble_pass(others, split.shares)
    single = pass_at_k(others[best].samples, others[best].solved, budget)
    tested = np.unique(clusters[test], return_inverse=True)[1].astype(np.int64)
    most = max(1.0, min(float(each.samples.sum()) for each in others) / budget)
    return MatchedGain(
        budget=budget,
        split=split,
        best=best,
        gain=clustered_mean(ensemble - single, tested),
        ensemble=clustered_share(ensemble, tested, most),
        single=clustered_share(single, tested, most),
        test=sign_flip(ensemble - single, tested, rng),
        problems=test.size,
    )


def halved(clusters: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return random halves of the problems that divide no cluster; of an odd number, the second is larger.

    Args:
        clusters: int64 [P]: number of the cluster of each problem, from 0 to G - 1, each used.
        rng: Generator that shuffles the clusters.
    """
    count = int(clusters.max()) + 1
    shuffled = rng.permutation(count)
    order = np.argsort(clusters, kind="stable")
    ends = np.searchsorted(clusters[order], np.arange(count + 1))
    first, second = (
        np.concatenate([order[ends[number] : ends[number + 1]] for number in part])
        for part in (shuffled[: count // 2], shuffled[count // 2 :])
    )
    return first, second


def parts_of(counts: SolveCounts, parts: int, rng: np.random.Generator) -> list[SolveCounts]:
    """Divide the samples of one checkpoint at random into equal parts, as if they were different checkpoints.

    The parts differ in the seeds of their samples only, so an ensemble of them has no true gain: it is the
    control of an ensemble.

    Args:
        counts: Counts on P problems.
        parts: Number of parts, at least 1.
        rng: Generator that divides the samples.

    Returns:
        Counts of each part, with n // parts samples of each problem.

    Raises:
        ValueError: A problem has fewer samples than there are parts.
    """
    each = counts.samples // parts
    if each.min(initial=1) < 1:
        raise ValueError(
            f"every problem must have at least {parts} samples to divide, got {counts.samples.min()}"
        )
    found = []
    samples, solved = counts.samples.copy(), counts.solved.copy()
    for _ in range(parts):
        # How many solved samples fall into a random part has a hypergeometric distribution.
        taken = rng.hypergeometric(solved, samples - solved, each)
        found.append(SolveCounts(samples=each, solved=taken))
        samples, solved = samples - each, solved - taken
    return found


def _missing(counts: SolveCounts, most: int) -> Floats:
    """Return the probability that k samples all fail, for each k from 0 to `most`: float64 [most + 1, P]."""
    tried = np.arange(most)[:, None]
    factors = np.clip(counts.samples - counts.solved - tried, 0, None) / (counts.samples - tried)
    return np.concatenate([np.ones((1, counts.samples.size)), np.cumprod(factors, axis=0)])


def _exchanged(shares: list[int], missing: Sequence[Floats]) -> list[int]:
    """Move samples between two members at a time until no such move lowers the mean of the misses."""
    improved = True
    while improved:
        improved = False
        for one, two in combinations(range(len(shares)), 2):
            total = shares[one] + shares[two]
            others = [place for place in range(len(shares)) if place not in (one, two)]
            rest = np.prod(
                [np.ones(missing[0].shape[1]), *(missing[place][shares[place]] for place in others)], axis=0
            )
            least = max(0, total - (len(missing[two]) - 1))
            most = min(total, len(missing[one]) - 1)
            given = np.arange(least, most + 1)
            left = (missing[one][given] * missing[two][total - given]) @ rest
            best = int(np.argmin(left))
            if left[best] < left[shares[one] - least] - 1e-9:  # a gain by rounding would move samples forever
                shares[one], shares[two] = int(given[best]), total - int(given[best])
                improved = True
    return shares
