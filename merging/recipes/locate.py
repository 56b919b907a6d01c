"""Find the checkpoint that a recipe names: a folder, the last of a run, or a repository of the Hub."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ..checkpoints.checkpoint import CONFIG
from ..errors import MergeError

_CHECKPOINT: Final = re.compile(r"checkpoint-(\d+)")
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+")
_FILES: Final = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "*.py", "*.tiktoken")
"""Files that are fetched from the Hub."""


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
        return folder if (folder / CONFIG).is_file() else _last_of_run(folder)
    repository, _, revision = name.partition("@")
    if not _REPOSITORY.fullmatch(repository):
        raise MergeError(f"{name}: is neither a folder nor `owner/name` of a repository on the Hub")
    return _fetch(repository, revision or None)


def _last_of_run(folder: Path) -> Path:
    found = [
        (int(match[1]), path)
        for path in folder.iterdir()
        if (match := _CHECKPOINT.fullmatch(path.name)) and (path / CONFIG).is_file()
    ]
    # A folder that is no run is refused later, with what it is instead.
    return max(found)[1] if found else folder


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
