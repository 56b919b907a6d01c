"""File operations of a workspace, done in a confined child, so that no link leads anywhere else."""

from __future__ import annotations

import contextlib
import os
import stat

from . import parcel
from .child import RESULT_FILE

REFUSED = 65
"""Exit status of an operation that cannot be done; the reason is on standard error."""
_LONGEST_PATH = 4000
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def read_file(path: str, max_bytes: int) -> None:
    """Leave the bytes of a regular file in the result."""
    with _explained(path):
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        left = _check_regular(file)
        if left > max_bytes:
            raise OSError(27, f"File has {left} bytes, more than {max_bytes}")
        while left > 0:
            sent = os.sendfile(RESULT_FILE, file, None, left)
            if not sent:
                break
            left -= sent


def write_file(path: str) -> None:
    """Create or replace a regular file with the bytes on descriptor 0, and make its folders."""
    with _explained(path):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        # Without O_NONBLOCK a pipe that nobody reads would be waited for.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o644)
        _check_regular(file)
        os.truncate(file, 0)
        _copy(0, file, 0, os.fstat(0).st_size)


def pack_files() -> None:
    """Leave a parcel of the current directory in the result: files, folders and links."""
    packing = _Packing()
    with _explained("."):
        try:
            packing.walk()
            os.write(RESULT_FILE, parcel.head(packing.entries, packing.left_out))
            for entry in packing.entries:
                packing.copy(entry)
        finally:
            packing.close_again()


def unpack_files() -> None:
    """Fill the current directory from the parcel on descriptor 0."""
    with _explained("."):
        size = parcel.head_size(os.pread(0, 4, 0))
        entries, _, start = parcel.read_head(os.pread(0, size, 0), os.fstat(0).st_size)
        for entry in entries:
            start = _unpack(entry, start)
        for entry in reversed(entries):
            if entry["kind"] == "folder" and "mode" in entry:
                os.chmod(entry["path"], entry["mode"])
                os.utime(entry["path"], ns=(entry["time"], entry["time"]))


def gather_files(folder: str, suffixes: str, max_files: int, max_bytes: int) -> None:
    """Leave a parcel of the files right in a folder whose names end so (suffixes, separated by spaces)."""
    with _explained(folder):
        names = sorted(name for name in os.listdir(folder) if name.endswith(tuple(suffixes.split())))
        if len(names) > max_files:
            raise OSError(7, f"There are {len(names)} files, more than {max_files}")
        files = {}
        for name in names:
            with _explained(os.path.join(folder, name)):
                file = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NONBLOCK)
                size = _check_regular(file)
                max_bytes -= size
                if max_bytes < 0:
                    raise OSError(27, "The files are too large together")
                with os.fdopen(file, "rb") as source:
                    files[name] = source.read(size)
        os.write(RESULT_FILE, parcel.wrap(files))


class _Packing:
    """Lists what is below the current directory, in the order of names."""

    def __init__(self) -> None:
        self.entries: list[parcel.Entry] = []
        self.left_out = 0
        self._seen: dict[int, str] = {}
        self._closed: list[tuple[str, int]] = []

    def walk(self) -> None:
        waiting = ["."]
        while waiting:
            folder = waiting.pop()
            status = os.lstat(folder)
            if folder != ".":
                self.entries.append({"path": folder, "kind": "folder", **_about(status)})
            self._open(folder, status.st_mode, 0o500)
            paths = [name if folder == "." else f"{folder}/{name}" for name in sorted(os.listdir(folder))]
            waiting += [path for path in reversed(paths) if self._add(path)]

    def copy(self, entry: parcel.Entry) -> None:
        """Append the data of a file to the result; what cannot be read any more is zeros."""
        if not entry.get("parts"):
            return
        try:
            file = os.open(entry["path"], _READ)
        except OSError:
            file = os.open("/dev/null", os.O_RDONLY)
        for offset, length in entry["parts"]:
            _copy(file, RESULT_FILE, offset, length)
        os.close(file)

    def close_again(self) -> None:
        for path, mode in reversed(self._closed):
            with contextlib.suppress(OSError):
                os.chmod(path, mode)

    def _add(self, path: str) -> bool:
        """Add what is no folder; return whether it is one."""
        try:
            status = os.lstat(path)
            if len(os.fsencode(path)) > _LONGEST_PATH:
                self.left_out += 1
            elif stat.S_ISDIR(status.st_mode):
                return True
            elif stat.S_ISLNK(status.st_mode):
                self.entries.append({"path": path, "kind": "link", "target": os.readlink(path)})
            elif stat.S_ISREG(status.st_mode):
                self._add_file(path, status)
            else:
                self.left_out += 1
        except OSError:  # it has just vanished
            self.left_out += 1
        return False

    def _add_file(self, path: str, status: os.stat_result) -> None:
        if status.st_ino in self._seen:
            self.entries.append({"path": path, "kind": "same", "target": self._seen[status.st_ino]})
            return
        self._open(path, status.st_mode, 0o400)
        file = os.open(path, _READ)
        parts = _data_of(file)
        os.close(file)
        self._seen[status.st_ino] = path
        about = {"size": status.st_size, "parts": parts, **_about(status)}
        self.entries.append({"path": path, "kind": "file", **about})

    def _open(self, path: str, mode: int, needed: int) -> None:
        """Let what its owner has closed be read until the parcel is made."""
        if mode & needed != needed:
            os.chmod(path, stat.S_IMODE(mode) | needed)
            self._closed.append((path, stat.S_IMODE(mode)))


def _unpack(entry: parcel.Entry, start: int) -> int:
    """Make one entry, whose data begins at `start`; return where the next one's does."""
    path, kind = entry["path"], entry["kind"]
    if kind == "folder":
        os.makedirs(path, exist_ok=True)
    elif kind == "link":
        os.symlink(entry["target"], path)
    elif kind == "same":
        os.link(entry["target"], path)
    else:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        for offset, length in entry["parts"]:
            os.lseek(file, offset, os.SEEK_SET)
            _copy(0, file, start, length)
            start += length
        os.truncate(file, entry["size"])
        os.fchmod(file, entry["mode"])
        os.close(file)
        if "time" in entry:
            os.utime(path, ns=(entry["time"], entry["time"]))
    return start


def _about(status: os.stat_result) -> parcel.Entry:
    return {"mode": stat.S_IMODE(status.st_mode), "time": status.st_mtime_ns}


def _data_of(file: int) -> list[list[int]]:
    """Return the (offset, length) of each part of a file that is no hole."""
    parts = []
    offset = 0
    with contextlib.suppress(OSError):  # there is no more data
        while True:
            start = os.lseek(file, offset, os.SEEK_DATA)
            offset = os.lseek(file, start, os.SEEK_HOLE)
            parts.append([start, offset - start])
    return parts


def _copy(source: int, target: int, offset: int, length: int) -> None:
    """Copy a part of a file to where the other one stands; what has vanished meanwhile is zeros."""
    end = os.lseek(target, 0, os.SEEK_CUR) + length
    while length:
        sent = os.sendfile(target, source, offset, length)
        if not sent:
            os.truncate(target, max(end, os.fstat(target).st_size))
            os.lseek(target, end, os.SEEK_SET)
            return
        offset += sent
        length -= sent


def _check_regular(file: int) -> int:
    """Return the size of an open file, which must be a regular one."""
    status = os.fstat(file)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(21, "Is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(22, "Not a regular file")
    return status.st_size


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
