"""Write the folders of merges atomically.

A merge is written to a hidden folder next to its target (`.alpha-0.5.partial-1234`), flushed to the disk, and
renamed in one step. If it replaces an earlier merge, the two folders exchange their names. An exception,
including one raised by a signal handler, removes the hidden folders. A process that is killed by SIGKILL
leaves hidden folders behind; the next merge into the same folder removes them while it holds the lock.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ..system import exchange, sync, sync_tree
from .checkpoints.checkpoint import MERGE
from .errors import MergeError

_ALPHA: Final = "alpha-.+"
"""Names of the merges of a sweep."""


def check_inputs(targets: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Refuse to write into a parent.

    Raises:
        MergeError: A target is, contains, or lies in an input.
    """
    for target in targets:
        for source in inputs:
            real, given = target.resolve(), source.resolve()
            if real.is_relative_to(given) or given.is_relative_to(real):
                raise MergeError(
                    f"{target}: the output would overwrite the input {source}: choose another --out"
                )


def check_targets(targets: Sequence[Path], *, force: bool) -> None:
    """Refuse targets that exist; with `force`, refuse only those that are not earlier merges.

    Raises:
        MergeError: A target is refused.
    """
    for target in targets:
        if not os.path.lexists(target):
            continue
        if not force:
            raise MergeError(f"{target}: already exists; remove it, choose another --out, or use --force")
        if not (target.is_dir() and not target.is_symlink() and _replaceable(target)):
            raise MergeError(
                f"{target}: already exists and is not a merge (no {MERGE} in it), so it is not replaced"
            )


def clear_abandoned(out: Path, name: str | None = None) -> None:
    """Remove the hidden folders of killed processes, and restore merges that were renamed for a replacement.

    The caller holds the lock of the folder. A merge is renamed for its replacement only if the file system
    cannot exchange two names.

    Args:
        out: Folder of merges.
        name: Name of a merge; those of sweeps unless given.
    """
    named = _ALPHA if name is None else re.escape(name)
    pattern = re.compile(rf"\.(?P<name>{named})\.(?P<kind>partial|old)-\d+")
    left = [(path, match) for path in out.iterdir() if (match := pattern.fullmatch(path.name))]
    for path, match in left:
        if match["kind"] == "old" and not (out / match["name"]).exists():
            path.rename(out / match["name"])
    for path, _ in left:
        shutil.rmtree(path, ignore_errors=True)


class PendingFolders:
    """Hidden folders next to their targets; a context manager that removes them unless `commit` was called.

    Args:
        targets: Targets in an existing folder whose lock the caller holds.
        replace: Whether existing targets may be replaced.
    """

    def __init__(self, targets: Sequence[Path], *, replace: bool) -> None:
        self._targets, self._replace = tuple(targets), replace
        self._made: list[os.stat_result] = []
        self._committed = False
        self.folders = tuple(_sibling(target, "partial") for target in self._targets)
        """The folders to write to, one per target."""

    def __enter__(self) -> Self:
        try:
            for folder in self.folders:
                folder.mkdir()
                self._made.append(folder.stat())
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean_up()

    def commit(self) -> None:
        """Flush the folders to the disk and rename them to their targets.

        Replaced merges get the names of the hidden folders, and are removed with them.
        """
        for folder in self.folders:
            sync_tree(folder)
        for target, folder in zip(self._targets, self.folders, strict=True):
            if target.exists() and not self._replace:
                raise MergeError(f"{target}: was created by another process and is left unchanged")
            _place(folder, target)
        for parent in {target.parent for target in self._targets}:
            sync(parent)
        self._committed = True

    def _clean_up(self) -> None:
        if not self._committed:
            # An exception may arrive right after a rename, so the inode decides whether a target is ours.
            for target, folder, made in zip(self._targets, self.folders, self._made, strict=False):
                _undo_place(folder, target, placed=target.exists() and os.path.samestat(target.stat(), made))
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def _place(folder: Path, target: Path) -> None:
    """Rename a folder to its target; an existing target gets the name of the folder."""
    if not target.exists():
        folder.rename(target)
    elif not exchange(folder, target):
        _change_places(folder, target)


def _undo_place(folder: Path, target: Path, *, placed: bool) -> None:
    """Undo `_place`, also if it was interrupted between its renames."""
    old = _sibling(target, "old")
    if placed and folder.exists():
        _place(folder, target)
    elif placed:
        target.rename(folder)
    if old.exists() and not target.exists():
        old.rename(target)


def _change_places(folder: Path, target: Path) -> None:
    """Exchange two names in three renames; `clear_abandoned` repairs the result of an interruption."""
    old = _sibling(target, "old")
    target.rename(old)
    folder.rename(target)
    old.rename(folder)


def copy_files(source: Path, names: Sequence[str], target: Path) -> None:
    """Copy the contents of files, following symbolic links."""
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


def _replaceable(target: Path) -> bool:
    return (target / MERGE).is_file() or not any(target.iterdir())


def _sibling(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}-{os.getpid()}")
