"""The problem sets `induction`, `abduction`, `deduction` and `fuzzing`."""

from __future__ import annotations

from pathlib import Path

from ..model import Problem
from .function import TaskKind
from .generated import named_tasks
from .made import made_tasks


def select_tasks(kind: TaskKind, name: str, data: str | Path | None) -> tuple[list[Problem], dict[str, str]]:
    """Return the tasks of a set, and the reasons why others are left out, by id.

    Args:
        kind: Kind of the tasks.
        name: Name of the set; without `data` it may be a draw of the built-in functions.
        data: Folder of functions whose tasks are in the cache, or of tasks that were made.

    Raises:
        ValueError: The name is malformed, or a draw is given together with data.
        ProblemNotFoundError: No tasks were made of the functions.
        ProblemError: A task is damaged.
    """
    if data is None:
        return named_tasks(kind, name), {}
    if name.lower() != kind:
        raise ValueError(f"a draw of the built-in functions takes no data, got {name!r}")
    return made_tasks(kind, Path(data))
