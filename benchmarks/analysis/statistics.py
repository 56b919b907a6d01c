"""Estimates with intervals: pass@k, ensembles, bootstraps over problems. Pure functions on arrays.

An interval says how an estimate would vary over *other problems of the same kind*. Samples of one problem are
not independent evidence, so the bootstrap draws whole problems. Estimates that are compared use the same
draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESAMPLES = 2000
"""Number of bootstrap draws; fewer would make the ends of an interval visibly random."""
LEVEL = 0.95
"""Coverage probability of intervals."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its interval."""

    estimate: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(
                f"the low end of an interval must not exceed the high end, got {self.low!r} and {self.high!r}"
            )

    @property
    def positive(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.low > 0

    @property
    def negative(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high < 0

    def within(self, margin: float) -> bool:
        """Return whether the whole interval is closer to 0 than a margin."""
        return -margin < self.low and self.high < margin

    def beyond(self, margin: float) -> bool:
        """Return whether no part of the interval is closer to 0 than a margin."""
        return self.low >= margin or self.high <= -margin

    def __str__(self) -> str:
        # Adding 0 turns a rounded -0.0 into 0.0.
        estimate, low, high = (round(value, 3) + 0.0 for value in (self.estimate, self.low, self.high))
        return f"{estimate:.3f} [{low:.3f}, {high:.3f}]"


@dataclass(frozen=True, kw_only=True, eq=False)
class SolveCounts:
    """The numbers of samples and of solved samples of each problem."""

    samples: Ints
    """int64 [P]: number of samples, at least 1."""
    solved: Ints
    """int64 [P]: number of solved samples, from 0 to `samples`."""

    def __post_init__(self) -> None:
        _check_counts(self.samples, self.solved)

    def chosen(self, problems: NDArray[np.int64] | NDArray[np.bool_]) -> SolveCounts:
        """Return the counts of some of the problems, by index or mask."""
        return SolveCounts(samples=self.samples[problems], solved=self.solved[problems])


def missing_at_k(samples: ArrayLike, solved: ArrayLike, k: int) -> Floats:
    """Estimate without bias the probability that k samples of a problem all fail: C(n - c, k) / C(n, k).

    Args:
        samples: integer [P]: number n of samples of each problem, at least k.
        solved: integer [P]: number c of solved samples of each problem, from 0 to n.
        k: Number of samples, at least 0; without samples the probability is 1.

    Returns:
        float64 [P]: the product of (n - c - i) / (n - i) over i < k, which has no large intermediate numbers.

    Raises:
        ValueError: An n is less than k, a c is not in [0, n], or the shapes differ.

    References:
        arXiv:2107.03374, equation 1. For n < k, the code of the paper returns pass@k = 1 even if c = 0; here
        that is an error.
    """
    n, c = _check_counts(samples, solved)
    if k < 0:
        raise ValueError(f"k must be at least 0, got {k!r}")
    if n.size and k > n.min():
        raise ValueError(f"k must not exceed the samples of any problem, got k = {k} and {n.min()} samples")
    tried = np.arange(k)
    return np.asarray(np.prod(np.clip((n - c)[:, None] - tried, 0, None) / (n[:, None] - tried), axis=1))


def pass_at_k(samples: ArrayLike, solved: ArrayLike, k: int) -> Floats:
    """Estimate without bias the probability that at least one of k samples solves a problem.

    Args:
        samples: integer [P]: number n of samples of each problem, at least k.
        solved: integer [P]: number c of solved samples of each problem, from 0 to n.
        k: Number of samples, at least 1.

    Returns:
        float64 [P], in [0, 1].

    Raises:
        ValueError: k is less than 1 or more than an n, a c is not in [0, n], or the shapes differ.

    References:
        arXiv:2107.03374, equation 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k!r}")
    return 1 - missing_at_k(samples, solved, k)


def ensemble_pass(members: Sequence[SolveCounts], shares: Sequence[int]) -> Floats:
    """Estimate without bias the probability that an ensemble solves a problem.

    Args:
        members: Counts of M checkpoints on the same P problems.
        shares: Number of samples k_m of each checkpoint; their sum is the budget.

    Returns:
        float64 [P]: 1 - prod_m C(n_m - c_m, k_m) / C(n_m, k_m).

    Raises:
        ValueError: The numbers of members and shares differ, or the budget is 0.
    """
    _check_members(members)
    if len(shares) != len(members):
        raise ValueError(
            f"there must be one share per member, got {len(shares)} shares and {len(members)} members"
        )
    if sum(shares) < 1:
        raise ValueError(f"the budget must be at least 1 sample, got shares {list(shares)}")
    missing = [missing_at_k(each.samples, each.solved, k) for each, k in zip(members, shares, strict=True)]
    return np.asarray(1 - np.prod(missing, axis=0))


def best_allocation(members: Sequence[SolveCounts], budget: int) -> tuple[int, ...]:
    """Divide a budget of samples among checkpoints greedily for the highest mean pass rate.

    Each sample goes to the checkpoint with the largest gain; of equal gains, the first checkpoint is taken.

    Returns:
        Number of samples of each member; the numbers add up to the budget.

    Raises:
        ValueError: The members are not counted on the same problems, or have fewer samples than the budget.
    """
    _check_members(members)
    room = [int(each.samples.min()) for each in members]
    if not 1 <= budget <= sum(room):
        raise ValueError(f"the budget must be from 1 to {sum(room)}, got {budget!r}")
    samples, solved = (np.stack([getattr(each, name) for each in members]) for name in ("samples", "solved"))
    shares = np.zeros(len(members), np.int64)
    missing = np.ones(members[0].samples.size)
    for _ in range(budget):
        tried = shares[:, None]
        factors = np.clip(samples - solved - tried, 0, None) / np.maximum(samples - tried, 1)
        left = np.where(shares < room, factors @ missing / missing.size, np.inf)
        # Rounding must not decide between equal gains.
        best = int(np.flatnonzero(left <= left.min() + 1e-12)[0])
        shares[best] += 1
        missing = missing * factors[best]
    return tuple(shares.tolist())


def best_single(members: Sequence[SolveCounts], budget: int) -> int:
    """Return the index of the member that solves most with the whole budget; the first of equal members."""
    _check_members(members)
    rates = [float(np.mean(pass_at_k(each.samples, each.solved, budget))) for each in members]
    return int(np.argmax(np.round(rates, 12)))  # rounding errors must not decide between equal rates


def resampling_weights(
    problems: int,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    *,
    strata: Sequence[NDArray[np.int64]] = (),
    clusters: Ints | None = None,
) -> Floats:
    """Draw the weights of a bootstrap over problems, which all compared estimates share.

    Args:
        problems: Number P of problems.
        rng: Generator that draws the weights.
        resamples: Number R of draws.
        strata: Indices of the problems of each stratum. The number of problems in a stratum is fixed by
            design, so each stratum is drawn separately. Without strata, all problems are one stratum.
        clusters: int64 [P]: number of the cluster of each problem, from 0 to G - 1, each used. Whole clusters
            are drawn; not together with strata. Without clusters, each problem is a cluster.

    Returns:
        float64 [R, P]; each row sums to 1.

    Raises:
        ValueError: There are fewer than 2 problems in total or in a stratum, fewer than 2 clusters, fewer
            than 2000 resamples, a problem is not in exactly one stratum, or there are strata and clusters.
    """
    if problems < 2:
        raise ValueError(f"an interval over problems needs at least 2 problems, got {problems}")
    if resamples < RESAMPLES:
        raise ValueError(f"resamples must be at least {RESAMPLES}, got {resamples!r}")
    if clusters is not None:
        return _cluster_weights(problems, rng, resamples, clusters, strata)
    parts = list(strata) or [np.arange(problems)]
    if sorted(np.concatenate(parts).tolist()) != list(range(problems)) or min(map(len, parts)) < 2:
        raise ValueError("every stratum must have at least 2 problems, and every problem be in one stratum")
    weights = np.zeros((resamples, problems))
    for part in parts:
        weights[:, part] = rng.multinomial(len(part), np.full(len(part), 1 / len(part)), size=resamples)
    return weights / problems


def mean_interval(values: ArrayLike, weights: Floats) -> Interval:
    """Return the mean over problems with its 95 % percentile interval.

    Args:
        values: float [P], for example pass@k of each problem.
        weights: float64 [R, P], from `resampling_weights`.

    Raises:
        ValueError: The shapes do not match, or a value is not finite.
    """
    checked = _check_values(values, weights)
    return percentile_interval(float(checked.mean()), weights @ checked)


def paired_interval(first: ArrayLike, second: ArrayLike, weights: Floats) -> Interval:
    """Return the mean of the differences, second minus first, over problems, with its 95 % interval.

    Args:
        first: float [P].
        second: float [P], in the same order of problems.
        weights: float64 [R, P], from `resampling_weights`.

    Raises:
        ValueError: The shapes do not match, or a value is not finite.
    """
    return mean_interval(_check_values(second, weights) - _check_values(first, weights), weights)


def ratio_interval(numerators: ArrayLike, denominators: ArrayLike, weights: Floats) -> Interval | None:
    """Return the ratio of two sums over problems with its 95 % interval; None if the denominator is 0.

    Bootstrap draws in which the denominator is 0 are left out.

    Args:
        numerators: float [P].
        denominators: float [P], at least 0.
        weights: float64 [R, P], from `resampling_weights`.

    Raises:
        ValueError: The shapes do not match, or a value is not finite.
    """
    above, below = _check_values(numerators, weights), _check_values(denominators, weights)
    if below.sum() == 0:
        return None
    upper, lower = weights @ above, weights @ below
    return percentile_interval(float(above.sum() / below.sum()), upper[lower > 0] / lower[lower > 0])


def percentile_interval(estimate: float, draws: Floats) -> Interval:
    """Return an estimate with the 95 % percentile interval of its bootstrap draws: float64 [R]."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    # If all draws are equal up to rounding errors, the interval has width 0.
    return Interval(estimate=estimate, low=float(round(low, 12)), high=float(round(high, 12)))


def _cluster_weights(
    problems: int,
    rng: np.random.Generator,
    resamples: int,
    clusters: Ints,
    strata: Sequence[NDArray[np.int64]],
) -> Floats:
    count = int(clusters.max(initial=-1)) + 1
    if strata or clusters.shape != (problems,) or count < 2:
        raise ValueError(
            f"clusters must be [P] with at least 2 clusters, without strata, got {list(clusters.shape)} for "
            f"{problems} problems, {count} clusters, {len(strata)} strata"
        )
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=resamples)[:, clusters]
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True), np.float64)


