"""Ensembles of checkpoints at a matched number of samples. Pure functions on arrays.

An ensemble solves a problem if at least one sample of any member does. By the inequality of the means, an
equal split never loses to the *mean* of its members, so an ensemble is compared with the *best* single
checkpoint at the same number of samples. Both are chosen on some problems and compared on others, because
whatever is chosen on the problems that also measure it looks better than it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
MATCHED_HALVINGS = 10
"""Number of random halves of the clusters over which `matched_gain` averages."""
ENUMERATED = 3000
"""Largest number of splits of a budget that are all tried."""

Choose = Callable[[Sequence[SolveCounts], int], tuple[int, ...]]
"""Chooses the number of samples of each member from counts and a budget."""


@dataclass(frozen=True, kw_only=True)
class BestSplit:
    """A split of a budget among members with the highest expected pass rate that was found."""

    shares: tuple[int, ...]
    """Number of samples of each member."""
    rate: float
    """Mean over problems of the expected pass rate."""
    exact: bool
    """Whether all splits were tried; otherwise no exchange of samples between two members is better."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossFit:
    """An ensemble and a single checkpoint, each measured on problems that did not choose it."""

    ensemble: Floats
    """float64 [P]: pass rate of the chosen ensembles."""
    single: Floats
    """float64 [P]: pass rate of the chosen single checkpoints."""
    shares: tuple[float, ...]
    """Mean share of the budget that each member received."""
    singles: tuple[float, ...]
    """Share of the choices in which each member was the best single checkpoint."""


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
class MatchedGain(EnsembleGain):
    """The same with cluster-robust intervals and a test."""

    singles: tuple[float, ...]
    """Share of the choices in which each member was the best single checkpoint."""
    test: TestResult
    """Test of the hypothesis that there is no gain, by flipping the signs of whole clusters."""


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


def cross_fit(
    members: Sequence[SolveCounts],
    budget: int,
    halvings: Iterable[tuple[Ints, Ints]],
    choose: Choose = lambda members, budget: best_split(members, budget).shares,
) -> CrossFit:
    """Choose a split and the best single checkpoint on each half of the problems; measure on the other half.

    Args:
        members: Counts of M checkpoints on the same P problems.
        budget: Total number of samples.
        halvings: Numbers of the problems of both halves; each problem is in one half of each pair.
        choose: Chooses the split.

    Returns:
        Means over the halvings. A problem is measured once for each halving.

    Raises:
        ValueError: There are no halvings, or the budget exceeds the samples of a member.
    """
    problems = members[0].samples.size
    ensemble, single, measured = np.zeros(problems), np.zeros(problems), np.zeros(problems)
    shares, singles, choices = np.zeros(len(members)), np.zeros(len(members)), 0
    alone = [pass_at_k(each.samples, each.solved, budget) for each in members]
    for halves in halvings:
        for chosen_on, measured_on in (halves, halves[::-1]):
            known = [member.chosen(chosen_on) for member in members]
            split, best = choose(known, budget), best_single(known, budget)
            others = [member.chosen(measured_on) for member in members]
            ensemble[measured_on] += ensemble_pass(others, split)
            single[measured_on] += alone[best][measured_on]
            measured[measured_on] += 1
            shares += np.array(split) / budget
            singles[best] += 1
            choices += 1
    if not choices:
        raise ValueError("there must be at least 1 pair of halves")
    return CrossFit(
        ensemble=ensemble / measured,
        single=single / measured,
        shares=tuple((shares / choices).tolist()),
        singles=tuple((singles / choices).tolist()),
    )


def ensemble_gain(
    members: Sequence[SolveCounts], budget: int, rng: np.random.Generator, weights: Floats
) -> EnsembleGain:
    """Choose an allocation and the best single checkpoint on half of the problems; compare on the other half.

    The allocation is greedy. The difference of a problem is the mean over the random halves that did not
    choose on it. The interval is a bootstrap over problems.

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
    found = cross_fit(members, budget, halved(np.arange(problems), HALVINGS, rng), best_allocation)
    return EnsembleGain(
        budget=budget,
        gain=mean_interval(found.ensemble - found.single, weights),
        ensemble=mean_interval(found.ensemble, weights),
        single=mean_interval(found.single, weights),
        shares=found.shares,
    )


def matched_gain(
    members: Sequence[SolveCounts],
    budget: int,
    clusters: Ints,
    rng: np.random.Generator,
    *,
    halvings: int = MATCHED_HALVINGS,
) -> MatchedGain:
    """Compare the best split with the best single checkpoint, both chosen on other clusters of problems.

    Args:
        members: Counts of M checkpoints on the same P problems.
        budget: Number of samples of the ensemble, and of the single checkpoint.
        clusters: int64 [P]: number of the cluster of each problem, from 0 to G - 1, each used; G at least 2.
        rng: Generator that halves the clusters, and flips signs.
        halvings: Number of random halves of the clusters to average over, at least 1.

    Returns:
        The gain with a t interval, the rates with Wilson intervals, and a test by sign flips.

    Raises:
        ValueError: There are fewer than 2 clusters, or the budget exceeds the samples of a member.
    """
    if int(clusters.max(initial=-1)) < 1:
        raise ValueError("there must be at least 2 clusters of problems to halve")
    found = cross_fit(members, budget, halved(clusters, halvings, rng))
    difference = found.ensemble - found.single
    most = max(1.0, min(float(each.samples.sum()) for each in members) / budget)
    return MatchedGain(
        budget=budget,
        gain=clustered_mean(difference, clusters),
        ensemble=clustered_share(found.ensemble, clusters, most),
        single=clustered_share(found.single, clusters, most),
        shares=found.shares,
        singles=found.singles,
        test=sign_flip(difference, clusters, rng),
    )


def halved(clusters: Ints, halvings: int, rng: np.random.Generator) -> Iterator[tuple[Ints, Ints]]:
    """Yield random halves of the problems that divide no cluster.

    Args:
        clusters: int64 [P]: number of the cluster of each problem, from 0 to G - 1, each used.
        halvings: Number of pairs of halves.
        rng: Generator that shuffles the clusters.
    """
    count = int(clusters.max()) + 1
    members = [np.flatnonzero(clusters == number) for number in range(count)]
    for _ in range(halvings):
        shuffled = rng.permutation(count)
        first, second = (
            np.concatenate([members[number] for number in part])
            for part in (shuffled[: count // 2], shuffled[count // 2 :])
        )
        yield first, second


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
