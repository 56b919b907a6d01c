"""Write the folders of merges atomically.

A merge is written to a hidden folder next to its target (`.alpha-0.5.partial-1234`), flushed to the disk, and
renamed in one step. If it replaces an earlier merge, the two folders exchange their names. An exception,
including one raised by a signal handler, removes the hidden folders. A process that is killed by SIGKILL
leaves hidden folders and their journal behind. The same merge continues there; another merge into the same
folder removes them while it holds the lock.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ..system import exchange, sync, sync_tree
from .checkpoints.checkpoint import MERGE
from .errors import MergeError
from .resuming.journal import Journal, read_journal

ALPHAS: Final = "alpha-.+"
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


def take_over(out: Path, targets: Sequence[Path], identity: str, *, names: str) -> Journal:
    """Return the journal of a killed process that made the same merges, or a new one.

    All other hidden folders of killed processes are removed, and merges that were renamed for a replacement
    get their names back. A merge is renamed for its replacement only if the file system cannot exchange two
    names. The caller holds the lock of the folder.

    Args:
        out: Folder of merges.
        targets: Targets of the merges, in the folder.
        identity: Digest of everything that decides the result, as of `identity_of`.
        names: Pattern of the names of the merges whose leftovers are removed.
    """
    pattern = re.compile(rf"\.(?P<name>{names})\.(?P<kind>partial|old|journal)-\d+")
    left = [(path, match) for path in out.iterdir() if (match := pattern.fullmatch(path.name))]
    for path, match in left:
        if match["kind"] == "old" and not (out / match["name"]).exists():
            path.rename(out / match["name"])
    found = [read_journal(path) for path, match in left if match["kind"] == "journal"]
    same = [each for each in found if each and each.identity == identity and _can_continue(each, targets)]
    kept = {path for journal in same[:1] for path in (journal.path, *journal.folders)}
    # Journals first: a folder that is half removed must not be taken for one that can be continued.
    for path, _ in sorted(left, key=lambda each: each[1]["kind"] != "journal"):
        if path not in kept and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path not in kept:
            path.unlink(missing_ok=True)
    folders = tuple(_sibling(target, "partial") for target in targets)
    new = Journal(path=_sibling(targets[0], "journal"), identity=identity, folders=folders)
    return same[0] if same else new


def _can_continue(journal: Journal, targets: Sequence[Path]) -> bool:
    if len(journal.folders) != len(targets):
        return False
    if not journal.placed:
        return journal.point is not None and all(folder.is_dir() for folder in journal.folders)
    return all(
        journal.waits(merge) or journal.is_placed(merge, target) for merge, target in enumerate(targets)
    )


@contextmanager
def pending_folder(target: Path) -> Iterator[Path]:
    """Yield a hidden folder that gets the name of its target at the end, and is removed after an exception.

    What killed processes left of the same target is removed; nothing continues there. The caller holds the
    lock of the parent folder.

    Raises:
        MergeError: The target exists at the end.
    """
    pattern = re.compile(rf"\.{re.escape(target.name)}\.partial-\d+")
    for path in target.parent.iterdir():
        if pattern.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)
    folder = _sibling(target, "partial")
    folder.mkdir()
    try:
        yield folder
        sync_tree(folder)
        if target.exists():
            raise MergeError(f"{target}: was created by another process and is left unchanged")
        folder.rename(target)
        sync(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PendingFolders:
    """Hidden folders next to their targets; a context manager that removes them unless `commit` was called.

    If a killed process had completed all merges, only their names are missing. Then nothing is removed.

    Args:
        targets: Targets in an existing folder whose lock the caller holds.
        journal: Journal of the merges, from `take_over`.
        replace: Whether existing targets may be replaced.
    """

    def __init__(self, targets: Sequence[Path], journal: Journal, *, replace: bool) -> None:
        self._targets, self._replace = tuple(targets), replace
        self.journal = journal
        self._made: list[os.stat_result] = []
        self._done = False
        self.complete = bool(journal.placed)
        """Whether the folders are complete, with all files."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders to write to, or in which a complete merge is, one per target."""
        return tuple(
            target if self.journal.is_placed(merge, target) else folder
            for merge, (target, folder) in enumerate(zip(self._targets, self.journal.folders, strict=True))
        )

    def __enter__(self) -> Self:
        if self.complete:
            return self
        try:
            for folder in self.journal.folders:
                folder.mkdir(exist_ok=self.journal.point is not None)
                self._made.append(folder.stat())
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._done or not self.complete:
            self._clean_up()

    def commit(self) -> None:
        """Flush the folders to the disk and rename them to their targets.

        Replaced merges get the names of the hidden folders, and are removed with them.
        """
        if not self.complete:
            for folder in self.journal.folders:
                sync_tree(folder)
            self._check_free(self._targets)
            self.journal = self.journal.note_complete()
        for merge, (target, folder) in enumerate(zip(self._targets, self.journal.folders, strict=True)):
            if self.journal.waits(merge):
                self._check_free([target])
                _place(folder, target)
        for parent in {target.parent for target in self._targets}:
            sync(parent)
        self._done = True

    def _check_free(self, targets: Sequence[Path]) -> None:
        for target in targets:
            if target.exists() and not self._replace:
                raise MergeError(f"{target}: was created by another process and is left unchanged")

    def _clean_up(self) -> None:
        self.journal.remove()  # first: a folder that is half removed must not be continued
        if not self._done:
            # An exception may arrive right after a rename, so the inode decides whether a target is ours.
            for target, folder, made in zip(self._targets, self.journal.folders, self._made, strict=False):
                _undo_place(folder, target, placed=target.exists() and os.path.samestat(target.stat(), made))
        for folder in self.journal.folders:
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