def _check_counts(samples: ArrayLike, solved: ArrayLike) -> tuple[Ints, Ints]:
    n, c = np.asarray(samples), np.asarray(solved)
    if n.shape != c.shape or n.ndim != 1:
        raise ValueError(f"samples and solved must be [P], got {list(n.shape)} and {list(c.shape)}")
    if n.size and not (np.issubdtype(n.dtype, np.integer) and np.issubdtype(c.dtype, np.integer)):
        raise ValueError(f"samples and solved must be integers, got {n.dtype} and {c.dtype}")
    if (n < 1).any() or (c < 0).any() or (c > n).any():
        raise ValueError(
            f"every problem must have at least 1 sample and 0 <= solved <= samples, got {n} and {c}"
        )
    return n.astype(np.int64), c.astype(np.int64)


def _check_members(members: Sequence[SolveCounts]) -> None:
    sizes = {each.samples.size for each in members}
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(
            f"members must be counted on the same problems, at least 1, got {sorted(sizes)} problems"
        )


def _check_values(values: ArrayLike, weights: Floats) -> Floats:
    checked = np.asarray(values, np.float64)
    if weights.ndim != 2 or checked.shape != weights.shape[1:]:
        raise ValueError(
            f"values must be [P] and weights [R, P], got {list(checked.shape)} and {list(weights.shape)}"
        )
    if not np.isfinite(checked).all():
        raise ValueError(f"values must be finite, got {checked}")
    return checked
