"""SCE: select, calculate, erase (arXiv 2408.07990)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..checkpoints.formats import Values
from ..errors import MergeError
from .method import ParentsBlock, TensorView
from .selection import Largest, largest


@dataclass(frozen=True, kw_only=True)
class SCE:
    """Fuse task vectors where the models differ most, with weights by their energy and one sign per weight.

    References:
        arXiv 2408.07990, section 3.2. Departure from mergekit: equal weights are taken only if no vector has
        any energy. mergekit takes them below 1e-6, where the differences of RL always are.
    """

    density: float = 1.0
    """Share of the weights that are kept among those in which the models differ, by largest variance."""

    def __post_init__(self) -> None:
        if not 0 <= self.density <= 1:
            raise MergeError(f"density must be in [0, 1], got {self.density!r}")

    def blend(self, view: TensorView) -> SCEBlend:
        """Return the formula of a tensor."""
        selected = self._selected(view)
        energy = np.zeros(0)
        for block in view.blocks():
            vectors = _select(block, selected)
            part = (vectors**2).sum(axis=1)
            energy = part if not len(energy) else energy + part
        total = energy.sum()
        weights = energy / total if total > 0 else np.full(len(energy), 1 / max(1, len(energy)))
        return SCEBlend(selected=selected, weights=weights)

    def _selected(self, view: TensorView) -> Largest | None:
        """Return the weights that are kept; None keeps all."""
        if self.density == 1:
            return None

        def variances() -> Iterator[Values]:
            return (_variance(block) for block in view.blocks())

        moved = sum(int(np.count_nonzero(values)) for values in variances())
        return largest(variances, int(moved * self.density))


@dataclass(frozen=True, kw_only=True)
class SCEBlend:
    """The formula of one tensor."""

    selected: Largest | None
    weights: Values
    """[m - 1]: weights of the task vectors; they sum to 1."""

    def block(self, block: ParentsBlock) -> Values:
        """Return the merged weights of a block."""
        vectors = _select(block, self.selected)
        agree = np.sign(vectors) == np.where(vectors.sum(axis=0) >= 0, 1.0, -1.0)
        counted = agree * self.weights[:, None]
        divisor = counted.sum(axis=0)
        mixed = (vectors * counted).sum(axis=0) / np.where(divisor > 0, divisor, 1.0)
        merged: Values = block.parents[0] + mixed
        untouched = np.flatnonzero(mixed == 0)
        merged[untouched] = block.parents[0][untouched]  # also the sign of a zero
        return merged


def _variance(block: ParentsBlock) -> Values:
    variance: Values = np.stack(list(block.deltas)).var(axis=0)
    return variance


def _select(block: ParentsBlock, selected: Largest | None) -> Values:
    vectors = np.stack(list(block.deltas))
    return vectors if selected is None else vectors * selected.mask(_variance(block), block.first)
