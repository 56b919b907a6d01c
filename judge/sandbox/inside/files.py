"""File operations of a workspace, done in a confined child, so that no link leads anywhere else."""

from __future__ import annotations

import os
import stat

from .child import RESULT_FILE

REFUSED = 65
"""Exit status of an operation that cannot be done; the reason is on standard error."""


def read_file(path: str, max_bytes: int) -> None:
    """Leave the bytes of a regular file in the result."""
    with _explained(path):
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        status = os.fstat(file)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(21, "Is a directory")
        if not stat.S_ISREG(status.st_mode):
            raise OSError(22, "Not a regular file")
        if status.st_size > max_bytes:
            raise OSError(27, f"File has {status.st_size} bytes, more than {max_bytes}")
        left = status.st_size
        while left > 0:
            sent = os.sendfile(RESULT_FILE, file, None, left)
            if not sent:
                break
            left -= sent


def write_file(path: str) -> None:
    """Create or replace a file with the bytes on descriptor 0, and make its folders."""
    with _explained(path):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(path, "wb") as target, open(0, "rb", closefd=False) as source:
            while chunk := source.read(1 << 20):
                target.write(chunk)


def tar_files() -> None:
    """Leave a tar of the current directory in the result: files, folders and links."""
    import tarfile  # here, as the zygote should stay small

    with (
        _explained("."),
        os.fdopen(os.dup(RESULT_FILE), "wb") as result,
        tarfile.open(fileobj=result, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.add(".", recursive=True, filter=lambda entry: None if entry.isdev() else entry)


def untar_files() -> None:
    """Empty the current directory and fill it from the tar on descriptor 0."""
    import tarfile  # here, as the zygote should stay small

    with _explained("."):
        _empty(".")
        with open(0, "rb", closefd=False) as source, tarfile.open(fileobj=source, mode="r|") as archive:
            # The tar was made here and holds what the agent made: links may point anywhere in the sandbox.
            archive.extraction_filter = lambda member, path: member
            archive.extractall(".")


def _empty(directory: str) -> None:
    for entry in list(os.scandir(directory)):
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.path, 0o700)
            _empty(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)


class _explained:  # noqa: N801  # a context manager, read as a word
    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):  # bad paths, no room, no permission: for the agent to read
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            os.write(2, f"{self._path}: {reason}".encode("utf-8", "backslashreplace"))
            os._exit(REFUSED)
