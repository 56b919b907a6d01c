"""Where the elements of a tensor come from when they are not one range of a safetensors file.

A source computes or collects any range of elements, so a checkpoint in another format is merged while it is
read and is never converted on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import MergeError

if TYPE_CHECKING:
    from .tensor_file import Tensor

Raw = NDArray[np.uint8]
_AHEAD = 1 << 24
"""Number of bytes that the system reads ahead in each file."""
_PIECE = 1 << 20
"""Number of elements that are compared at a time."""


class ReadBytes(Protocol):
    """A function that fills a buffer with the bytes of a file, starting at an offset."""

    def __call__(self, path: Path, offset: int, into: memoryview) -> None:
        """Fill the buffer.

        Raises:
            MergeError: The file ends too early.
        """
        ...


class Source(Protocol):
    """Any range of the elements of a tensor."""

    @property
    def files(self) -> frozenset[Path]:
        """The files that are read."""
        ...

    def read(self, first: int, into: memoryview, read: ReadBytes) -> None:
        """Fill a buffer with the bytes of the elements from `first` on, in row-major order."""
        ...


class OpenFiles:
    """Files that are open for reading; a context manager.

    Args:
        paths: The files.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._descriptors: dict[Path, int] = {}
        self._asked: dict[Path, int] = {}
        """Offset until which the system was asked to read each file."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for path in self._paths:
                # Unbuffered, because `preadv` reads directly into the caller's arrays.
                file = stack.enter_context(path.open("rb", buffering=0))
                self._descriptors[path] = file.fileno()
                _advise(file.fileno(), 0, 0, "POSIX_FADV_SEQUENTIAL")
            self._open = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def read(self, path: Path, offset: int, into: memoryview) -> None:
        """Fill a buffer with the bytes of a file.

        Raises:
            MergeError: The file ends too early.
        """
        done = 0
        # preadv may return fewer bytes than asked for, and always does above 2 GiB.
        while done < len(into):
            got = os.preadv(self._descriptors[path], [into[done:]], offset + done)
            if not got:
                raise MergeError(f"{path}: became shorter while it was read")
            done += got
        self._read_ahead(path, offset + done)

    def _read_ahead(self, path: Path, position: int) -> None:
        """Let the system read what follows while the caller works on what it has."""
        asked = self._asked.get(path, 0)
        if not position + _AHEAD // 2 <= asked <= position + _AHEAD:
            start = asked if position <= asked <= position + _AHEAD else position
            _advise(self._descriptors[path], start, position + _AHEAD - start, "POSIX_FADV_WILLNEED")
            self._asked[path] = position + _AHEAD


def _advise(descriptor: int, offset: int, size: int, advice: str) -> None:
    if hasattr(os, advice):  # not on every system
        os.posix_fadvise(descriptor, offset, size, getattr(os, advice))


def read_elements(tensor: Tensor, first: int, count: int) -> Raw:
    """Return the bytes of elements of a flattened tensor; opens and closes its files.

    Raises:
        MergeError: A file has become shorter since its header was read.
        OSError: A file cannot be read.
    """
    data = np.empty(count * tensor.item_size, np.uint8)
    with OpenFiles(tensor.files) as files:
        tensor.read(first, memoryview(data), files.read)
    return data


def equal_elements(left: Tensor, right: Tensor) -> bool:
    """Return whether two tensors of the same shape and dtype have equal bytes.

    Raises:
        MergeError: A file has become shorter since its header was read.
        OSError: A file cannot be read.
    """
    for first in range(0, left.count, _PIECE):
        count = min(_PIECE, left.count - first)
        if not np.array_equal(read_elements(left, first, count), read_elements(right, first, count)):
            return False
    return True
