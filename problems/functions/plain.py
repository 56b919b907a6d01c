"""Tasks about functions without any prose, for models with a small vocabulary."""

from __future__ import annotations

import re

from ..model import Problem
from ..testset import TestCase
from .answers import NAME, STRICT, asks_for_literal, task_kind

_BLOCK = re.compile(r"^(`{3,})python\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)


def plain_task(problem: Problem) -> str:
    """Return the kind of a task on a line, then what the task shows, without explanations.

    Induction shows its message and a line `f(1, 2) == 3` for each sample; abduction the function and the
    output; deduction the function and the call; fuzzing the function and the two tests. The kind of a strict
    abduction is `abduction strict`.

    Raises:
        ValueError: The problem is no task about a function.
    """
    kind = task_kind(problem)
    if kind is None:
        raise ValueError(f"problem {problem.id!r} is no task about a function")
    title = f"{kind} {STRICT}" if STRICT in problem.metadata else kind.value
    if asks_for_literal(problem):
        return "\n".join([title, *(match[2] for match in _BLOCK.finditer(problem.statement))])
    message, _, _ = problem.statement.rpartition("\n\n")
    name = problem.metadata.get(NAME, "f")
    pairs = [f"{name}({_arguments(case)}) == {case.answer().decode()}" for case in problem.samples]
    return "\n".join([title, *([message] if message else []), *pairs])


def _arguments(case: TestCase) -> str:
    return ", ".join(case.input().decode().strip("\n").split("\n"))
