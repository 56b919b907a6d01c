"""Intervals for means over problems that come in clusters, such as contests. Pure functions on arrays.

Problems of one contest or family are not independent evidence. All variances here are those of sums over
whole clusters; without known clusters, every problem is a cluster of its own.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .statistics import LEVEL, Floats, Interval, Ints

MEAN_METHOD = "t interval, cluster-robust"
SHARE_METHOD = "Wilson interval, cluster-robust"
_MANY = 1000
"""Degrees of freedom from which an expansion around the normal quantile is exact to 1e-6."""


@cache
def t_quantile(probability: float, degrees: int) -> float:
    """Return a quantile of Student's t distribution.

    Args:
        probability: In (0, 1).
        degrees: Degrees of freedom, at least 1.

    Raises:
        ValueError: An argument is out of range.

    References:
        Abramowitz and Stegun, Handbook of Mathematical Functions: 26.7.3, 26.7.4 and 26.7.5.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must be in (0, 1), got {probability!r}")
    if degrees < 1:
        raise ValueError(f"degrees must be at least 1, got {degrees!r}")
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    if degrees >= _MANY:
        z = NormalDist().inv_cdf(probability)
        return z + (z**3 + z) / (4 * degrees)
    low, high = 0.0, math.pi / 2  # the angle atan(t / sqrt(degrees)) is bounded, t is not
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _central(middle, degrees) < 2 * probability - 1 else (low, middle)
    return math.tan((low + high) / 2) * math.sqrt(degrees)


def cluster_variance(values: ArrayLike, clusters: Ints) -> float:
    """Return the variance of the mean of values whose clusters are independent.

    Args:
        values: float64 [P].
        clusters: int64 [P]: number of the cluster of each value, from 0 to G - 1, each used; G at least 2.

    Returns:
        G / (G - 1) times the sum over clusters of the squared sums of deviations, divided by P squared.

    Raises:
        ValueError: The shapes differ, or there are fewer than 2 clusters.

    References:
        arXiv:2411.00640, section 2.2 (clustered standard errors), with the factor G / (G - 1).
    """
    checked, count = _check(values, clusters)
    sums = np.bincount(clusters, weights=checked - checked.mean(), minlength=count)
    return float(count / (count - 1) * (sums @ sums) / checked.size**2)


def clustered_mean(values: ArrayLike, clusters: Ints) -> Interval:
    """Return a mean, for example of paired differences, with its 95 % t interval, G - 1 degrees of freedom.

    Args:
        values: float64 [P].
        clusters: int64 [P], as for `cluster_variance`.

    Raises:
        ValueError: As `cluster_variance`.
    """
    checked, count = _check(values, clusters)
    half = t_quantile((1 + LEVEL) / 2, count - 1) * math.sqrt(cluster_variance(checked, clusters))
    estimate = float(checked.mean())
    return Interval(estimate=estimate, low=estimate - half, high=estimate + half)


def clustered_share(values: ArrayLike, clusters: Ints, most: float) -> Interval:
    """Return the mean of shares with its 95 % Wilson interval at the effective number of samples.

    The effective number of samples is p (1 - p) divided by the cluster-robust variance of the mean p. The
    interval stays in [0, 1]. Where every share is 0, or every share is 1, the number of clusters takes its
    place, so the interval has a width even if nothing varied.

    Args:
        values: float64 [P], in [0, 1], for example pass@k of each problem.
        clusters: int64 [P], as for `cluster_variance`.
        most: Number of samples behind the shares, the upper bound of the effective number.

    Raises:
        ValueError: As `cluster_variance`, or a value is not in [0, 1].

    References:
        Wilson, JASA 22 (1927); the effective number of samples: Korn and Graubard, Survey Methodology 24
        (1998), section 2, here with the score interval and the t quantile for G - 1 degrees of freedom.
    """
    checked, count = _check(values, clusters)
    if (checked < -1e-12).any() or (checked > 1 + 1e-12).any():
        raise ValueError(f"shares must be in [0, 1], got {checked}")
    mean = min(max(float(checked.mean()), 0.0), 1.0)
    variance = cluster_variance(checked, clusters)
    spread = mean * (1 - mean)
    effective = float(count) if spread < 1e-12 else min(spread / variance, most) if variance > 0 else most
    squared = t_quantile((1 + LEVEL) / 2, count - 1) ** 2
    centre = (mean + squared / (2 * effective)) / (1 + squared / effective)
    half = math.sqrt(squared * (spread / effective + squared / (4 * effective**2))) / (
        1 + squared / effective
    )
    low, high = min(centre - half, mean), max(centre + half, mean)
    return Interval(estimate=mean, low=max(low, 0.0), high=min(high, 1.0))


def numbered(names: NDArray[np.str_] | list[str]) -> Ints:
    """Return the cluster number of each name, from 0: int64."""
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)


def _central(angle: float, degrees: int) -> float:
    """Return P(|T| <= t) for t = tan(angle) sqrt(degrees)."""
    sine, squared = math.sin(angle), math.cos(angle) ** 2
    first = degrees % 2
    term = math.cos(angle) if first else 1.0
    total = 0.0
    for power in range(first, degrees - 1, 2):
        total += term
        term *= squared * (power + 1) / (power + 2)
    return 2 / math.pi * (angle + sine * total) if first else sine * total


def _check(values: ArrayLike, clusters: Ints) -> tuple[Floats, int]:
    checked = np.asarray(values, np.float64)
    if checked.ndim != 1 or checked.shape != clusters.shape:
        raise ValueError(
            f"values and clusters must be [P], got {list(checked.shape)} and {list(clusters.shape)}"
        )
    count = int(clusters.max(initial=-1)) + 1
    if count < 2:
        raise ValueError(f"an interval over clusters needs at least 2 clusters, got {count}")
    return checked, count
