"""What is written beside results: configuration, package versions, commit."""

from __future__ import annotations

import dataclasses
import json
import os
from enum import Enum
from pathlib import Path
from typing import Any

from ..agents.provenance import commit, versions
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
    runs.append({"config": _plain(dataclasses.asdict(config)), **versions(PACKAGES), "commit": commit()})
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
