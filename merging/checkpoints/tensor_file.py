"""Read and check the headers of safetensors files, and make headers for files that are written as a stream.

A file starts with the length of its header in eight bytes. The header is a JSON object from tensor names to
dtype, shape and offsets; the data follow it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ..errors import MergeError
from .formats import BY_CODE, FloatFormat
from .source import ReadBytes, Source

_PREFIX = 8
_LONGEST_HEADER = 100_000_000
"""Largest accepted header in bytes, as in the reference implementation."""
_ITEM_SIZES: Final = {
    code: size
    for size, codes in {
        8: "I64 U64",
        4: "I32 U32 F32",
        2: "I16 U16 F16 BF16",
        1: "I8 U8 BOOL F8_E4M3 F8_E5M2",
    }.items()
    for code in codes.split()
}


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """The description of a tensor in a file."""

    name: str
    code: str
    """Name of the dtype in safetensors."""
    shape: tuple[int, ...]
    file: Path
    start: int
    """Offset of the first byte of the data in the file."""
    source: Source | None = field(default=None, compare=False, repr=False)
    """Where the elements come from; None if they are the range of the file that begins at `start`."""

    @property
    def files(self) -> frozenset[Path]:
        """The files that hold the elements."""
        return frozenset({self.file}) if self.source is None else self.source.files

    def read(self, first: int, into: memoryview, read: ReadBytes) -> None:
        """Fill a buffer with the bytes of the elements from `first` on, in row-major order.

        Raises:
            MergeError: A file ends too early.
        """
        if self.source is None:
            read(self.file, self.start + first * self.item_size, into)
        else:
            self.source.read(first, into, read)

    @property
    def form(self) -> FloatFormat | None:
        """The floating-point format; None for integers and booleans."""
        return BY_CODE.get(self.code)

    @property
    def count(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def item_size(self) -> int:
        """The size of an element in bytes."""
        return _ITEM_SIZES[self.code]

    @property
    def stop(self) -> int:
        """The offset of the end of the data in the file."""
        return self.start + self.count * self.item_size


@dataclass(frozen=True, kw_only=True)
class TensorFile:
    """The header of a safetensors file."""

    path: Path
    data_start: int
    """Offset of the end of the header, at which the data begin."""
    metadata: dict[str, str]
    tensors: tuple[Tensor, ...]
    """Tensors in the order of their data, which fill the file without gaps."""


def read_header(path: Path) -> TensorFile:
    """Read and check the header of a safetensors file.

    Raises:
        MergeError: The file is not a safetensors file, is truncated, or has a dtype that cannot be merged.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(_PREFIX), "little")
        if size < _PREFIX or not 2 <= length <= min(_LONGEST_HEADER, size - _PREFIX):
            raise MergeError(
                f"{path}: not a safetensors file, or truncated: {size} bytes with a header of {length}"
            )
        entries = _parse(path, file.read(length))
    data_start = _PREFIX + length
    metadata = entries.pop("__metadata__", {})
    tensors = [_tensor(path, name, entry, data_start) for name, entry in entries.items()]
    # By the end as well: an empty tensor starts at the same byte as the next tensor.
    tensors.sort(key=lambda tensor: (tensor.start, tensor.stop))
    # Each tensor must start where the previous one ends, the first after the header, and the last must end
    # with the file.
    edges = [data_start, *(edge for tensor in tensors for edge in (tensor.start, tensor.stop)), size]
    if any(before != after for before, after in list(pairwise(edges))[::2]):
        end = max(tensor.stop for tensor in tensors) if tensors else data_start
        raise MergeError(
            f"{path}: damaged or truncated: {size} bytes, but its tensors end at {end} or leave gaps"
        )
    return TensorFile(path=path, data_start=data_start, metadata=dict(metadata), tensors=tuple(tensors))


def make_header(tensors: Sequence[Tensor], codes: Sequence[str], metadata: dict[str, str]) -> bytes:
    """Return the header of a file with tensors of these shapes, without gaps.

    Args:
        tensors: Tensors in the order of their data.
        codes: Names of their dtypes in the new file.
        metadata: Texts by name.
    """
    entries: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    offset = 0
    for tensor, code in zip(tensors, codes, strict=True):
        end = offset + tensor.count * _ITEM_SIZES[code]
        entries[tensor.name] = {"dtype": code, "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format asks for data aligned to 8 bytes
    return len(text).to_bytes(_PREFIX, "little") + text


def data_size(tensors: Iterable[Tensor], codes: Iterable[str]) -> int:
    """Return the size in bytes of tensors in these dtypes."""
    return sum(tensor.count * _ITEM_SIZES[code] for tensor, code in zip(tensors, codes, strict=True))


def _parse(path: Path, text: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            raise MergeError(f"{path}: a name occurs twice in the header")
        return entries

    try:
        entries = json.loads(text, object_pairs_hook=unique)
    except ValueError as error:
        raise MergeError(f"{path}: the header is not JSON: {error}") from error
    if not isinstance(entries, dict) or not isinstance(entries.get("__metadata__", {}), dict):
        raise MergeError(f"{path}: the header is not a JSON object of tensors")
    return entries


def _tensor(path: Path, name: str, entry: object, data_start: int) -> Tensor:
    match entry:
        case {"dtype": str(code), "shape": [*shape], "data_offsets": [int(begin), int(end)]}:
            pass
        case _:
            raise MergeError(f"{path}: tensor {name!r} has no dtype, shape and data_offsets: {entry!r}")
    if code not in _ITEM_SIZES:
        raise MergeError(
            f"{path}: tensor {name!r} has dtype {code!r}, which cannot be merged; allowed are "
            f"{', '.join(_ITEM_SIZES)} (other quantised weights and float64 weights must be converted first)"
        )
    if not all(type(length) is int and length >= 0 for length in shape) or not 0 <= begin <= end:
        raise MergeError(f"{path}: tensor {name!r} has an impossible shape or offsets: {entry!r}")
    tensor = Tensor(name=name, code=code, shape=tuple(shape), file=path, start=data_start + begin)
    if tensor.stop != data_start + end:
        raise MergeError(
            f"{path}: tensor {name!r} of shape {shape} in {code} does not have {end - begin} bytes"
        )
    return tensor
