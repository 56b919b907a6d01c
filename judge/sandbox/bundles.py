"""Contents of files that snapshots share: bytes that nobody changes any more, handed over without a copy."""

from __future__ import annotations

import fcntl
import itertools
import os
import weakref

from ..errors import SandboxError
from .handing import HANDED_FROM_BYTES, SEALS, memory_file

_MOST_FILES = 128
"""Open at a time in this process; what is made beyond is kept as bytes."""
_numbers = itertools.count(1)


def new_number() -> int:
    """Return a number that no bundle of this process has."""
    return next(_numbers)


class Bundle:
    """Contents of files, one after the other. Nothing changes it; it goes with the last that refers to it.

    Args:
        data: The contents.
        number: As from `new_number`; None takes one.
    """

    def __init__(self, data: bytes | memoryview, *, number: int | None = None) -> None:
        self.number = new_number() if number is None else number
        self.size = len(data)
        self._data = b""
        self._file: _SealedFile | None = None
        if self.size >= HANDED_FROM_BYTES and _SealedFile.there_is_room():
            try:
                self._file = _SealedFile(memory_file(data))
            except OSError:  # no room for a file
                self._file = None
        if self._file is None:
            self._data = bytes(data)

    @classmethod
    def of_file(cls, file: int, *, number: int) -> Bundle:
        """Return what somebody has written to a memory file, and take the file over.

        Raises:
            SandboxError: Somebody could still write to it.
        """
        sealed = _SealedFile(file)
        try:
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
        except OSError as error:
            raise SandboxError(f"a sandbox holds on to a file that it has written: {error}") from error
        size = os.fstat(file).st_size
        if size < HANDED_FROM_BYTES or not _SealedFile.there_is_room():
            return cls(_read(file, 0, size), number=number)
        bundle = cls(b"", number=number)
        bundle.size, bundle._file = size, sealed
        return bundle

    @property
    def file(self) -> int | None:
        """A descriptor of a sealed file with the contents, as long as the bundle is there; None without."""
        return self._file.descriptor if self._file else None

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Return a part of it, or all that follows `start`."""
        length = self.size - start if length is None else length
        if self._file:
            return _read(self._file.descriptor, start, length)
        return self._data[start : start + length]


class _SealedFile:
    """Closes a descriptor at its own end.

    Args:
        descriptor: Of a memory file.
    """

    _alive: weakref.WeakSet[_SealedFile] = weakref.WeakSet()

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._alive.add(self)
        weakref.finalize(self, os.close, descriptor).atexit = False

    @classmethod
    def there_is_room(cls) -> bool:
        """Whether one more may be kept."""
        return len(cls._alive) <= _MOST_FILES


def _read(file: int, start: int, length: int) -> bytes:
    data = os.pread(file, length, start)
    while len(data) < length:
        more = os.pread(file, length - len(data), start + len(data))
        if not more:
            raise ValueError(f"there are {len(data)} bytes from {start} on, not {length}")
        data += more
    return data
