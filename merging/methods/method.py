"""What a merge method is, and the linear methods.

A method first reads a tensor if it needs statistics of it. It returns a *blend*, which computes any block of
the tensor on its own. The arithmetic is float64; the caller rounds once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..checkpoints.formats import Values
from ..errors import MergeError
from ..kernel import Row, check_rows, combine, lerp_rows

Setting = Callable[[str], float]
"""A number that may depend on the name of the tensor."""


@dataclass(frozen=True, kw_only=True)
class ParentsBlock:
    """The same consecutive weights of a tensor in every parent."""

    first: int
    """Index of the first weight in the flattened tensor."""
    parents: Sequence[Values]
    """float64 [N] per parent; the first parent is the anchor."""
    deltas: Sequence[Values]
    """float64 [N] per further parent: the parent minus the anchor."""
    still: NDArray[np.bool_]
    """[N]: whether all parents are equal; there a merge must be equal to them, too."""


class TensorView(Protocol):
    """A tensor in all parents, which can be read as often as a method needs."""

    @property
    def name(self) -> str:
        """The name of the tensor."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor."""
        ...

    @property
    def parents(self) -> int:
        """The number of parents."""
        ...

    def blocks(self) -> Iterator[ParentsBlock]:
        """Read the tensor from its beginning to its end."""
        ...


class Blend(Protocol):
    """The formula of one tensor."""

    def block(self, block: ParentsBlock) -> Values:
        """Return the merged weights of a block: float64 [N]; the arrays of the block are not changed."""
        ...


class Kind(IntEnum):
    """How a formula of terms treats the anchor, and zeros, whose sign a sum can lose."""

    COMBINED = 0
    """`theta_0 + sum`, as `combine`."""
    SCALED = 1
    """`scale * theta_0 + sum`."""
    ADDED = 2
    """`theta_0 + scale * (sum / divisor)`; theta_0 where the sum is 0."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A formula with the sum `sum_i w_i (theta_i - theta_0)`, which the compiled kernel computes."""

    kind: Kind
    row: Row
    """Factors w_i."""
    scale: float = 1.0
    divisor: float = 1.0


def terms_of(blend: Blend) -> Terms | None:
    """Return the terms of a blend; None if it is another formula."""
    terms = getattr(blend, "terms", None)
    return terms if isinstance(terms, Terms) else None


class Method(Protocol):
    """A merge method with its settings."""

    def blend(self, view: TensorView) -> Blend:
        """Return the formula of a tensor; reads the tensor if its statistics are needed.

        Raises:
            MergeError: A setting has no meaning for the tensor.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class LinearBlend:
    """`scale * theta_0 + sum_i w_i (theta_i - theta_0)`."""

    row: Row
    """Factors w_i."""
    scale: float = 1.0
    """Factor of the anchor; 1 if the weights of the parents sum to 1."""

    @property
    def terms(self) -> Terms:
        """The formula for the compiled kernel."""
        kind = Kind.COMBINED if self.scale == 1 else Kind.SCALED
        return Terms(kind=kind, row=self.row, scale=self.scale)

    def block(self, block: ParentsBlock) -> Values:
        """Return the merged weights of a block."""
        if self.scale == 1:
            return combine(block.parents, block.deltas, self.row, block.still)
        merged = self.scale * block.parents[0]
        for factor, delta in zip(self.row, block.deltas, strict=True):
            merged += factor * delta
        return merged


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A row of factors of the differences, the same for each tensor or one by one.

    Linear interpolation, extrapolation, ExPO, WiSE-FT, fits over a trajectory and RELEX have this form.
    """

    row: Callable[[str], Row]
    """Factors of the differences by name of the tensor."""

    def blend(self, view: TensorView) -> LinearBlend:
        """Return the formula of a tensor.

        Raises:
            ValueError: The row does not fit the parents.
        """
        row = self.row(view.name)
        check_rows([row], view.parents)
        return LinearBlend(row=row)


def line_methods(alphas: Sequence[float]) -> tuple[Rows, ...]:
    """Return the methods `(1 - alpha) low + alpha high`, with low as the anchor, for any real alphas."""
    return tuple(map(same_row, lerp_rows(alphas)))


def same_row(row: Row) -> Rows:
    """Return the method with the same factors for each tensor."""
    return Rows(row=lambda name: row)


@dataclass(frozen=True, kw_only=True)
class WeightedSum:
    """`sum_i w_i theta_i` over all parents (model soups, arXiv 2203.05482).

    If the weights sum to 1, differences from the first parent are summed, which is exact for equal parents.
    """

    weights: tuple[Setting, ...]
    """A weight per parent; weights may be negative."""
    normalize: bool = True
    """Whether the weights are divided by their sum."""

    def blend(self, view: TensorView) -> LinearBlend:
        """Return the formula of a tensor.

        Raises:
            MergeError: The weights sum to 0 and are to be normalised.
        """
        weights = [weight(view.name) for weight in self.weights]
        total = math.fsum(weights)
        if self.normalize:
            if total == 0:
                raise MergeError(
                    f"tensor {view.name!r}: the weights {weights} sum to 0: cannot be normalised"
                )
            return LinearBlend(row=tuple(weight / total for weight in weights[1:]))
        # A sum that misses 1 by rounding, as .1 + .2 + .7 does, must not scale the anchor.
        scale = 1.0 if math.isclose(total, 1, rel_tol=1e-12) else total
        return LinearBlend(row=tuple(weights[1:]), scale=scale)
