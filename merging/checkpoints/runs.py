"""Folders of training runs, which stand for their checkpoints `checkpoint-STEP`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ..errors import MergeError
from .adapters.lora import is_adapter
from .checkpoint import CONFIG
from .not_checkpoints import has_model

_CHECKPOINT: Final = re.compile(r"checkpoint-(\d+)")


def run_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return the steps and folders of the checkpoints in a folder, by step; empty if it is no run.

    Folders without settings, which a killed training leaves, are left out.

    Raises:
        MergeError: Two checkpoints have the same step.
        OSError: The folder cannot be read.
    """
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _CHECKPOINT.fullmatch(path.name)
        if not match or not ((path / CONFIG).is_file() or is_adapter(path)):
            continue
        if other := found.get(int(match[1])):
            raise MergeError(f"{folder}: {other.name} and {path.name} have the same step: name one of them")
        found[int(match[1])] = path
    return sorted(found.items())


def checkpoint_of(folder: Path) -> Path:
    """Return a checkpoint: the folder itself, or the last checkpoint if the folder is a run.

    Raises:
        MergeError: The folder is a run whose last checkpoint is ambiguous, or holds several runs.
        OSError: The folder cannot be read.
    """
    if not folder.is_dir() or (folder / CONFIG).is_file() or is_adapter(folder) or has_model(folder):
        return folder
    if found := run_checkpoints(folder):
        return found[-1][1]
    runs = [path.name for path in sorted(folder.iterdir()) if path.is_dir() and run_checkpoints(path)]
    if runs:
        raise MergeError(
            f"{folder}: holds {'the run' if len(runs) == 1 else 'several runs'}: {', '.join(runs)}; "
            f"name one, for example {folder / runs[0]}"
        )
    return folder  # what else it is, is found out when it is opened
