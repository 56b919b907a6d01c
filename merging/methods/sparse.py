"""Which weights of a difference are kept: by magnitude, at random, or both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..checkpoints.formats import Values
from ..errors import MergeError
from ..noise import noise_key, uniform
from .method import TensorView
from .selection import Largest, largest

Mask = NDArray[np.bool_]


class Sparsity(StrEnum):
    """Rule that decides which weights of a difference are kept."""

    NONE = "none"
    MAGNITUDE = "magnitude"
    """The largest (TIES, arXiv 2306.01708)."""
    OUTLIERS = "outliers"
    """The largest without the very largest (Model Breadcrumbs, arXiv 2312.06795)."""
    RANDOM = "random"
    """Each with equal probability (DARE, arXiv 2311.03099)."""
    RANKED = "ranked"
    """Each with a probability that rises with its rank in its row (DELLA, arXiv 2406.11617)."""


class Keep(Protocol):
    """The kept weights of one difference of a tensor."""

    def mask(self, delta: Values, first: int) -> Mask:
        """Return which weights of a block are kept, given the index of the first weight in the tensor."""
        ...


@dataclass(frozen=True, kw_only=True)
class KeepAll:
    """Keeps all weights."""

    def mask(self, delta: Values, first: int) -> Mask:
        """Return which weights of a block are kept."""
        return np.ones(len(delta), dtype=np.bool_)


@dataclass(frozen=True, kw_only=True)
class KeepBetween:
    """Keeps the largest weights, but not the very largest."""

    upper: Largest
    """The weights that are too large."""
    lower: Largest
    """The weights that are large enough."""

    def mask(self, delta: Values, first: int) -> Mask:
        """Return which weights of a block are kept."""
        sizes = np.abs(delta)
        kept: Mask = self.lower.mask(sizes, first) & ~self.upper.mask(sizes, first)
        return kept


@dataclass(frozen=True, kw_only=True)
class KeepRandom:
    """Keeps each weight with one probability."""

    key: np.uint64
    density: float

    def mask(self, delta: Values, first: int) -> Mask:
        """Return which weights of a block are kept."""
        kept: Mask = uniform(self.key, first, len(delta)) < self.density
        return kept


@dataclass(frozen=True, kw_only=True)
class KeepBits:
    """Keeps the weights whose bit is set; a bit per weight is in memory."""

    bits: NDArray[np.uint8]

    def mask(self, delta: Values, first: int) -> Mask:
        """Return which weights of a block are kept."""
        start, stop = first // 8, -(-(first + len(delta)) // 8)
        unpacked = np.unpackbits(self.bits[start:stop])[first - 8 * start :][: len(delta)]
        return unpacked.astype(np.bool_)


@dataclass(frozen=True, kw_only=True)
class Sparsifier:
    """A rule with its settings for one difference."""

    kind: Sparsity
    density: float = 1.0
    """Share of the weights that are kept, in [0, 1]."""
    outliers: float = 0.01
    """Share of the largest weights that `outliers` drops, in [0, 1)."""
    spread: float = 0.15
    """Half of the range of probabilities of `ranked`, around the density."""
    seed: int = 0

    def check(self, name: str) -> None:
        """Refuse settings outside of their ranges.

        Raises:
            MergeError: A setting is refused.
        """
        if not 0 <= self.density <= 1:
            raise MergeError(f"tensor {name!r}: density must be in [0, 1], got {self.density!r}")
        if not 0 <= self.outliers < 1:
            raise MergeError(
                f"tensor {name!r}: the share of outliers must be in [0, 1), got {self.outliers!r}"
            )
        low, high = self.density - self.spread, self.density + self.spread
        if self.kind is Sparsity.RANKED and 0 < self.density < 1 and (low <= 0 or high >= 1):
            raise MergeError(
                f"tensor {name!r}: density +- {self.spread} must be within (0, 1), got {self.density!r}"
            )

    def keep(self, view: TensorView, parent: int) -> Keep:
        """Return the kept weights of a difference of a tensor.

        Args:
            view: The tensor.
            parent: Index of the difference, from 0.

        Raises:
            MergeError: A setting is refused.
        """
        self.check(view.name)
        if self.kind is Sparsity.NONE or self.density == 1:
            return KeepAll()
        if self.density == 0:
            return KeepRandom(key=np.uint64(0), density=0)
        key = noise_key(self.seed, f"{self.kind}:{parent}:{view.name}")
        if self.kind is Sparsity.RANDOM:
            return KeepRandom(key=key, density=self.density)
        if self.kind is Sparsity.RANKED:
            return KeepBits(bits=self._ranked(view, parent, key))
        return self._between(view, parent)

    def _between(self, view: TensorView, parent: int) -> KeepBetween:
        def sizes() -> Iterator[Values]:
            return (np.abs(block.deltas[parent]) for block in view.blocks())

        count = int(np.prod(view.shape, dtype=np.int64))
        wanted = int(self.density * count)
        dropped = int(self.outliers * count) if self.kind is Sparsity.OUTLIERS else 0
        # If too few are left below the outliers, fewer outliers are dropped, as in mergekit.
        dropped = min(dropped, count - wanted)
        return KeepBetween(upper=largest(sizes, dropped), lower=largest(sizes, wanted + dropped))

    def _ranked(self, view: TensorView, parent: int, key: np.uint64) -> NDArray[np.uint8]:
        """Return a bit per weight; the probability of a 1 rises with the rank in the row.

        It goes from density - spread to density + spread.
        """
        width = view.shape[-1] if len(view.shape) > 1 else int(np.prod(view.shape, dtype=np.int64))
        packed, pending, bits = [], np.empty(0), np.empty(0, dtype=np.bool_)
        first = 0
        for block in view.blocks():
            pending = np.concatenate([pending, np.abs(block.deltas[parent])])
            whole = len(pending) // width * width
            if not whole:
                continue
            rows = pending[:whole].reshape(-1, width)
            ranks = rows.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
            share = ranks / max(1, width - 1)
            chance = (self.density - self.spread) + 2 * self.spread * share
            drawn = uniform(key, first, whole).reshape(rows.shape) < chance
            bits = np.concatenate([bits, drawn.ravel()])
            first, pending = first + whole, pending[whole:]
            full = len(bits) // 8 * 8
            packed.append(np.packbits(bits[:full]))
            bits = bits[full:]
        return np.concatenate([*packed, np.packbits(bits)])
