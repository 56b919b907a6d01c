"""Find the checkpoint that a recipe names: a folder, the last of a run, or a repository of the Hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ..checkpoints.adapters.lora import is_adapter
from ..checkpoints.checkpoint import Checkpoint, open_checkpoint
from ..checkpoints.runs import checkpoint_of
from ..errors import MergeError

_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+")
_FILES: Final = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "*.py", "*.tiktoken")
"""Files that are fetched from the Hub."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """A parent on the disk."""

    folder: Path
    base: Path | None
    """Base of an adapter; None for the base that the adapter names."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that are read."""
        return (self.folder,) if self.base is None else (self.folder, self.base)

    def open(self) -> Checkpoint:
        """Open the parent, as `open_checkpoint` does."""
        return open_checkpoint(self.folder, base=self.base)


def locate_parent(name: str, base: str | None, *, relative_to: Path) -> Located:
    """Return the folders of a parent.

    Args:
        name: As of `locate`, or `MODEL+ADAPTER` as mergekit writes an adapter with its base.
        base: Base of an adapter, as of `locate`; None if none is given.
        relative_to: Folder that relative paths start from.

    Raises:
        MergeError: As of `locate`, or two bases are given.
    """
    if "+" in name and not (relative_to / Path(name).expanduser()).is_dir():
        model, _, adapter = name.partition("+")
        if base is not None:
            raise MergeError(f"{name}: names the base {model!r}, but `base` is {base!r}: give one of them")
        name, base = adapter, model
    place = None if base is None else locate(base, relative_to=relative_to)
    found = Located(folder=locate(name, relative_to=relative_to), base=place)
    if place is not None and not is_adapter(found.folder):
        raise MergeError(f"{found.folder}: has the base {place}, but is no LoRA adapter: leave the base out")
    return found


def locate(name: str, *, relative_to: Path) -> Path:
    """Return the folder of a parent.

    Args:
        name: Folder of a checkpoint; folder of a run, which stands for its last checkpoint; or `owner/name`
            of a repository on the Hub, with `@revision` or without.
        relative_to: Folder that relative paths start from.

    Raises:
        MergeError: There is neither such a folder nor such a repository, or the Hub cannot be reached.
    """
    folder = relative_to / Path(name).expanduser()
    if folder.is_dir():
        return checkpoint_of(folder)
    repository, _, revision = name.partition("@")
    if not _REPOSITORY.fullmatch(repository):
        raise MergeError(f"{name}: is neither a folder nor `owner/name` of a repository on the Hub")
    return _fetch(repository, revision or None)


def _fetch(repository: str, revision: str | None) -> Path:
    try:
        hub: Any = import_module("huggingface_hub")
    except ImportError as error:
        raise MergeError(
            f"{repository}: no such folder; to fetch it from the Hub, install codefrontier[hub]"
        ) from error
    try:
        return Path(hub.snapshot_download(repository, revision=revision, allow_patterns=list(_FILES)))
    except (OSError, ValueError) as error:  # the errors of the Hub are subclasses of these
        at = f" at revision {revision!r}" if revision else ""
        raise MergeError(
            f"{repository}{at}: is no folder, and cannot be had from the Hub: {error}"
        ) from error
