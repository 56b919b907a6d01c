"""Tensors that are stored in pieces, each a box of the whole tensor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...errors import MergeError
from ..source import ReadBytes
from ..tensor_file import Tensor

Lengths = tuple[int, ...]
DTYPES: Final = ("U64", "I64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "I8", "U8", "BOOL")
"""Dtypes of tensors in pieces, in the order in which safetensors writes them."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A piece of a tensor, stored without gaps in row-major order."""

    file: Path
    start: int
    """Offset of the first byte in the file."""
    offsets: Lengths
    """Index of the first element in the whole tensor."""
    sizes: Lengths


@dataclass(frozen=True, kw_only=True)
class Run:
    """Consecutive elements of the whole tensor that are also consecutive in a box."""

    first: int
    """Index of the first element in the flattened tensor."""
    stored: int
    """Index of the first element in the flattened box."""
    count: int


@dataclass(frozen=True, kw_only=True)
class BoxSource:
    """The elements of a tensor that its boxes cover without gaps."""

    shape: Lengths
    item_size: int
    boxes: tuple[Box, ...]

    @property
    def files(self) -> frozenset[Path]:
        """The files that are read."""
        return frozenset(box.file for box in self.boxes)

    def read(self, first: int, into: memoryview, read: ReadBytes) -> None:
        """Fill a buffer with the bytes of the elements from `first` on."""
        size = self.item_size
        for box in self.boxes:
            for run in runs(box, self.shape, first, first + len(into) // size):
                begin = (run.first - first) * size
                read(box.file, box.start + run.stored * size, into[begin : begin + run.count * size])


def runs(box: Box, shape: Lengths, first: int, stop: int) -> Iterator[Run]:
    """Yield the runs of a box within the elements from `first` to before `stop` of the flattened tensor."""
    if not math.prod(box.sizes):
        return
    # The last dimension that the box does not span; the dimensions after it lie in one run with it.
    inner = len(shape)
    while inner > 0 and box.sizes[inner - 1] == shape[inner - 1]:
        inner -= 1
    inner = max(inner - 1, 0)
    whole_steps, box_steps = _steps(shape), _steps(box.sizes)
    length = math.prod(box.sizes[inner:])

    def walk(axis: int, flat: int, stored: int) -> Iterator[Run]:
        if axis == inner:
            begin = flat + (box.offsets[axis] * whole_steps[axis] if shape else 0)
            low, high = max(begin, first), min(begin + length, stop)
            if low < high:
                yield Run(first=low, stored=stored + low - begin, count=high - low)
            return
        step, offset = whole_steps[axis], box.offsets[axis]
        low = max(0, (first - flat) // step - offset)
        high = min(box.sizes[axis], -(-(stop - flat) // step) - offset)
        for index in range(low, high):
            yield from walk(axis + 1, flat + (offset + index) * step, stored + index * box_steps[axis])

    yield from walk(0, 0, 0)


def assemble(name: str, code: str, shape: Sequence[int], boxes: Sequence[Box]) -> Tensor:
    """Return the tensor that boxes cover.

    Raises:
        MergeError: The boxes leave gaps, overlap, or reach over the tensor, or the dtype cannot be merged.
    """
    check_dtype(name, code)
    kept = tuple(box for box in boxes if math.prod(box.sizes))
    _check_cover(name, tuple(shape), kept)
    first = (*kept, *boxes)[0]
    plain = Tensor(name=name, code=code, shape=tuple(shape), file=first.file, start=first.start)
    if len(kept) == 1 or not kept:
        return plain
    source = BoxSource(shape=plain.shape, item_size=plain.item_size, boxes=kept)
    return Tensor(name=name, code=code, shape=plain.shape, file=first.file, start=0, source=source)


def check_dtype(name: str, code: str) -> None:
    """Refuse a tensor of a dtype that cannot be merged.

    Raises:
        MergeError: The dtype is not allowed.
    """
    if code not in DTYPES:
        raise MergeError(
            f"tensor {name!r} has dtype {code!r}, which cannot be merged; allowed are {', '.join(DTYPES)}"
        )


def _check_cover(name: str, shape: Lengths, boxes: Sequence[Box]) -> None:
    if any(len(box.offsets) != len(shape) or len(box.sizes) != len(shape) for box in boxes):
        raise MergeError(f"tensor {name!r} of shape {list(shape)} has pieces with other dimensions")
    if sum(math.prod(box.sizes) for box in boxes) != math.prod(shape):
        raise MergeError(f"tensor {name!r} of shape {list(shape)} is not complete: pieces are missing")
    if not boxes or not shape:
        return
    low = np.array([box.offsets for box in boxes])
    high = low + np.array([box.sizes for box in boxes])
    # Boxes of the right number of elements inside the tensor cover it exactly if no two overlap.
    overlap = ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
    if (high > np.array(shape)).any() or overlap.sum() != len(boxes):
        raise MergeError(f"tensor {name!r} of shape {list(shape)} has pieces that overlap or reach over it")


def _steps(sizes: Lengths) -> Lengths:
    """Return the number of elements from one index to the next, for each dimension."""
    return tuple(math.prod(sizes[axis + 1 :]) for axis in range(len(sizes)))
