"""Measures of whether checkpoints solve different problems, each with its null. Pure functions on arrays.

Two evaluations of *one* checkpoint also solve different problems, by chance. This is the null, and it is
estimated from halves of the samples of one checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .statistics import (
    Floats,
    Interval,
    SolveCounts,
    best_single,
    ensemble_pass,
    pass_at_k,
    percentile_interval,
)

SPLITS = 20
"""Number of random halves of the samples over which a cross-fitted estimate is averaged."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlap:
    """The expected overlap between the problems that two sets of samples solve."""

    both: Floats
    """float64 [P]: probability that both sets of samples solve the problem."""
    either: Floats
    """float64 [P]: probability that at least one set of samples solves the problem."""

    def jaccard(self, weights: Floats) -> Floats:
        """Return the ratio of the expected numbers of problems solved by both and by either set.

        Args:
            weights: float64 [R, P]: weights of the problems.

        Returns:
            float64 [R]: the Jaccard index for each row of weights; 1 if no problem is solved.
        """
        both, either = weights @ self.both, weights @ self.either
        return np.asarray(np.divide(both, either, out=np.ones_like(both), where=either > 0))


def overlap(first: SolveCounts, second: SolveCounts) -> Overlap:
    """Return the overlap between half of the samples of one checkpoint and half of those of another.

    With h = n // 2 samples each and q = pass@h, both halves solve a problem with probability q_1 q_2.

    Raises:
        ValueError: The checkpoints are not counted on the same problems, or a problem has fewer than 2
            samples.
    """
    one, two = half_pass(first), half_pass(second)
    if one.shape != two.shape:
        raise ValueError(
            f"both checkpoints must be counted on the same problems, got {one.size} and {two.size}"
        )
    return Overlap(both=one * two, either=one + two - one * two)


def split_half_overlap(counts: SolveCounts) -> Overlap:
    """Return the overlap between two disjoint halves of the samples of one checkpoint.

    The overlap is averaged over all ways to halve the samples: P(either half) = pass@2h and P(both halves) =
    2 pass@h - pass@2h. For two checkpoints of equal ability, `overlap` has the same expectations.

    Raises:
        ValueError: A problem has fewer than 2 samples.
    """
    either = _pass(counts, twice=True)
    return Overlap(both=2 * half_pass(counts) - either, either=either)


def half_pass(counts: SolveCounts) -> Floats:
    """Return pass@h of each problem, where h is half of its samples, rounded down: float64 [P]."""
    return _pass(counts, twice=False)


def jaccard_gap(first: SolveCounts, second: SolveCounts, weights: Floats) -> Interval:
    """Return how much less two checkpoints overlap than two halves of one checkpoint, with a 95 % interval.

    Args:
        first: Counts of a checkpoint on P problems.
        second: Counts of another checkpoint on the same problems.
        weights: float64 [R, P], from `resampling_weights`.

    Returns:
        The mean of the two split-half Jaccard indices minus the Jaccard index between the checkpoints. It is
        above 0 if the checkpoints solve different problems.
    """
    cross = overlap(first, second)
    nulls = (split_half_overlap(first), split_half_overlap(second))
    equal = np.full((1, weights.shape[1]), 1 / weights.shape[1])

    def gap(rows: Floats) -> Floats:
        return np.asarray((nulls[0].jaccard(rows) + nulls[1].jaccard(rows)) / 2 - cross.jaccard(rows))

    return percentile_interval(float(gap(equal)[0]), gap(weights))


def cross_fitted_lead(first: SolveCounts, second: SolveCounts, rng: np.random.Generator) -> Floats:
    """Estimate the gain in solve rate from leaving to `second` the problems at which it is better.

    Half of the samples choose these problems, and the other half measure the gain on them, so chance does not
    look like a gain. If `second` is better at no problem, the expectation is at most 0, however much better
    `first` is. The estimate is averaged over random halves.

    Args:
        first: Counts of a checkpoint on P problems.
        second: Counts of another checkpoint on the same problems.
        rng: Generator that halves the samples.

    Returns:
        float64 [P]: solve rate of `second` minus solve rate of `first` where `second` was chosen; 0
        elsewhere.

    Raises:
        ValueError: The checkpoints are not counted on the same problems, or a problem has fewer than 2
            samples.
    """
    if first.samples.shape != second.samples.shape:
        raise ValueError("both checkpoints must be counted on the same problems")
    total = np.zeros(first.samples.size)
    for _ in range(SPLITS):
        chosen_by, measured = zip(_halved(first, rng), _halved(second, rng), strict=True)
        better = chosen_by[1] > chosen_by[0]
        total += np.where(better, measured[1] - measured[0], 0.0)
    return total / SPLITS


