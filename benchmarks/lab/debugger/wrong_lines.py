"""Finding the wrong line of a program with a debugger as the only tool.

A program has one bug of the catalogue. The agent knows some inputs with the right results, and the possible
changes of single lines. It debugs the program with each change, stops at the return, and blames the first
line whose change gives the right result on every input. All that the program does, the agent learns from
replies of the tool `debug`; so the same agent works with the real and with the predicted debugger.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....envs.tools.predicted_debugger import PredictedDebugger
from ....judge import Workspace
from ....problems.families.bugs import Site, bug_sites
from ....problems.families.micro.programs import ProgramPlan, write_program
from ....problems.families.micro.spec import CELLS, Spec
from ....problems.families.micro.splits import combinations
from ....problems.traces.family_functions import call_family_function, family_function
from .examples import program_of

Ask = Callable[[Mapping[str, Any]], str]
"""Sends a request to a debugger and returns its reply."""
_RETURNS = re.compile(r"\[about to return (.*) at main\.py:\d+")
_LENGTH = 6
_CASES = 5
_FAILED = (ArithmeticError, LookupError, NameError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class WrongLineTask:
    """A program of the micro families with one bug."""

    program: str
    """Text of the program with its bug."""
    line: int
    """Index of the wrong line."""
    cases: tuple[tuple[str, str], ...]
    """Inputs with the right results, as texts; the program is wrong on the first."""

    @property
    def candidates(self) -> list[Site]:
        """The possible changes of single lines, in the order of lines."""
        return [site for site in bug_sites(self.program) if site.replacement is not None]


def wrong_line_tasks(count: int, *, seed: int = 0) -> list[WrongLineTask]:
    """Draw tasks whose bug a change of the catalogue undoes, on functions of held-out combinations."""
    rng = random.Random(f"wrong lines {seed}")
    choices = combinations(held_out=True)
    found: list[WrongLineTask] = []
    while len(found) < count:
        spec = Spec(cell=rng.choice(CELLS), combination=rng.choice(choices))
        task = _task(write_program(spec, rng.choice(list(ProgramPlan))), rng)
        if task is not None:
            found.append(task)
    return found


def _task(right: str, rng: random.Random) -> WrongLineTask | None:
    sites = [site for site in bug_sites(right) if site.replacement is not None]
    if not sites:
        return None
    site = rng.choice(sites)
    wrong = site.apply(right)
    if right not in [each.apply(wrong) for each in bug_sites(wrong)]:
        return None
    cases = []
    for _ in range(20):
        array = rng.choices(range(-9, 10), k=_LENGTH)
        results = _result(right, array), _result(wrong, array)
        if results[0] is not None and results[0] != results[1]:
            cases.append((repr(array), results[0]))
    task = WrongLineTask(program=wrong, line=site.line, cases=tuple(cases[:_CASES]))
    return task if len(cases) >= 2 and len({each.line for each in task.candidates}) > 1 else None


def _result(program: str, array: list[int]) -> str | None:
    try:
        return repr(call_family_function(family_function(program), array))
    except _FAILED:
        return None


def blamed_line(task: WrongLineTask, debug: Callable[[str], Ask]) -> int | None:
    """Return the line that the agent blames; None if no change gives the right results.

    Args:
        task: The task.
        debug: Makes a debugger of a program.
    """
    for site in task.candidates:
        code = family_function(site.apply(task.program))
        if all(returned(debug(program_of(code, given)), code) == result for given, result in task.cases):
            return site.line
    return None


def returned(ask: Ask, code: str) -> str | None:
    """Return what the function returns, as a debugger says; None if it does not come to its last line."""
    last = code.rstrip("\n").count("\n") + 1
    ask({"command": "start", "path": "main.py"})
    ask({"command": "break", "line": last})
    if f"main.py:{last} " not in ask({"command": "continue"}):
        ask({"command": "stop"})
        return None
    said = _RETURNS.search(ask({"command": "return"}))
    ask({"command": "stop"})
    return said[1] if said else None


def real_debugger(workspace: Workspace) -> Callable[[str], Ask]:
    """Return a maker of debuggers that run the program in a workspace."""

    def make(source: str) -> Ask:
        workspace.write_file("main.py", source.encode())

        def ask(request: Mapping[str, Any]) -> str:
            result = workspace.debug(request)
            return result.output if result else ""

        return ask

    return make


def predicted_debugger(complete: Callable[[str], str]) -> Callable[[str], Ask]:
    """Return a maker of debuggers that ask a model."""

    def make(source: str) -> Ask:
        debugger = PredictedDebugger(complete, source, name="main.py")

        def ask(request: Mapping[str, Any]) -> str:
            return debugger.begin() if request["command"] == "start" else debugger.answer(request)

        return ask

    return make


def guess_level(tasks: Sequence[WrongLineTask]) -> float:
    """Return the expected share of right lines when each line of the candidates is blamed equally often."""
    return sum(1 / len({site.line for site in task.candidates}) for task in tasks) / len(tasks)
