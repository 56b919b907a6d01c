"""What a run writes first: its settings, package versions and commit, one entry per start."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .errors import TrainingError

FILE = "run.json"
PACKAGES = ("codefrontier", "gymnasium", "numpy", "safetensors", "tokenizers", "torch", "transformers")


def write_run(out: Path, settings: Mapping[str, Any]) -> None:
    """Append a start to run.json in the folder of a run, atomically.

    Raises:
        TrainingError: The file is there and cannot be read.
        OSError: It cannot be written.
    """
    path = out / FILE
    starts: list[Any] = []
    if path.exists():
        try:
            starts = list(json.loads(path.read_bytes())["starts"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(f"{path}: cannot be read: {error!r}") from error
    starts.append({"settings": dict(settings), **_versions(), "commit": _commit()})
    out.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".partial")
    scratch.write_text(json.dumps({"starts": starts}, indent=2) + "\n")
    os.replace(scratch, path)


def _versions() -> dict[str, Any]:
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"python": platform.python_version(), "platform": platform.platform(), "packages": packages}


def _commit() -> str | None:
    """Return the commit of this package's checkout, marked when it has changes; None without one."""
    root = Path(__file__).resolve().parent.parent
    if _git(root, "rev-parse", "--show-toplevel") != str(root):
        return None
    head = _git(root, "rev-parse", "HEAD")
    return f"{head} with changes" if head and _git(root, "status", "--porcelain") else head


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
