"""SHA-256 digests of files, computed while the files are read or written, and of sets of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

_PIECE = 1 << 22
"""Number of bytes that are read at a time."""


class StreamDigest:
    """Computes the digest of a file from pieces that are read or written for another purpose.

    If the pieces do not arrive in the order of the file, `finish` reads the file again, so the result is
    always the digest of the whole file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        self._rest = hashlib.sha256()
        self._position = 0

    def feed(self, offset: int, data: bytes | memoryview) -> None:
        """Add the bytes of the file at an offset."""
        if offset == self._position:
            self._hash.update(data)
            self._position += len(data)
        else:
            self._rest.update(data)

    @property
    def state(self) -> str:
        """A digest of all pieces so far; equal pieces in an equal order give an equal state.

        It begins with the number of bytes that arrived in the order of the file.
        """
        return f"{self._position}:{self._hash.hexdigest()}:{self._rest.hexdigest()}"

    def read_until(self, position: int) -> None:
        """Add the first bytes of the file, up to a position or its end, by reading them."""
        with self._path.open("rb") as file:
            while self._position < position and (data := file.read(min(_PIECE, position - self._position))):
                self.feed(self._position, data)

    def finish(self) -> str:
        """Return the digest in hexadecimal; the file must be complete."""
        if self._position == self._path.stat().st_size:
            return self._hash.hexdigest()
        return file_digest(self._path)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 digests of files in a folder, by name."""
    return {name: file_digest(folder / name) for name in names}


def combined_digest(digests: Mapping[str, str]) -> str:
    """Return one digest of a set of files: the SHA-256 of the output of `sha256sum`, sorted by name."""
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
