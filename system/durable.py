"""Durable writes: a file or folder has its name only when all of it is on the disk."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Final

from .disk import explain_full_disk

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
_SYNC_FILE_RANGE_WRITE: Final = 2
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def write_file(path: Path, content: str) -> None:
    """Replace a text file atomically: readers see the old or the new content, never a part.

    Raises:
        DiskFullError: The file does not fit; the old file is unchanged.
        OSError: The file cannot be written.
    """
    scratch = path.with_name(f".{path.name}.partial")
    data = content.encode()
    try:
        with explain_full_disk(path, len(data)), scratch.open("wb") as file:
            file.write(data)
            # Before the rename: otherwise a crash could leave the new name with an empty file.
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def sync_tree(folder: Path) -> None:
    """Wait until a folder and everything in it are on the disk."""
    for root, _, names in os.walk(folder):
        for name in names:
            sync(Path(root, name))
        sync(Path(root))


def sync(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def start_flush(descriptor: int, offset: int, size: int) -> None:
    """Tell the system to begin to write a range of a file to the disk, so that a later sync waits less.

    Only a hint: nothing happens where the system has no such call, and errors are those of the later sync.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "sync_file_range"):
        library.sync_file_range(
            *(descriptor, ctypes.c_int64(offset), ctypes.c_int64(size), _SYNC_FILE_RANGE_WRITE)
        )


def exchange(first: Path, second: Path) -> bool:
    """Swap two paths of the same file system atomically.

    Returns:
        Whether they were swapped; False if the file system or the C library does not support it.

    Raises:
        OSError: The swap failed for another reason.
    """
    library = ctypes.CDLL(None, use_errno=True)  # Python itself has no function for renameat2
    if not hasattr(library, "renameat2"):
        return False
    sys.audit(
        "os.rename", os.fspath(first), os.fspath(second), -1, -1
    )  # Python raises this event for every rename
    paths = os.fsencode(first), os.fsencode(second)
    if library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), os.fspath(second))
