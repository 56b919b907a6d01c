"""Statistics of a merge over all floating-point weights, counted while the weights are merged.

The *effective* coefficients of a merge are the coefficients of the projection of `out - anchor` on the
differences between the parents. Rounding makes them differ from the requested coefficients: with bfloat16
parents and bfloat16 output rounded to nearest, they form a staircase over alpha.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .checkpoints.formats import Bits, Values

Pair = tuple[int, int]
"""Indices of two points, each a parent or a merge; the parents come first."""
LANES: Final = 64
"""Number of partial sums of a dot product; the compiled kernel keeps as many in the registers of a core."""


@dataclass(frozen=True, kw_only=True)
class BlockSums:
    """The sums over one block of weights."""

    weights: int
    moved: int
    """Number of weights in which the parents differ."""
    largest: float
    """Largest absolute value of a delta."""
    dots: NDArray[np.float64]
    """Dot products: of the deltas with each other (the upper triangle, row by row), then of each shift with
    each delta."""
    same: NDArray[np.int64]
    """[pairs, 2]: equal weights, and equal weights among the moved."""


class Census:
    """Sums over weights, in float64; `add` updates them. They do not depend on the number of threads."""

    def __init__(self, *, parents: int, merges: int, pairs: Sequence[Pair]) -> None:
        self._gram = np.zeros((parents - 1, parents - 1))
        self._projections = np.zeros((merges, parents - 1))
        self._pairs = {pair: index for index, pair in enumerate(pairs)}
        self._same = np.zeros((len(pairs), 2), dtype=np.int64)
        self._largest = 0.0
        self.weights = 0
        self.moved = 0

    def add(
        self, deltas: Sequence[Values], shifts: Sequence[Values], points: Sequence[Bits], moved: np.ndarray
    ) -> None:
        """Add a block of N weights.

        Args:
            deltas: float64 [N] per parent but the anchor: the parent minus the anchor.
            shifts: float64 [N] per merge: the merge minus the anchor.
            points: Bits [N] in the output's format, of the parents and then of the merges.
            moved: bool [N]: whether the parents differ in the weight.
        """
        triangle = [dot(left, right) for row, left in enumerate(deltas) for right in deltas[row:]]
        projections = [dot(shift, delta) for shift in shifts for delta in deltas]
        same = np.zeros_like(self._same)
        for (first, second), index in self._pairs.items():
            equal = points[first] == points[second]
            same[index] = np.count_nonzero(equal), np.count_nonzero(equal & moved)
        self.add_sums(
            BlockSums(
                weights=len(moved),
                moved=int(np.count_nonzero(moved)),
                largest=max(max(float(delta.max()), -float(delta.min())) for delta in deltas),
                dots=np.array(triangle + projections),
                same=same,
            )
        )

    def add_sums(self, sums: BlockSums) -> None:
        """Add the sums over a block; blocks are added in the order of their weights."""
        self.weights += sums.weights
        self.moved += sums.moved
        self._largest = max(self._largest, sums.largest)
        rows, columns = np.triu_indices(len(self._gram))
        triangle = sums.dots[: len(rows)]
        self._gram[rows, columns] += triangle
        self._gram[columns, rows] = self._gram[rows, columns]
        self._projections += sums.dots[len(rows) :].reshape(self._projections.shape)
        self._same += sums.same

    @property
    def state(self) -> dict[str, Any]:
        """All sums as values of JSON, which keep every bit."""
        return {
            "gram": self._gram.tolist(),
            "projections": self._projections.tolist(),
            "same": self._same.tolist(),
            "largest": self._largest,
            "weights": self.weights,
            "moved": self.moved,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set all sums to those of a census of as many parents, merges and pairs."""
        for array, name in (
            (self._gram, "gram"),
            (self._projections, "projections"),
            (self._same, "same"),
        ):
            array[...] = np.reshape(state[name], array.shape)
        self._largest = float(state["largest"])
        self.weights, self.moved = int(state["weights"]), int(state["moved"])

    @property
    def delta_norm(self) -> float:
        """The Euclidean norm of the second parent minus the anchor."""
        return float(np.sqrt(self._gram[0, 0]))

    @property
    def largest_delta(self) -> float:
        """The largest absolute difference of a weight between the anchor and another parent."""
        return self._largest

    def effective(self, merge: int) -> tuple[float, ...] | None:
        """Return the effective coefficients of a merge; None when the parents are equal."""
        if not self.moved:
            return None
        # Least squares, because the matrix is singular if the differences are linearly dependent.
        return tuple(map(float, np.linalg.lstsq(self._gram, self._projections[merge])[0]))

    def identical(self, pair: Pair) -> float:
        """Return the share of all weights that are equal to the bit in two points."""
        return float(self._same[self._pairs[pair], 0]) / self.weights

    def identical_moved(self, pair: Pair) -> float:
        """Return the share of equal weights among those in which the parents differ; 1 if there are none."""
        return float(self._same[self._pairs[pair], 1]) / self.moved if self.moved else 1.0


def dot(left: Values, right: Values) -> float:
    """Return a dot product in float64, with one order of the sums on every machine.

    Product i is added to partial sum i modulo `LANES`; then the partial sums are added in order. BLAS and
    einsum have orders that depend on the CPU and the number of threads.
    """
    products = left * right
    if len(products) % LANES:
        products = np.pad(products, (0, -len(products) % LANES))
    lanes = np.add.reduce(products.reshape(-1, LANES), axis=0, initial=0.0)
    return float(np.add.accumulate(lanes)[-1])
