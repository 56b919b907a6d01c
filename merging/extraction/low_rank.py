"""The best approximation of a matrix by a product of two thin matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..checkpoints.formats import Values

_LARGEST_WHOLE: Final = 768
"""Largest smaller side of a matrix that is decomposed as a whole."""
_SPARE: Final = 16
"""Number of vectors of the subspace beyond the rank."""
_MOST_ROUNDS: Final = 12
_STILL: Final = 1e-5
"""Relative growth of the captured energy below which the subspace no longer turns."""


@dataclass(frozen=True, kw_only=True)
class Factors:
    """`left @ right`, an approximation of a matrix."""

    left: Values
    """float64 [rows, rank]"""
    right: Values
    """float64 [rank, columns]"""
    error: float
    """Frobenius norm of the difference from the matrix."""
    norm: float
    """Frobenius norm of the matrix."""

    @property
    def relative_error(self) -> float:
        """The error as a share of the norm; 0 for a zero matrix."""
        return self.error / self.norm if self.norm else 0.0


def factorise(matrix: Values, rank: int, *, seed: int = 0) -> Factors:
    """Return the factors of a truncated singular value decomposition; both get the root of a singular value.

    A large matrix is decomposed within a subspace that is turned towards the first singular vectors. The
    error is always measured against the matrix, never estimated from singular values.

    Args:
        matrix: float64 [rows, columns].
        rank: Number of singular values to keep; the factors are padded with zeros if the matrix has fewer.
        seed: Seed of the first subspace of a large matrix.

    Raises:
        ValueError: The rank is below 1, or the matrix does not have two dimensions.

    References:
        Subspace iteration: arXiv 0909.4061, algorithm 4.4; best approximation: Eckart and Young, 1936.
    """
    if rank < 1:
        raise ValueError(f"rank must be at least 1, got {rank!r}")
    if matrix.ndim != 2:
        raise ValueError(f"a matrix has two dimensions, got the shape {list(matrix.shape)}")
    kept = min(rank, *matrix.shape)
    if min(matrix.shape) <= max(_LARGEST_WHOLE, kept + _SPARE):
        basis, turned = None, matrix
    else:
        basis = _subspace(matrix, kept + _SPARE, np.random.default_rng(seed))
        turned = basis.T @ matrix
    vectors, values, others = np.linalg.svd(turned, full_matrices=False)
    vectors = vectors[:, :kept] if basis is None else basis @ vectors[:, :kept]
    roots = np.sqrt(values[:kept])
    left = np.zeros((matrix.shape[0], rank))
    right = np.zeros((rank, matrix.shape[1]))
    left[:, :kept], right[:kept] = vectors * roots, others[:kept] * roots[:, None]
    return Factors(
        left=left,
        right=right,
        error=float(np.linalg.norm(matrix - left @ right)),
        norm=float(np.linalg.norm(matrix)),
    )


def _subspace(matrix: Values, size: int, random: np.random.Generator) -> Values:
    """Return an orthonormal basis near the first left singular vectors: float64 [rows, size]."""
    basis = np.linalg.qr(matrix @ random.standard_normal((matrix.shape[1], size)))[0]
    captured = 0.0
    for _ in range(_MOST_ROUNDS):
        turned = np.linalg.qr(matrix.T @ basis)[0]
        image = matrix @ turned
        basis = np.linalg.qr(image)[0]
        energy = float(np.square(image).sum())
        if energy - captured <= _STILL * energy:
            break
        captured = energy
    return basis
