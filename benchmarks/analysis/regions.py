"""Confidence regions for two rates together, and the area that a frontier dominates. Pure functions.

Both rates are rates of failures, so smaller is better: a point dominates all points that are right of it and
above it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .statistics import LEVEL, Floats, Interval, Ints, percentile_interval

REGION_METHOD = "Hotelling's T², cluster-robust"
FEWEST_CLUSTERS = 3
"""Number of clusters from which a covariance of two means has an inverse."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """An ellipse that contains the means of two rates with probability 0.95."""

    centre: tuple[float, float]
    covariance: Floats = field(repr=False)
    """float64 [2, 2]: covariance of the two means."""
    squared_radius: float
    """Largest squared Mahalanobis distance from the centre of a point of the region."""

    def contains(self, x: float, y: float) -> bool:
        """Return whether a point is in the region."""
        offset = np.array([x, y]) - self.centre
        values, vectors = np.linalg.eigh(self.covariance)
        along = vectors.T @ offset
        varied = values > 1e-15
        if np.any(np.abs(along[~varied]) > 1e-9):
            return False
        return bool(np.sum(along[varied] ** 2 / values[varied]) <= self.squared_radius)

    def outline(self, points: int = 64) -> Floats:
        """Return points on the border: float64 [points, 2]; the border of a flat region is a line."""
        values, vectors = np.linalg.eigh(self.covariance)
        angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
        axes = vectors * np.sqrt(np.clip(values, 0, None) * self.squared_radius)
        return np.asarray(self.centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) @ axes.T)


def confidence_region(x: ArrayLike, y: ArrayLike, clusters: Ints) -> Region:
    """Return the 95 % region for the means of two rates over problems whose clusters are independent.

    Args:
        x: float64 [P], a rate of each problem.
        y: float64 [P], another rate of each problem.
        clusters: int64 [P]: number of the cluster of each problem, from 0 to G - 1, each used; G at least 3.

    Raises:
        ValueError: The shapes differ, or there are fewer than 3 clusters.

    References:
        Hotelling, Annals of Mathematical Statistics 2 (1931). For two means, T² at the level a is
        (G - 1) (a^(-2 / (G - 2)) - 1), from the closed form of the F distribution with 2 degrees of freedom.
    """
    values = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
    if values.ndim != 2 or values.shape[1:] != clusters.shape:
        raise ValueError(
            f"rates and clusters must be [P], got {list(values.shape[1:])} and {list(clusters.shape)}"
        )
    count = int(clusters.max(initial=-1)) + 1
    if count < FEWEST_CLUSTERS:
        raise ValueError(f"a region needs at least {FEWEST_CLUSTERS} clusters, got {count}")
    means = values.mean(axis=1)
    sums = np.stack(
        [np.bincount(clusters, weights=row - mean) for row, mean in zip(values, means, strict=True)]
    )
    covariance = sums @ sums.T * count / (count - 1) / values.shape[1] ** 2
    radius = (count - 1) * ((1 - LEVEL) ** (-2 / (count - 2)) - 1)
    return Region(
        centre=(float(means[0]), float(means[1])), covariance=covariance, squared_radius=float(radius)
    )


def hypervolume(x: ArrayLike, y: ArrayLike) -> Floats:
    """Return the area of the unit square that points dominate, with both coordinates to be minimized.

    Args:
        x: float64 [..., N], in [0, 1]; N at least 1.
        y: float64 [..., N], in [0, 1].

    Returns:
        float64 [...]: area of the union of the rectangles between each point and (1, 1).

    Raises:
        ValueError: The shapes differ, there are no points, or a coordinate is not in [0, 1].

    References:
        Zitzler and Thiele, Parallel Problem Solving from Nature (1998), with the reference point (1, 1).
    """
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if xs.shape != ys.shape or xs.ndim < 1 or xs.shape[-1] < 1:
        raise ValueError(f"x and y must be [..., N] with N >= 1, got {list(xs.shape)} and {list(ys.shape)}")
    for values in (xs, ys):
        if (values < -1e-9).any() or (values > 1 + 1e-9).any():
            raise ValueError(f"coordinates must be in [0, 1], got {values}")
    order = np.argsort(xs, axis=-1, kind="stable")
    along = np.take_along_axis(xs, order, axis=-1)
    lowest = np.minimum.accumulate(np.take_along_axis(ys, order, axis=-1), axis=-1)
    ends = np.concatenate([along[..., 1:], np.ones_like(along[..., :1])], axis=-1)
    return np.asarray(np.sum((ends - along) * (1 - lowest), axis=-1))


def hypervolume_interval(x: Floats, y: Floats, weights: Floats) -> Interval:
    """Return the area that the mean rates of checkpoints dominate, with its 95 % interval over problems.

    The area of noisy points is larger on average than that of their true rates, as each new point can only
    add to it. Compare areas of equally many checkpoints, or look at `hypervolume_gain` with this in mind.

    Args:
        x: float64 [N, P]: a rate of each checkpoint and problem.
        y: float64 [N, P]: another rate.
        weights: float64 [R, P], from `resampling_weights`.
    """
    drawn = hypervolume(np.clip(weights @ x.T, 0, 1), np.clip(weights @ y.T, 0, 1))
    return percentile_interval(float(hypervolume(x.mean(axis=1), y.mean(axis=1))), drawn)


def hypervolume_gain(x: Floats, y: Floats, base: Ints, weights: Floats) -> Interval:
    """Return how much area all checkpoints dominate beyond some of them, with its 95 % interval.

    Args:
        x: float64 [N, P]: a rate of each checkpoint and problem.
        y: float64 [N, P]: another rate.
        base: int64: numbers of the checkpoints to compare with, at least 1.
        weights: float64 [R, P], from `resampling_weights`.
    """
    drawn_x, drawn_y = np.clip(weights @ x.T, 0, 1), np.clip(weights @ y.T, 0, 1)
    means_x, means_y = x.mean(axis=1), y.mean(axis=1)
    return percentile_interval(
        float(hypervolume(means_x, means_y) - hypervolume(means_x[base], means_y[base])),
        hypervolume(drawn_x, drawn_y) - hypervolume(drawn_x[:, base], drawn_y[:, base]),
    )
