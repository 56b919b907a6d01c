"""Read shards in chunks and write them as a stream, and compute their digests on the way."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import MergeError
from .checkpoint import Checkpoint
from .digests import StreamDigest
from .tensor_file import Tensor

Raw = NDArray[np.uint8]


class ShardReader:
    """Reads the tensors of a checkpoint; a context manager."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._digests: dict[Path, StreamDigest] = {}
        self._files: dict[Path, int] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for shard in self._checkpoint.shards:
            # Unbuffered, because `preadv` reads directly into the caller's arrays.
            file = self._open.enter_context(shard.path.open("rb", buffering=0))
            self._files[shard.path] = file.fileno()
            digest = self._digests[shard.path] = StreamDigest(shard.path)
            digest.feed(0, os.pread(file.fileno(), shard.data_start, 0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def read(self, tensor: Tensor, first: int, buffer: Raw) -> None:
        """Fill a buffer with the bytes of a tensor, starting at an element.

        Raises:
            MergeError: The file has become shorter since its header was read.
        """
        offset, done, view = tensor.start + first * tensor.item_size, 0, memoryview(buffer)
        # preadv may return fewer bytes than asked for, and always does above 2 GiB.
        while done < len(view):
            got = os.preadv(self._files[tensor.file], [view[done:]], offset + done)
            if not got:
                raise MergeError(f"{tensor.file}: became shorter while tensor {tensor.name!r} was read")
            done += got

    def digest(self, tensor: Tensor, first: int, buffer: Raw) -> None:
        """Add the bytes that were read to the digest of their file."""
        offset = tensor.start + first * tensor.item_size
        self._digests[tensor.file].feed(offset, memoryview(buffer))

    def states(self) -> dict[str, str]:
        """Return the states of the digests of all shards, by file name."""
        return {path.name: digest.state for path, digest in self._digests.items()}

    def digests(self) -> dict[str, str]:
        """Return the digests of all shards, by file name."""
        return {path.name: digest.finish() for path, digest in self._digests.items()}


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
        self._position = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("r+b" if self._kept else "xb")
        if self._kept:
            self._file.truncate(self._kept)
            self._file.seek(self._kept)
            self._digest.read_until(self._kept)
            self._position = self._kept
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

    def state(self) -> str:
        """Hand all bytes so far to the system, and return the state of their digest."""
        self._file.flush()
        return self._digest.state

    def final_state(self) -> str:
        """Return the state of the digest of the file, which must be closed."""
        return self._digest.state