def kappa(first: SolveCounts, second: SolveCounts, weights: Floats) -> Floats:
    """Return Cohen's kappa between one sample of one checkpoint and one sample of another.

    Args:
        first: Counts of a checkpoint on P problems.
        second: Counts of another checkpoint on the same problems.
        weights: float64 [R, P]: weights of the problems; each row sums to 1.

    Returns:
        float64 [R]: (agreement - chance) / (1 - chance), where the samples agree if both solve the problem or
        both do not; 1 if chance alone makes them agree always.

    Raises:
        ValueError: The checkpoints are not counted on the same problems.

    References:
        Cohen, Educational and Psychological Measurement 20 (1960).
    """
    if first.samples.shape != second.samples.shape:
        raise ValueError("both checkpoints must be counted on the same problems")
    one, two = first.solved / first.samples, second.solved / second.samples
    agreed = one * two + (1 - one) * (1 - two)
    return _beyond_chance(weights @ agreed, weights @ one, weights @ two)


def split_half_kappa(counts: SolveCounts, weights: Floats) -> Floats:
    """Return Cohen's kappa between two samples of one checkpoint: float64 [R].

    It is estimated over all pairs of different samples. Two checkpoints that solve each problem with equal
    probabilities have the same expectation.

    Raises:
        ValueError: A problem has fewer than 2 samples.
    """
    n, c = counts.samples, counts.solved
    if n.min(initial=2) < 2:
        raise ValueError("every problem must have at least 2 samples")
    agreed = 1 - 2 * c * (n - c) / (n * (n - 1))
    rate = weights @ (c / n)
    return _beyond_chance(weights @ agreed, rate, rate)


def kappa_gap(first: SolveCounts, second: SolveCounts, weights: Floats) -> Interval:
    """Return how much less two checkpoints agree than two samples of one checkpoint, with a 95 % interval.

    Args:
        first: Counts of a checkpoint on P problems.
        second: Counts of another checkpoint on the same problems.
        weights: float64 [R, P], from `resampling_weights`.

    Returns:
        The mean of the two split-half kappas minus the kappa between the checkpoints. It is above 0 if the
        checkpoints solve different problems.
    """
    equal = np.full((1, weights.shape[1]), 1 / weights.shape[1])

    def gap(rows: Floats) -> Floats:
        null = (split_half_kappa(first, rows) + split_half_kappa(second, rows)) / 2
        return np.asarray(null - kappa(first, second, rows))

    return percentile_interval(float(gap(equal)[0]), gap(weights))


def pair_gain(first: SolveCounts, second: SolveCounts, budget: int) -> Floats:
    """Return what an equal split between two checkpoints gains over the better one with the whole budget.

    The better checkpoint is chosen on the same problems, so it looks better than it is, and the mean of the
    gain is slightly too low. Of an odd budget, the first checkpoint gets the larger half.

    Args:
        first: Counts of a checkpoint on P problems.
        second: Counts of another checkpoint on the same problems.
        budget: Number of samples, at least 2.

    Returns:
        float64 [P]: difference in pass@budget.

    Raises:
        ValueError: The budget is less than 2 or exceeds the samples of a problem.
    """
    if budget < 2:
        raise ValueError(f"the budget must be at least 2 to be split, got {budget!r}")
    members = (first, second)
    better = members[best_single(members, budget)]
    split = ensemble_pass(members, (budget - budget // 2, budget // 2))
    return np.asarray(split - pass_at_k(better.samples, better.solved, budget))


def intersections(sets: NDArray[np.bool_]) -> list[tuple[tuple[int, ...], int]]:
    """Count the problems that exactly these checkpoints solve, for each combination of checkpoints.

    Args:
        sets: bool [M, P]: checkpoint m solves problem p.

    Returns:
        Numbers of the checkpoints, and the number of problems, largest first; combinations without a problem
        are left out. The empty combination counts the problems that no checkpoint solves.

    References:
        Lex et al., IEEE Transactions on Visualization and Computer Graphics 20 (2014), on UpSet plots.
    """
    found, counts = np.unique(sets.T, axis=0, return_counts=True)
    listed = [
        (tuple(np.flatnonzero(row).tolist()), int(count)) for row, count in zip(found, counts, strict=True)
    ]
    return sorted(listed, key=lambda each: (-each[1], len(each[0]), each[0]))


def _beyond_chance(agreed: Floats, one: Floats, two: Floats) -> Floats:
    chance = one * two + (1 - one) * (1 - two)
    room = 1 - chance
    return np.asarray(np.divide(agreed - chance, room, out=np.ones_like(agreed), where=room > 1e-12))


def _pass(counts: SolveCounts, *, twice: bool) -> Floats:
    """Return pass@h, or pass@2h, of each problem, where h is half of its samples."""
    if counts.samples.min(initial=2) < 2:
        raise ValueError("every problem must have at least 2 samples to halve")
    result = np.zeros(counts.samples.size)
    for samples in np.unique(counts.samples):
        among = counts.samples == samples
        k = int(samples // 2) * (2 if twice else 1)
        result[among] = pass_at_k(counts.samples[among], counts.solved[among], k)
    return result


def _halved(counts: SolveCounts, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the solve rates of two random halves of the samples."""
    half = counts.samples // 2
    if half.min(initial=1) < 1:
        raise ValueError("every problem must have at least 2 samples to halve")
    # How many solved samples fall into a random half has a hypergeometric distribution.
    solved = rng.hypergeometric(counts.solved, counts.samples - counts.solved, half)
    return solved / half, (counts.solved - solved) / (counts.samples - half)
