"""The file of a delta: frames of zstandard one after the other, and a table of them at the end.

b"CFDELTA1", frames, the table as a frame, its length in 8 bytes, b"CFDELTA1"
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ...terminal import install_hint
from ..errors import MergeError

MAGIC: Final = b"CFDELTA1"
_LENGTH: Final = 8
_LARGEST_FRAME: Final = 1 << 28
"""Largest accepted size of an uncompressed frame in bytes."""
Place = list[int]
"""Offset and size of a frame."""


class DeltaWriter:
    """Writes a new file next to its target, which it replaces when it is complete; a context manager.

    Args:
        path: The target.
        level: Level of the compression, 1 to 22.

    Raises:
        MergeError: zstandard is not installed.
    """

    def __init__(self, path: Path, *, level: int) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
        self._compressor = _zstandard().ZstdCompressor(
            level=level, write_content_size=True, write_checksum=True
        )
        self._complete = False
        self.size = 0
        """Number of bytes written."""

    def __enter__(self) -> Self:
        self._file = self._partial.open("xb")
        self._write(MAGIC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if kind is None and self._complete:
                self._file.flush()
                os.fsync(self._file.fileno())
        if kind is None and self._complete:
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)

    def frame(self, data: bytes) -> Place:
        """Append compressed data and return its place."""
        packed: bytes = self._compressor.compress(data)
        place = [self.size, len(packed)]
        self._write(packed)
        return place

    def finish(self, table: dict[str, Any]) -> None:
        """Append the table of the frames; without it, the file is discarded."""
        _, length = self.frame(json.dumps(table, separators=(",", ":")).encode())
        self._write(length.to_bytes(_LENGTH, "little") + MAGIC)
        self._complete = True

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)


class DeltaReader:
    """Reads a file of a delta; a context manager.

    Args:
        path: The file.

    Raises:
        MergeError: zstandard is not installed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decompressor = _zstandard().ZstdDecompressor()
        self._error: type[Exception] = _zstandard().ZstdError

    def __enter__(self) -> Self:
        self._file = self._path.open("rb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def table(self) -> dict[str, Any]:
        """Return the table of the frames.

        Raises:
            MergeError: The file is no delta, or is truncated.
        """
        size = os.fstat(self._file.fileno()).st_size
        end = len(MAGIC) + _LENGTH
        self._file.seek(0)
        begins = self._file.read(len(MAGIC)) == MAGIC
        self._file.seek(max(size - end, 0))
        tail = self._file.read(end)
        if not begins:
            raise MergeError(f"{self._path}: is no delta of `merge delta pack`")
        length = int.from_bytes(tail[:_LENGTH], "little")
        if tail[_LENGTH:] != MAGIC or length > size - end - len(MAGIC):
            raise MergeError(f"{self._path}: is truncated: {size} bytes without the table at its end")
        try:
            table = json.loads(self.frame([size - end - length, length]))
        except ValueError as error:
            raise MergeError(f"{self._path}: its table is damaged: {error}") from error
        if not isinstance(table, dict) or table.get("schema") != 1:
            raise MergeError(f"{self._path}: its table has another schema than 1; use a newer version")
        return table

    def frame(self, place: Place) -> bytes:
        """Return the data of a frame.

        Raises:
            MergeError: The frame is damaged.
        """
        offset, length = place
        self._file.seek(offset)
        packed = self._file.read(length)
        try:
            data: bytes = self._decompressor.decompress(packed, max_output_size=_LARGEST_FRAME)
        except self._error as error:
            raise MergeError(f"{self._path}: is damaged at byte {offset}: {error}") from error
        return data


def _zstandard() -> Any:
    try:
        return import_module("zstandard")
    except ImportError as error:
        raise MergeError(f"deltas need zstandard: {install_hint('zstd')}") from error
