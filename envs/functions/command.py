"""The command `codefrontier problems functions`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tyro.conf import Positional

from ...judge import Judge, JudgeError, SandboxChoice
from ...judge.host import require_sandbox
from ...problems import ProblemError, TaskKind, is_made, read_sources, write_set
from ...terminal import fail, print_json
from ..errors import EnvError
from .making import make_tasks

DONE, NOTHING = 0, 1


@dataclass(frozen=True, kw_only=True)
class FunctionsCommand:
    """Make tasks of functions: induction, abduction, deduction and fuzzing.

    Every function runs in the judge's sandbox, twice; those whose results differ are left out. Prints the
    number of tasks of each kind and of what is left out, by reason. The exit status is 0 if there are tasks,
    1 if there are none, and 2 if there is no answer.
    """

    source: Positional[Path]
    """Folder of Python files, or of stored problems that ask for a function."""
    out: Positional[Path]
    """Folder for the tasks, in the on-disk form of problems: the `data` of the environments `Induction`,
    `Abduction`, `Deduction` and `Fuzzing`."""
    kinds: tuple[TaskKind, ...] = tuple(TaskKind)
    """Kinds of the tasks."""
    sandbox: Literal["auto", "embedded", "docker"] = "embedded"
    """Kind of sandbox."""
    json: bool = False
    """Print one JSON object, with the reason for each function and task that is left out."""

    def run(self) -> int:
        """Make the tasks, print, and return the exit status."""
        try:
            if is_made(self.out):
                raise ValueError(f"{self.out}: tasks were made here before; give a new folder")
            sources = read_sources(self.source)
            choice: SandboxChoice = self.sandbox
            if choice == "embedded":
                require_sandbox()
            with Judge(sandbox=choice) as judge:
                made = make_tasks(sources.functions, judge, kinds=self.kinds)
            refused = {**sources.refused, **made.refused}
            write_set(self.out, made.problems, refused)
        except (ValueError, OSError, ProblemError, JudgeError, EnvError) as error:
            return fail(error, self)
        counts = Counter(problem.metadata["task"] for problem in made.problems)
        tasks = {kind.value: counts[kind.value] for kind in self.kinds}
        if self.json:
            print_json({"functions": len(sources.functions), "tasks": tasks, "refused": refused})
        else:
            print(f"{len(sources.functions) + len(sources.refused)} functions, {sum(tasks.values())} tasks")
            _print(tasks, Counter(refused.values()))
        return DONE if made.problems else NOTHING


def _print(tasks: dict[str, int], reasons: Counter[str]) -> None:
    table = Table("tasks", "number")
    for kind, count in tasks.items():
        table.add_row(kind, str(count))
    for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(f"left out: {escape(why)}", str(count))
    Console().print(table)
