"""RELEX: predict later checkpoints of a run from its first ones (arXiv 2605.21468).

For each tensor, the differences between T checkpoints and their base are the rows of a matrix M. The first
singular vectors of M give a direction in weight space and a coefficient per checkpoint, and a straight line
through the coefficients predicts the coefficient at a later position. The prediction is a weighted sum of the
checkpoints, so only the T x T Gram matrix M M^T of each tensor is needed. It is summed over chunks.

A straight line in one direction is no evidence by itself: the checkpoints of a random walk have it, too. See
`random_walk`. A prediction is to be compared with its controls, see `Trajectory.controls`.

Needs torch; `codefrontier.merging` does not import this module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from .checkpoints.weights import Weights, open_weights
from .errors import MergeError

CHUNK = 1 << 18
"""Number of weights of a tensor that are read at a time, from every checkpoint."""
SMALLEST_RATIO = 1e-6
"""Directions are left out if their singular value is at most this share of the first, as in the authors'
code."""
DTYPES = (torch.float16, torch.float32, torch.float64)


class Measure(float):
    """A measure over all tensors; `measure[name]` is the measure of one tensor.

    Args:
        value: Measure over all tensors.
        by_tensor: Measures by name of the tensor.
    """

    by_tensor: Mapping[str, float]

    def __new__(cls, value: float, by_tensor: Mapping[str, float]) -> Measure:
        """Create the number."""
        measure = super().__new__(cls, value)
        measure.by_tensor = by_tensor
        return measure

    def __getitem__(self, name: str) -> float:
        return self.by_tensor[name]


@dataclass(frozen=True, kw_only=True, eq=False)
class TensorFit:
    """The fit of one tensor; all arrays are float64."""

    left: Tensor
    """[T, r]: left singular vectors of M; a column is 0 where the direction is left out."""
    singular: Tensor
    """[r]: singular values of M, descending."""
    slope: Tensor
    """[r]: slope of each coefficient per checkpoint."""
    intercept: Tensor
    """[r]: coefficient at position 0."""
    total: float
    """Sum of the squares of M."""
    residual: float
    """Sum of the squared errors of the line in the window, over all coefficients."""
    spread: float
    """Sum of the squared deviations of the coefficients from their mean in the window."""

    @property
    def explained_variance(self) -> float:
        """Share of the squares of M in the kept directions, in [0, 1]; 0 for a tensor that never moved."""
        return float((self.singular**2).sum()) / self.total if self.total > 0 else 0.0

    @property
    def r_squared(self) -> float:
        """Coefficient of determination of the line, at most 1; 0 if the coefficients are all equal."""
        return 1 - self.residual / self.spread if self.spread > 0 else 0.0

    def weights(self, position: float) -> Tensor:
        """Return the factors w of `theta_0 + sum_t w_t (theta_t - theta_0)` at a position: float64 [T]."""
        coefficient = self.slope * position + self.intercept
        kept = self.singular > 0
        return self.left[:, kept] @ (coefficient[kept] / self.singular[kept])


@dataclass(frozen=True, kw_only=True, eq=False)
class Trajectory:
    """The fitted lines of all tensors of a run."""

    fits: Mapping[str, TensorFit] = field(repr=False)
    """Fits by name of the tensor; tensors of integers have none."""
    length: int
    """Number T of checkpoints; their positions are 0 to T - 1."""
    rank: int
    window: int
    """Number of last checkpoints that the lines were fitted to."""
    difference_dtype: torch.dtype
    """Dtype in which the differences between checkpoints and base were taken."""
    base: Weights = field(repr=False)
    checkpoints: Sequence[Weights] = field(repr=False)
    grams: Mapping[str, Tensor] = field(repr=False)
    """Gram matrices M M^T by tensor, float64 [T, T]."""

    @property
    def explained_variance(self) -> Measure:
        """Share of all squared differences in the kept directions, in [0, 1].

        A random walk has about .81 at rank 1.
        """
        total = sum(fit.total for fit in self.fits.values())
        kept = sum(float((fit.singular**2).sum()) for fit in self.fits.values())
        by_tensor = {name: fit.explained_variance for name, fit in self.fits.items()}
        return Measure(kept / total if total > 0 else 0.0, by_tensor)

    @property
    def r_squared(self) -> Measure:
        """Coefficient of determination of all lines together, at most 1. A random walk has about .96."""
        spread = sum(fit.spread for fit in self.fits.values())
        residual = sum(fit.residual for fit in self.fits.values())
        by_tensor = {name: fit.r_squared for name, fit in self.fits.items()}
        return Measure(1 - residual / spread if spread > 0 else 0.0, by_tensor)

    def rows(self, position: float) -> dict[str, tuple[float, ...]]:
        """Return the coefficients of the checkpoints by tensor, as `TensorFit.weights` defines them.

        Args:
            position: Position in units of checkpoints: 0 is the first checkpoint, T - 1 the last, larger
                positions extrapolate. `position_of` converts a number of steps.

        Raises:
            MergeError: The position is not finite.
        """
        if not math.isfinite(position):
            raise MergeError(f"position must be a finite number, got {position!r}")
        return {name: tuple(fit.weights(position).tolist()) for name, fit in self.fits.items()}

    def predict(self, position: float) -> dict[str, Tensor]:
        """Return the predicted tensors at a position, in the dtypes of the base.

        The whole model is in memory.

        Args:
            position: As of `rows`.

        Raises:
            MergeError: The position is not finite.
        """
        return self.combine(self.rows(position))

    def combine(self, rows: Mapping[str, Sequence[float]]) -> dict[str, Tensor]:
        """Return `theta_0 + sum_t w_t (theta_t - theta_0)` for the given rows, in the dtypes of the base."""
        predicted = {}
        for name in self.base.names():
            start = self.base.tensor(name)
            row = rows.get(name)
            if row is None or not any(row):
                predicted[name] = start.clone()
                continue
            origin = start.double()
            moved = origin.clone()
            for weight, checkpoint in zip(row, self.checkpoints, strict=True):
                if weight:
                    moved += weight * (checkpoint.tensor(name).double() - origin)
            predicted[name] = moved.to(start.dtype)
        return predicted

    def controls(self, position: float, *, shrink: float = 0.5) -> dict[str, dict[str, tuple[float, ...]]]:
        """Return the rows of the predictions that RELEX has to be better than.

        Args:
            position: Position of the prediction.
            shrink: Factor of the shrunk prediction, in (0, 1).

        Returns:
            By name: `last` is the last checkpoint. `first_delta` is the first difference times the factor
            that gives it the norm of the prediction. `shrunk` is the prediction's difference times `shrink`.

        Raises:
            MergeError: The position is not finite, or `shrink` is not in (0, 1).
        """
        if not 0 < shrink < 1:
            raise MergeError(f"shrink must be in (0, 1), got {shrink!r}")
        rows = self.rows(position)
        factor = self._norm(rows) / self._norm(_picked(rows, 0, self.length)) if self._moves_at(0) else 0.0
        return {
            "last": _picked(rows, self.length - 1, self.length),
            "first_delta": {name: (factor, *[0.0] * (self.length - 1)) for name in rows},
            "shrunk": {name: tuple(shrink * weight for weight in row) for name, row in rows.items()},
        }

    def distance(
        self, rows: Mapping[str, Sequence[float]], others: Mapping[str, Sequence[float]] | None = None
    ) -> float:
        """Return the Euclidean distance of two predictions by their rows, or of one from the base."""
        if others is None:
            return self._norm(rows)
        apart = {n: [a - b for a, b in zip(row, others[n], strict=True)] for n, row in rows.items()}
        return self._norm(apart)

    def _moves_at(self, index: int) -> bool:
        return any(float(self.grams[name][index, index]) > 0 for name in self.fits)

    def _norm(self, rows: Mapping[str, Sequence[float]]) -> float:
        """Return the Euclidean norm of the difference from the base that rows give."""
        squares = 0.0
        for name, row in rows.items():
            weights = torch.tensor(row, dtype=torch.float64)
            squares += float(weights @ self.grams[name] @ weights)
        return math.sqrt(max(squares, 0.0))


def fit(
    base: Mapping[str, Tensor] | Path | str,
    checkpoints: Sequence[Mapping[str, Tensor] | Path | str],
    *,
    rank: int = 1,
    window: int | None = None,
    difference_dtype: torch.dtype = torch.float32,
) -> Trajectory:
    """Fit the trajectory of a run, tensor by tensor.

    Args:
        base: Weights before the first checkpoint: tensors by name, or a checkpoint folder, which is read in
            chunks.
        checkpoints: At least two checkpoints at equal distances in steps, in the order of training.
        rank: Number of directions per tensor, from 1 to the number of checkpoints.
        window: Number of last checkpoints that the lines are fitted to, at least 2; all unless given. The
            directions are always those of all checkpoints.
        difference_dtype: `torch.float32`, `torch.float64`, or `torch.float16`: the authors' code rounds base
            and checkpoints to float16 and subtracts in float16, which loses most small updates of float32
            weights.

    Returns:
        The trajectory. A tensor that never moved stays as in the base.

    Raises:
        MergeError: An argument is not allowed, the checkpoints have other tensors than the base, or a weight
            is not finite.

    References:
        arXiv 2605.21468. The matrix is not centred, as in the authors' code. Departures: differences in
        float32, and a position counts checkpoints, where the authors' code adds a lead in steps to an index
        of checkpoints.
    """
    start = open_weights(base)
    opened = [open_weights(each) for each in checkpoints]
    _check_arguments(len(opened), rank, window, difference_dtype)
    _check_tensors(start, opened)
    grams = {
        name: _gram(name, start, opened, difference_dtype) for name in start.names() if start.floats(name)
    }
    kept = len(opened) if window is None else window
    return Trajectory(
        fits={name: fit_gram(gram, rank=rank, window=kept) for name, gram in grams.items()},
        grams=grams,
        length=len(opened),
        rank=rank,
        window=kept,
        difference_dtype=difference_dtype,
        base=start,
        checkpoints=tuple(opened),
    )


def fit_gram(gram: Tensor, *, rank: int, window: int) -> TensorFit:
    """Fit a tensor, given its Gram matrix M M^T: float64 [T, T]."""
    length = len(gram)
    values, vectors = torch.linalg.eigh(gram)
    values, vectors = values.flip(0).clamp(min=0)[:rank], vectors.flip(1)[:, :rank]
    singular = values.sqrt()
    # The largest difference decides what counts as zero, so a tensor that never moved keeps no direction.
    used = singular > SMALLEST_RATIO * singular[0]
    singular = torch.where(used, singular, 0.0)
    left = vectors * used
    coefficients = left * singular  # [T, r]
    positions = torch.arange(length - window, length, dtype=torch.float64)
    seen = coefficients[length - window :]
    offsets = positions - positions.mean()
    slope = offsets @ (seen - seen.mean(dim=0)) / (offsets @ offsets)
    intercept = seen.mean(dim=0) - slope * positions.mean()
    errors = seen - (positions[:, None] * slope + intercept)
    return TensorFit(
        left=left,
        singular=singular,
        slope=slope,
        intercept=intercept,
        total=float(gram.diagonal().sum()),
        residual=float((errors**2).sum()),
        spread=float(((seen - seen.mean(dim=0)) ** 2).sum()),
    )


def position_of(step: int, steps: Sequence[int]) -> float:
    """Return the position of a step in units of checkpoints, for `Trajectory.predict`.

    Args:
        step: Number of training steps of the predicted checkpoint.
        steps: Numbers of training steps of the checkpoints: at least two, at equal distances.

    Raises:
        MergeError: The steps are not at equal positive distances.
    """
    distances = {later - earlier for earlier, later in pairwise(steps)}
    if len(distances) != 1 or min(distances) < 1:
        raise MergeError(f"the steps of checkpoints must be at equal positive distances, got {list(steps)!r}")
    return len(steps) - 1 + (step - steps[-1]) / distances.pop()


def random_walk(length: int, *, size: int = 4_000, seeds: Sequence[int] = range(5)) -> tuple[float, float]:
    """Return the mean explained variance and R^2 at rank 1 of random walks, which have no trend.

    A trajectory whose measures do not exceed these is no evidence that the run moves along a line.

    Args:
        length: Number of checkpoints, at least 2.
        size: Number of weights of a walk.
        seeds: Seeds of the walks.
    """
    shares, fits = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        walk = torch.randn(length, size, generator=generator, dtype=torch.float64).cumsum(dim=0)
        fitted = fit_gram(walk @ walk.T, rank=1, window=length)
        shares.append(fitted.explained_variance)
        fits.append(fitted.r_squared)
    return sum(shares) / len(shares), sum(fits) / len(fits)


def _picked(rows: Mapping[str, Sequence[float]], index: int, length: int) -> dict[str, tuple[float, ...]]:
    one = tuple(float(place == index) for place in range(length))
    return dict.fromkeys(rows, one)


def _gram(name: str, base: Weights, checkpoints: Sequence[Weights], dtype: torch.dtype) -> Tensor:
    """Return M M^T of a tensor, summed in float64 over chunks: float64 [T, T]."""
    length, count = len(checkpoints), base.count(name)
    gram = torch.zeros(length, length, dtype=torch.float64)
    wide = dtype if dtype is not torch.float16 else torch.float32
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        origin = base.chunk(name, first, size).to(dtype)
        rows = torch.empty(length, size, dtype=wide)
        for row, checkpoint in zip(rows, checkpoints, strict=True):
            row.copy_(checkpoint.chunk(name, first, size).to(dtype) - origin)
        part = (rows @ rows.T).double()
        if not torch.isfinite(part).all():
            raise MergeError(f"tensor {name!r}: a weight in elements {first} to {first + size} is not finite")
        gram += part
    return gram


def _check_arguments(count: int, rank: int, window: int | None, dtype: torch.dtype) -> None:
    if count < 2:
        raise MergeError(f"a line needs at least two checkpoints besides the base, got {count}")
    if not 1 <= rank <= count:
        raise MergeError(f"rank must be from 1 to the number of checkpoints, {count}, got {rank!r}")
    if window is not None and not 2 <= window <= count:
        raise MergeError(f"window must be from 2 to the number of checkpoints, {count}, got {window!r}")
    if dtype not in DTYPES:
        raise MergeError(f"difference_dtype must be one of {DTYPES}, got {dtype!r}")


def _check_tensors(base: Weights, checkpoints: Sequence[Weights]) -> None:
    for number, checkpoint in enumerate(checkpoints, start=1):
        if unequal := set(base.names()) ^ set(checkpoint.names()):
            raise MergeError(f"checkpoint {number} and the base differ in the tensors {sorted(unequal)[:5]}")
        for name in base.names():
            if base.shape(name) != checkpoint.shape(name):
                raise MergeError(
                    f"tensor {name!r} has shape {base.shape(name)} in the base and {checkpoint.shape(name)} "
                    f"in checkpoint {number}"
                )
