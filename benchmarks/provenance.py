"""What is written beside results: configuration, package versions, commit."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import subprocess
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .errors import BenchError
from .plan import BenchConfig

CONFIG = "config.json"
PACKAGES = ("codefrontier", "gymnasium", "numpy", "pydantic", "litellm")


def write_config(config: BenchConfig) -> None:
    """Append a run to config.json in the folder of a benchmark, atomically.

    The file holds `{"runs": [...]}`: the first run, then each that resumed it, with the configuration,
    package versions and commit it had.
    """
    path = config.out / CONFIG
    runs = _read_runs(path) if path.exists() else []
    runs.append({"config": _plain(dataclasses.asdict(config)), **versions(), "commit": commit()})
    scratch = path.with_suffix(".tmp")
    scratch.write_text(json.dumps({"runs": runs}, indent=2) + "\n")
    os.replace(scratch, path)


def check_same_seed(config: BenchConfig) -> None:
    """Refuse to go on with a run of another seed.

    Raises:
        BenchError: The seeds differ, or config.json cannot be read.
    """
    first = _read_runs(config.out / CONFIG)[0]
    if first["config"].get("seed") != config.seed:
        raise BenchError(
            f"{config.out}: the run to resume has seed {first['config'].get('seed')!r}, not {config.seed!r}"
        )


def versions() -> dict[str, Any]:
    """Return the versions of Python, the platform, and the packages that are installed."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"python": platform.python_version(), "platform": platform.platform(), "packages": packages}


def commit() -> str | None:
    """Return the commit of this package's checkout, marked when it has changes; None without one."""
    root = Path(__file__).resolve().parent.parent
    if _git(root, "rev-parse", "--show-toplevel") != str(root):
        return None
    head = _git(root, "rev-parse", "HEAD")
    return f"{head} with changes" if head and _git(root, "status", "--porcelain") else head


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says, or None when it fails or is not there."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _read_runs(path: Path) -> list[dict[str, Any]]:
    try:
        runs = json.loads(path.read_text())["runs"]
        if isinstance(runs, list) and runs and isinstance(runs[0]["config"], dict):
            return runs
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{path}: cannot be read: {error!r}") from error
    raise BenchError(f"{path}: is not the configuration of a benchmark")


def _plain(value: object) -> Any:
    """Turn a configuration into JSON values."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
