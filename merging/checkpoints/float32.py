"""Tensors that are computed in float32 while they are read: widened, or with a low-rank change added."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .formats import FLOAT32, Values, round_nearest, widen
from .source import ReadBytes
from .tensor_file import Tensor

_BLOCK = 1 << 16
"""Number of elements computed at a time, so that their arrays stay in the cache of a core."""


def as_float32(tensor: Tensor) -> Tensor:
    """Return a tensor whose elements are read as float32; integers and float32 tensors are unchanged."""
    if tensor.form is None or tensor.form is FLOAT32:
        return tensor
    return replace(tensor, code=FLOAT32.code, start=0, source=Widened(tensor=tensor))


def read_values(tensor: Tensor, first: int, count: int, read: ReadBytes) -> Values:
    """Return elements of a flattened floating-point tensor: float64 [count]."""
    assert tensor.form is not None, "only floating-point tensors have values"
    raw = np.empty(count * tensor.item_size, np.uint8)
    tensor.read(first, memoryview(raw), read)
    return widen(raw.view(tensor.form.bits), tensor.form)


@dataclass(frozen=True, kw_only=True)
class Widened:
    """The elements of a 16-bit tensor as float32, which is exact."""

    tensor: Tensor

    @property
    def files(self) -> frozenset[Path]:
        """The files that are read."""
        return self.tensor.files

    def read(self, first: int, into: memoryview, read: ReadBytes) -> None:
        """Fill a buffer with the bytes of the elements from `first` on."""
        result = np.frombuffer(into, "<u4")
        for start in range(0, len(result), _BLOCK):
            count = min(_BLOCK, len(result) - start)
            values = read_values(self.tensor, first + start, count, read)
            result[start : start + count] = round_nearest(values, FLOAT32)


@dataclass(frozen=True, kw_only=True)
class LowRank:
    """`base + scale * left @ right` in float64, rounded to float32.

    The products of an element are summed in the order of the rank, so the result does not depend on the
    range that is read, and no library with threads of its own is used.
    """

    base: Tensor
    """[rows, columns]"""
    left: Tensor
    """[rows, rank], or [rank, rows] if `transposed`."""
    right: Tensor
    """[rank, columns], or [columns, rank] if `transposed`."""
    scale: float
    transposed: bool = False
    """Whether the two factors are stored as their transposes."""
    _kept: dict[str, NDArray[np.float64]] = field(default_factory=dict, compare=False, repr=False)
    """The factors in memory, from the first to the last read of the tensor."""

    @property
    def files(self) -> frozenset[Path]:
        """The files that are read."""
        return self.base.files | self.left.files | self.right.files

    def read(self, first: int, into: memoryview, read: ReadBytes) -> None:
        """Fill a buffer with the bytes of the elements from `first` on."""
        result = np.frombuffer(into, "<u4")
        columns = self.base.shape[1]
        left, right = self._factor(self.left, read), self._factor(self.right, read)
        rows_at_once = max(1, _BLOCK // columns)
        position, stop = first, first + len(result)
        while position < stop:
            row = position // columns
            end = min(stop, (row + rows_at_once) * columns)
            rows = slice(row, -(-end // columns))
            change = _product(left[rows], right).ravel()
            change = change[position - row * columns :][: end - position]
            values = read_values(self.base, position, end - position, read)
            values += change
            result[position - first : end - first] = round_nearest(values, FLOAT32)
            position = end
        if stop == self.base.count:
            self._kept.clear()

    def _factor(self, tensor: Tensor, read: ReadBytes) -> NDArray[np.float64]:
        if tensor.name not in self._kept:
            values = read_values(tensor, 0, tensor.count, read).reshape(tensor.shape)
            values = np.ascontiguousarray(values.T) if self.transposed else values
            self._kept[tensor.name] = values * self.scale if tensor is self.left else values
        return self._kept[tensor.name]


def _product(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `left @ right`, summed in the order of the inner dimension."""
    total = np.zeros((left.shape[0], right.shape[1]))
    part = np.empty_like(total)
    for index in range(left.shape[1]):
        np.multiply(left[:, index, None], right[index], out=part)
        total += part
    return total
