"""Folders that appear complete or not at all.

A result is written to a hidden sibling (`.alpha-0.5.partial-1234`), flushed to the disk, and renamed. An
exception, also the one a signal handler raises, removes every sibling. A process that is killed outright
leaves its siblings behind, never under a result's name; the next merge into the same place removes them,
because their lock is gone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from .checkpoint import MERGE
from .errors import MergeError


def check_targets(targets: Sequence[Path], inputs: Sequence[Path], *, force: bool) -> None:
    """Refuse to write where something is that must stay.

    Raises:
        MergeError: A target is, holds, or lies in an input, or exists; with `force` earlier merges may be
            replaced, anything else may not.
    """
    for target in targets:
        for source in inputs:
            real, given = target.resolve(), source.resolve()
            if real.is_relative_to(given) or given.is_relative_to(real):
                raise MergeError(
                    f"{target}: the output would overwrite the input {source}: choose another --out"
                )
        if not os.path.lexists(target):
            continue
        if not force:
            raise MergeError(f"{target}: already exists; remove it, choose another --out, or use --force")
        if not (target.is_dir() and not target.is_symlink() and _replaceable(target)):
            raise MergeError(
                f"{target}: already exists and is no merge (no {MERGE} in it), so it is not replaced"
            )


def check_space(folder: Path, needed: int) -> None:
    """Refuse to start what the disk cannot hold.

    Raises:
        MergeError: Says how much is needed and how much is free.
    """
    while not folder.exists():
        folder = folder.absolute().parent
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise MergeError(f"{folder}: needs {needed / 1e9:.2f} GB on disk, {free / 1e9:.2f} GB are free")


class PendingFolders:
    """Hidden siblings of folders to be; a context manager that removes what `commit` did not rename."""

    def __init__(self, targets: Sequence[Path], *, replace: bool) -> None:
        self._targets, self._replace = tuple(targets), replace
        self._made: list[Path] = []
        self._locks: list[int] = []
        self._placed: list[Path] = []
        self._committed = False
        self.folders = tuple(_sibling(target, "partial") for target in self._targets)
        """Where to write, one per target."""

    def __enter__(self) -> Self:
        try:
            for target, folder in zip(self._targets, self.folders, strict=True):
                self._make_parents(target.parent)
                _remove_abandoned(target)
                folder.mkdir()
                self._locks.append(os.open(folder, os.O_RDONLY))
                fcntl.flock(self._locks[-1], fcntl.LOCK_EX)
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean_up()

    def commit(self) -> None:
        """Flush everything to the disk and rename it into place, replacing what is there."""
        for folder in self.folders:
            _sync_tree(folder)
        for target, folder in zip(self._targets, self.folders, strict=True):
            if target.exists():
                if not self._replace:
                    raise MergeError(f"{target}: has appeared in the meantime; it is left as it is")
                target.rename(_sibling(target, "old"))
            self._placed.append(target)
            folder.rename(target)
        for parent in {target.parent for target in self._targets}:
            _sync(parent)
        self._committed = True

    def _make_parents(self, folder: Path) -> None:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir()
            self._made.append(path)

    def _clean_up(self) -> None:
        if not self._committed:
            for target in reversed(self._placed):
                shutil.rmtree(target, ignore_errors=True)
        for target, folder in zip(self._targets, self.folders, strict=True):
            shutil.rmtree(folder, ignore_errors=True)
            old = _sibling(target, "old")
            if old.exists() and not target.exists():
                old.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        while self._locks:
            os.close(self._locks.pop())
        for path in reversed(self._made if not self._committed else []):
            if not any(path.iterdir()):
                path.rmdir()


def copy_files(source: Path, names: Sequence[str], target: Path) -> None:
    """Copy files byte for byte, following links."""
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


def _replaceable(target: Path) -> bool:
    return (target / MERGE).is_file() or not any(target.iterdir())


def _sibling(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}-{os.getpid()}")


def _remove_abandoned(target: Path) -> None:
    for folder in target.parent.glob(f".{target.name}.partial-*"):
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def _sync_tree(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        for name in names:
            _sync(Path(root, name))
        _sync(Path(root))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
