"""Sets of verification tasks on disk: a folder with one JSON line per task, and a summary.

DIR/tasks.jsonl    the tasks
DIR/set.json       kind, sources, counts of what was dropped, balance, SHA-256 of tasks.jsonl
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...system import write_file
from ..errors import ProblemError, ProblemNotFoundError
from ..model import Problem
from .task import VerificationTask

TASKS, SUMMARY = "tasks.jsonl", "set.json"
EMBEDDED = Path(__file__).parent / "embedded"
"""Folder of the small set that comes with the package."""
_ADAPTER = TypeAdapter(VerificationTask)


def write_tasks(tasks: Sequence[VerificationTask], folder: Path, *, summary: Mapping[str, Any]) -> None:
    """Write a set of tasks; the summary appears last, so a folder with a summary is complete.

    Raises:
        ProblemError: The folder already has tasks, or two tasks have one id.
        OSError: A file cannot be written.
    """
    ids = [task.id for task in tasks]
    if len(set(ids)) < len(ids):
        raise ProblemError(f"duplicate task ids: {sorted({each for each in ids if ids.count(each) > 1})}")
    if (folder / TASKS).exists():
        raise ProblemError(f"{folder}: has tasks already; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{json.dumps(asdict(task), sort_keys=True)}\n" for task in tasks)
    write_file(folder / TASKS, lines)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    write_file(
        folder / SUMMARY, json.dumps({**summary, "tasks": len(tasks), "sha256": digest}, indent=1) + "\n"
    )


def is_task_set(path: Path) -> bool:
    """Return whether a path is a folder of tasks, or the file of tasks in it."""
    return (path / TASKS).is_file() or (path.name == TASKS and path.is_file())


def read_tasks(path: Path) -> tuple[VerificationTask, ...]:
    """Read a set of tasks.

    Raises:
        ProblemNotFoundError: There is no set at the path.
        ProblemError: A line is no task, or the file is not the one that the summary describes.
    """
    file = path / TASKS if path.is_dir() else path
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ProblemNotFoundError(
            f"{file}: cannot be read: {error.strerror}; `codefrontier problems verification` writes such sets"
        ) from error
    _check_digest(file, data)
    tasks = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            tasks.append(_ADAPTER.validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ProblemError(f"{file}, line {number}: {where}: {first['msg']}") from error
    if not tasks:
        raise ProblemNotFoundError(f"{file}: holds no task")
    return tuple(tasks)


def read_summary(folder: Path) -> dict[str, Any]:
    """Return the summary of a set; empty if there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_text())
    except (OSError, ValueError):
        return {}
    return found


def task_problems(path: Path | None = None) -> tuple[Problem, ...]:
    """Return the tasks of a set as problems; the embedded set unless a path is given.

    Raises:
        ProblemError: The set cannot be read.
    """
    folder = EMBEDDED if path is None else path
    file = folder / TASKS if folder.is_dir() else folder
    try:
        stamp = file.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _problems(folder, stamp)


@lru_cache(maxsize=8)
def _problems(folder: Path, stamp: int) -> tuple[Problem, ...]:
    return tuple(task.problem() for task in read_tasks(folder))


def _check_digest(file: Path, data: bytes) -> None:
    known = read_summary(file.parent).get("sha256")
    if known is not None and known != hashlib.sha256(data).hexdigest():
        raise ProblemError(f"{file}: is not the file that {SUMMARY} describes")
