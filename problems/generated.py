"""The problem sets that the package makes itself, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .errors import ProblemNotFoundError
from .families import SET_FAMILIES, find_family_problem, named_problems
from .families.puzzles import find_grid_problem, grid_problems
from .functions.function import TaskKind
from .functions.generated import generated_task
from .functions.sets import select_tasks
from .model import Problem
from .verification import task_problems

VERIFICATION = "verification"
"""Set of verification tasks: the embedded ones, or those of a folder in `data`."""
Selected = tuple[Iterable[Problem], Mapping[str, str]]
"""Problems, and the reasons why others are left out, by id."""


@dataclass(frozen=True, kw_only=True)
class GeneratedSet:
    """A set whose problems are made when they are asked for."""

    select: Callable[[str, str | Path | None], Selected]
    """Return the problems of a name and of `data`; raises as `select_problems` does."""
    find: Callable[[str], Problem]
    """Return the problem with an id, which need not be in the set; raises ValueError if there is none."""
    drawn: bool = True
    """Whether `NAME:PART:COUNT:SEED` names another draw."""
    takes_data: bool = False
    """Whether the set can be read from a folder of the user."""

    def find_problem(self, problem_id: str) -> Problem:
        """Return the problem with an id.

        Raises:
            ProblemNotFoundError: There is none.
        """
        try:
            return self.find(problem_id)
        except ValueError as error:
            raise ProblemNotFoundError(str(error)) from error


def _families(name: str, data: str | Path | None) -> Selected:
    return named_problems(name), {}


def _grids(name: str, data: str | Path | None) -> Selected:
    return grid_problems(name), {}


def _verification(name: str, data: str | Path | None) -> Selected:
    return task_problems(None if data is None else Path(data)), {}


def _verification_task(problem_id: str) -> Problem:
    for problem in task_problems(None):
        if problem.id == problem_id:
            return problem
    raise ValueError(f"no embedded verification task {problem_id!r}")


GENERATED: Mapping[str, GeneratedSet] = {
    **{name: GeneratedSet(select=_families, find=find_family_problem) for name in SET_FAMILIES},
    "grids": GeneratedSet(select=_grids, find=find_grid_problem),
    "grid-programs": GeneratedSet(select=_grids, find=find_grid_problem, drawn=False),
    **{
        kind.value: GeneratedSet(
            select=partial(select_tasks, kind), find=partial(generated_task, kind), takes_data=True
        )
        for kind in TaskKind
    },
    VERIFICATION: GeneratedSet(select=_verification, find=_verification_task, drawn=False, takes_data=True),
}
"""The sets by name."""


def generated_set_name(name: str) -> str | None:
    """Return the generated set that a name or the name of a draw means; None for any other name."""
    first, colon, _ = name.lower().partition(":")
    found = GENERATED.get(first)
    return first if found is not None and (found.drawn or not colon) else None
