"""Read shards in chunks and write them as a stream, and compute their digests on the way."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ...system import start_flush
from ..errors import MergeError
from .checkpoint import Checkpoint
from .digests import StreamDigest
from .source import OpenFiles, Raw
from .tensor_file import Tensor

__all__ = ["Raw", "ShardReader", "ShardWriter"]
_FLUSH_BYTES = 1 << 24
"""Number of written bytes that are handed to the disk at a time, instead of all at the end of the file."""


class ShardReader:
    """Reads the tensors of a checkpoint; a context manager."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._digests = {path: StreamDigest(path) for path in checkpoint.files}
        self._converted = hashlib.sha256()
        self._files = OpenFiles(checkpoint.files)

    def __enter__(self) -> Self:
        self._files.__enter__()
        for shard in self._checkpoint.shards:
            if digest := self._digests.get(shard.path):
                header = np.empty(shard.data_start, np.uint8)
                self._files.read(shard.path, 0, memoryview(header))
                digest.feed(0, memoryview(header))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    def read(self, tensor: Tensor, first: int, buffer: Raw) -> None:
        """Fill a buffer with the bytes of a tensor, starting at an element.

        Raises:
            MergeError: A file has become shorter since its header was read.
        """
        try:
            tensor.read(first, memoryview(buffer), self._files.read)
        except MergeError as error:
            raise MergeError(f"{error}, at tensor {tensor.name!r}") from error

    def digest(self, tensor: Tensor, first: int, buffer: Raw) -> None:
        """Add the bytes that were read to the digest of their file."""
        if tensor.source is None:
            offset = tensor.start + first * tensor.item_size
            self._digests[tensor.file].feed(offset, memoryview(buffer))
        else:
            self._converted.update(buffer)

    def states(self) -> dict[str, str]:
        """Return what was read so far as digests: by file name, and all converted elements together."""
        names = self._checkpoint.file_names
        states = {names[path]: digest.state for path, digest in self._digests.items()}
        return states | ({"": self._converted.hexdigest()} if self._checkpoint.converted else {})

    def digests(self) -> dict[str, str]:
        """Return the digests of all files with weights, by file name."""
        names = self._checkpoint.file_names
        return {names[path]: digest.finish() for path, digest in self._digests.items()}


class ShardWriter:
    """Writes a file sequentially; a context manager that flushes the file to the disk at its end.

    Args:
        path: File to write. It must not exist, unless its first part is kept.
        header: First bytes of the file.
        kept: Number of bytes of an earlier writer that are kept; 0 makes a new file.
    """

    def __init__(self, path: Path, header: bytes, *, kept: int = 0) -> None:
        self._path, self._header, self._kept = path, header, kept
        self._digest = StreamDigest(path)
        self._position = self._flushed = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("r+b" if self._kept else "xb")
        if self._kept:
            self._file.truncate(self._kept)
            self._file.seek(self._kept)
            self._digest.read_until(self._kept)
            self._position = self._flushed = self._kept
        else:
            self.write(self._header)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file as file:
            if kind is None:
                file.flush()
                os.fsync(file.fileno())

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._path.name

    def write(self, data: bytes | Raw) -> None:
        """Append bytes to the file."""
        view = memoryview(data)
        self._file.write(view)
        self._digest.feed(self._position, view)
        self._position += len(view)
        if self._position - self._flushed >= _FLUSH_BYTES:
            start_flush(self._file.fileno(), self._flushed, self._position - self._flushed)
            self._flushed = self._position

    def state(self) -> str:
        """Hand all bytes so far to the system, and return the state of their digest."""
        self._file.flush()
        return self._digest.state

    def digest(self) -> str:
        """Return the SHA-256 of the file, which must be closed, in hexadecimal."""
        return self._digest.finish()

    def final_state(self) -> str:
        """Return the state of the digest of the file, which must be closed."""
        return self._digest.state
