"""Sets of tasks that were made of the functions of a folder: stored problems of all four kinds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..embedded.testset_cache import cache_homes
from ..errors import ProblemError, ProblemNotFoundError
from ..model import Problem
from ..store.folders import DOCUMENT, load_stored, store_problem
from .answers import task_kind
from .function import TaskKind
from .sources import sources_digest

REFUSED = "refused.json"
"""File of a set with the reasons why functions and tasks are left out, by id."""
REVISION = 1
"""Revision of how tasks are made; a new one makes every set anew."""


def is_made(folder: Path) -> bool:
    """Return whether a folder holds tasks that were made, rather than functions."""
    return (folder / REFUSED).is_file()


def cached_set(folder: Path) -> Path | None:
    """Return the place of the set made of a folder of functions in the cache; None if it is not there.

    Raises:
        ProblemNotFoundError: The folder does not exist or holds no functions.
    """
    return next((home for home in cached_places(folder) if is_made(home)), None)


def cached_places(folder: Path) -> list[Path]:
    """Return the places at which the set made of a folder may be cached, the first that can be used first.

    Raises:
        ProblemNotFoundError: The folder does not exist or holds no functions.
    """
    if not folder.is_dir():
        raise ProblemNotFoundError(f"{folder}: no such folder of functions")
    name = f"{sources_digest(folder)[:32]}-{REVISION}"
    return [home / "functions" / name for home in cache_homes(None)]


def write_set(folder: Path, problems: Iterable[Problem], refused: dict[str, str]) -> None:
    """Write tasks as stored problems. The list of what is left out comes last, so it marks a complete set.

    Raises:
        ProblemError: A task cannot be stored, or another task with its id is there.
        OSError: A file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for problem in problems:
        store_problem(problem, folder)
    partial = folder / f".{REFUSED}"
    partial.write_text(json.dumps(refused, indent=1) + "\n")
    partial.replace(folder / REFUSED)


def made_tasks(kind: TaskKind, folder: Path) -> tuple[list[Problem], dict[str, str]]:
    """Return the tasks of a kind of a set that was made, and the reasons why others are left out.

    Args:
        kind: Kind of the tasks.
        folder: A set that was made, or a folder of functions whose set is in the cache.

    Raises:
        ProblemNotFoundError: No set was made of the folder, or it has no task of this kind.
        ProblemError: A task is damaged.
    """
    where = folder if is_made(folder) else cached_set(folder)
    if where is None:
        raise ProblemNotFoundError(
            f"{folder}: no tasks were made of these functions yet: run `codefrontier problems functions "
            f"{folder}`"
        )
    problems = [load_stored(path.parent) for path in sorted(where.glob(f"*.{kind}/{DOCUMENT}"))]
    problems = [problem for problem in problems if task_kind(problem) is kind]
    try:
        refused = json.loads((where / REFUSED).read_text())
    except (OSError, ValueError) as error:
        raise ProblemError(f"{where / REFUSED}: cannot be read: {error}") from error
    endings = tuple(f".{other}" for other in TaskKind if other is not kind)
    return problems, {name: why for name, why in refused.items() if not name.endswith(endings)}
