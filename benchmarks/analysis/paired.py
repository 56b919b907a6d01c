"""Paired tests on shared problems, corrections for many tests, and groups of ties. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .statistics import Floats, Ints

ENUMERATED = 14
"""Largest number of clusters with a difference whose sign flips are all enumerated."""
CONVOLVED = 200_000
"""Largest sum of the integer differences whose exact distribution is computed."""
DRAWS = 20_000
"""Number of random sign flips where the exact distribution is out of reach."""


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """The two-sided p value of a test, and the name of the test."""

    __test__ = False  # the name begins like a test of pytest

    p: float
    method: str


def mcnemar(first_only: int, second_only: int) -> TestResult:
    """Test with mid-p whether two runs with one sample per problem solve equally many problems.

    Given the number of discordant problems, the number that only the first run solves is binomial with
    probability 1/2. The mid-p counts half of the probability of the observed number. The exact p value has a
    type-I error far below its level if few problems are discordant; that of mid-p is close to the level and
    rarely above.

    Args:
        first_only: Number of problems that only the first run solves.
        second_only: Number of problems that only the second run solves.

    Raises:
        ValueError: A number is negative.

    References:
        McNemar, Psychometrika 12 (1947); mid-p: Fagerland, Lydersen and Laake, BMC Medical Research
        Methodology 13:91 (2013).
    """
    if min(first_only, second_only) < 0:
        raise ValueError(f"numbers of problems must be at least 0, got {first_only} and {second_only}")
    discordant, least = first_only + second_only, min(first_only, second_only)
    ways = 2 * sum(math.comb(discordant, number) for number in range(least)) + math.comb(discordant, least)
    return TestResult(p=min(1.0, ways / 2**discordant), method="McNemar, mid-p")


def sign_flip(
    differences: ArrayLike, clusters: Ints, rng: np.random.Generator, *, scale: int | None = None
) -> TestResult:
    """Test whether the mean of paired differences is 0 by flipping the signs of whole clusters.

    Under the null hypothesis, the two runs could be exchanged in every cluster of problems without changing
    the distribution. The statistic is the absolute sum of the differences. The test is exact if all flips can
    be counted, by enumeration or, for multiples of 1 / `scale`, by convolution; otherwise it draws random
    flips and counts the observed one among them.

    Args:
        differences: float64 [P].
        clusters: int64 [P]: number of the cluster of each problem, from 0.
        rng: Generator of the random flips.
        scale: Number that turns all differences into integers, if known.

    Returns:
        The share of flips whose statistic is at least as large as the observed one.

    Raises:
        ValueError: The shapes differ.

    References:
        Fisher, The Design of Experiments (1935), section 21; the random version: Phipson and Smyth,
        arXiv:1603.05766, equation 2.
    """
    values = np.asarray(differences, np.float64)
    if values.ndim != 1 or values.shape != clusters.shape:
        raise ValueError(
            f"differences and clusters must be [P], got {list(values.shape)} and {list(clusters.shape)}"
        )
    sums = np.bincount(clusters, weights=values)
    sums = np.abs(sums[np.abs(sums) > 1e-12])
    observed = abs(float(values.sum()))
    if sums.size == 0:
        return TestResult(p=1.0, method="sign flips, exact")
    if scale is not None and sums.sum() * scale <= CONVOLVED:
        p = _convolved(np.rint(sums * scale).astype(np.int64), round(observed * scale))
        return TestResult(p=p, method="sign flips, exact")
    if sums.size <= ENUMERATED:
        signs = 1 - 2 * ((np.arange(2**sums.size)[:, None] >> np.arange(sums.size)) & 1)
        return TestResult(p=float(np.mean(_extreme(signs @ sums, observed))), method="sign flips, exact")
    above = 0
    for _ in range(10):  # in parts, as all flips at once would need much memory
        positive = rng.integers(0, 2, (DRAWS // 10, sums.size), dtype=np.int8)
        above += int(_extreme(2 * (positive @ sums) - sums.sum(), observed).sum())
    return TestResult(p=(above + 1) / (DRAWS + 1), method=f"sign flips, {DRAWS:,} random")


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted so that the chance of any false rejection in the family is bounded.

    References:
        Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def tie_letters(different: NDArray[np.bool_]) -> list[str]:
    """Return letters such that two runs share a letter exactly if they are not distinguishable.

    Args:
        different: bool [E, E], symmetric, with a False diagonal; runs in the order of their rates.

    Returns:
        For each run, the letters of its groups; a group is a largest set of runs without a difference.

    Raises:
        ValueError: The array is not symmetric, or its diagonal has a True.

    References:
        Piepho, Journal of Computational and Graphical Statistics 13 (2004), on compact letter displays;
        groups: Bron and Kerbosch, Communications of the ACM 16 (1973), algorithm 457 with pivot.
    """
    if different.ndim != 2 or (different != different.T).any() or different.diagonal().any():
        raise ValueError("different must be symmetric [E, E] with a False diagonal")
    count = len(different)
    near = [
        {other for other in range(count) if other != run and not different[run, other]}
        for run in range(count)
    ]
    groups: list[list[int]] = []

    def extend(group: set[int], candidates: set[int], seen: set[int]) -> None:
        if not candidates and not seen:
            groups.append(sorted(group))
            return
        pivot = max(candidates | seen, key=lambda run: len(near[run] & candidates))
        for run in sorted(candidates - near[pivot]):
            extend(group | {run}, candidates & near[run], seen & near[run])
            candidates = candidates - {run}
            seen = seen | {run}

    if count:
        extend(set(), set(range(count)), set())
    letters = [""] * count
    for number, group in enumerate(sorted(groups)):
        for run in group:
            letters[run] += _letter(number)
    return letters


def _letter(number: int) -> str:
    """Return a, b, ..., z, then a1, b1, ..."""
    turn, place = divmod(number, 26)
    return chr(ord("a") + place) + (str(turn) if turn else "")


def _extreme(flipped: Floats, observed: float) -> NDArray[np.bool_]:
    # Sums of the same numbers in another order differ by rounding.
    return np.asarray(np.abs(flipped) >= observed - 1e-9)


def _convolved(sums: Ints, observed: int) -> float:
    """Return P(|sum of random signs times sums| >= observed), from its distribution on the integers."""
    total = int(sums.sum())
    chance = np.zeros(total + 1)
    chance[0] = 1.0
    reached = 0
    for size in sums.tolist():
        # The sum of those with a positive sign.
        chance[: reached + 1] *= 0.5
        chance[size : reached + size + 1] += chance[: reached + 1].copy()
        reached += size
    values = 2 * np.arange(total + 1) - total
    return min(1.0, float(chance[np.abs(values) >= observed].sum()))
