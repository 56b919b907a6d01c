"""Which differences a comparison can detect, and how large differences by chance are. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .clustered import t_quantile
from .statistics import LEVEL, Floats, SolveCounts

POWER = 0.8
"""Probability with which a detectable difference is found."""
INTRACLASS, CORRELATION = 0.5, 0.8
"""Assumptions of a plan without earlier runs: the share of the variance of single outcomes at solve rate 1/2
that is between problems, and the correlation of two runs' solve rates over problems."""


@dataclass(frozen=True, kw_only=True)
class Components:
    """The variances that decide how precise a paired difference of solve rates is."""

    within: float
    """Mean over problems of p (1 - p), the variance of a single outcome: in [0, 0.25]."""
    between: float
    """Variance over problems of the true difference between two runs, at least 0."""


ASSUMED = Components(within=0.25 * (1 - INTRACLASS), between=2 * 0.25 * INTRACLASS * (1 - CORRELATION))


def detectable_difference(standard_error: float, clusters: int) -> float:
    """Return the smallest true difference that a test at 5 % detects with probability 0.8.

    Args:
        standard_error: Standard error of the paired difference.
        clusters: Number of clusters, at least 2.

    References:
        arXiv:2411.00640, section 5, with t quantiles for clusters - 1 degrees of freedom.
    """
    degrees = clusters - 1
    return (t_quantile((1 + LEVEL) / 2, degrees) + t_quantile(POWER, degrees)) * standard_error


def planned_difference(problems: int, samples: int, components: Components = ASSUMED) -> float:
    """Return the smallest difference of solve rates that a paired comparison will detect.

    Args:
        problems: Number of shared problems, at least 2.
        samples: Number of samples per problem of each run, at least 1.
        components: Variances, assumed or from earlier runs.

    Returns:
        (z(0.975) + z(0.8)) sqrt((between + 2 within / samples) / problems), at most 1.

    Raises:
        ValueError: A number is out of range.

    References:
        arXiv:2411.00640, equation 9.
    """
    if problems < 2 or samples < 1:
        raise ValueError(
            f"a plan needs at least 2 problems and 1 sample per problem, got {problems} and {samples}"
        )
    quantiles = NormalDist().inv_cdf((1 + LEVEL) / 2) + NormalDist().inv_cdf(POWER)
    variance = (components.between + 2 * components.within / samples) / problems
    return min(1.0, quantiles * math.sqrt(variance))


def components(first: SolveCounts, second: SolveCounts) -> Components:
    """Estimate the components from two runs on the same problems with at least 2 samples each.

    Raises:
        ValueError: The runs are not counted on the same problems, or a problem has fewer than 2 samples, or
            there are fewer than 2 problems.
    """
    if first.samples.shape != second.samples.shape or first.samples.size < 2:
        raise ValueError("components need two runs on the same problems, at least 2")
    one, two = _within(first), _within(second)
    rates = first.solved / first.samples - second.solved / second.samples
    noise = float(np.mean(one / first.samples + two / second.samples))
    between = max(0.0, float(np.var(rates, ddof=1)) - noise)
    return Components(within=float(np.mean(one + two) / 2), between=between)


def noise_floor(counts: SolveCounts) -> float:
    """Return the difference between two repeats of one run that 5 % of such pairs exceed.

    The repeats are halves of the samples of a problem, drawn without replacement; their variance is known
    exactly and is scaled from half to all samples. The problems are the same in both repeats.

    Raises:
        ValueError: A problem has fewer than 2 samples.
    """
    variance = float(np.sum(2 * _within(counts) / counts.samples)) / counts.samples.size**2
    return NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(variance)


def _within(counts: SolveCounts) -> Floats:
    """Return the unbiased estimate of p (1 - p) of each problem."""
    n, c = counts.samples, counts.solved
    if n.min(initial=2) < 2:
        raise ValueError("every problem must have at least 2 samples")
    return np.asarray(c * (n - c) / (n * (n - 1)), np.float64)
