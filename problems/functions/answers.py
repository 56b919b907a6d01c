"""Answers to tasks about functions, as programs that the judge can call.

An answer to abduction, deduction or fuzzing is a literal. It is judged as a program that holds the literal in
the function `_submitted`; the judge calls `_submitted_answer`.
"""

from __future__ import annotations

from ..model import Label, Problem
from .function import Function, TaskKind
from .literals import canonical, parse_arguments, parse_literal

CALLED = "_submitted_answer"
"""Function that the judge calls for answers that are literals."""
FAILS = "'fails'"
"""Answer of a fuzzing task: the input passes `pre_test` and fails `test`."""
ANSWER_FILE = "answer.py"
TASK = "task"
"""Key of the metadata of a problem with the kind of the task."""
NAME = "function"
"""Key of the metadata with the name of the function."""
STRICT = "strict"
"""Key of the metadata of an abduction task that asks for the original input."""
_BEGIN = "def _submitted():\n    return "
_RETURNED = f"def {CALLED}():\n    return _submitted()\n"
_CALL = "def {called}():\n    return {name}(*_submitted())\n"
_FUZZ = """\
def _submitted_passes(test):
    try:
        result = test(*_submitted())
    except MemoryError:
        raise
    except Exception:
        return False
    return result is None or bool(result)


def {called}():
    if not _submitted_passes(pre_test):
        return 'invalid'
    return 'passes' if _submitted_passes(test) else {fails}
"""


LITERAL_KINDS = frozenset(TaskKind) - {TaskKind.INDUCTION}
"""Kinds whose answers are literals."""


def task_kind(problem: Problem) -> TaskKind | None:
    """Return what a problem asks about a function; None for an ordinary problem."""
    kind = problem.metadata.get(TASK)
    return TaskKind(kind) if kind in tuple(TaskKind) else None


def asks_for_literal(problem: Problem) -> bool:
    """Return whether the answer to a problem is a literal and not a program."""
    return task_kind(problem) in LITERAL_KINDS


def read_answer(problem: Problem, text: str) -> str:
    """Return the canonical literal that an answer stands for: the output, or the tuple of arguments.

    Raises:
        LiteralError: The text is no such literal within the bounds.
    """
    if task_kind(problem) is TaskKind.DEDUCTION:
        return canonical(parse_literal(text))
    return canonical(parse_arguments(text, problem.metadata.get(NAME, "f")))


def answer_program(problem: Problem, literal: str) -> str:
    """Return the program that is judged for a canonical literal.

    Raises:
        ValueError: The problem does not ask for a literal.
    """
    before, begin, after = _template(problem).partition(_BEGIN)
    if not begin:
        raise ValueError(f"problem {problem.id!r} does not ask for a literal")
    return f"{before}{begin}{literal}\n{after.partition(chr(10))[2]}"


def hidden_answer(problem: Problem) -> str | None:
    """Return the literal that solves a problem; None for a problem that does not ask for a literal."""
    return submitted_literal(_template(problem)) if asks_for_literal(problem) else None


def submitted_literal(program: str) -> str | None:
    """Return the literal in a program for an answer; None for other programs."""
    _, begin, after = program.partition(_BEGIN)
    return after.partition("\n")[0] if begin else None


def answer_text(problem: Problem, literal: str) -> str:
    """Return the text that an agent gives for a canonical literal; `read_answer` reads it."""
    is_value = task_kind(problem) is TaskKind.DEDUCTION
    return literal if is_value else literal[1:-1].removesuffix(",")


def literal_program(kind: TaskKind, function: Function, literal: str, *, strict: bool = False) -> str:
    """Return the program for a literal; see `answer_program`.

    Args:
        kind: A kind whose answers are literals.
        function: The function.
        literal: Canonical literal of the output, or of the tuple of arguments.
        strict: For abduction, whether the literal itself is compared and the function not called.
    """
    held = f"{_BEGIN}{literal}\n\n\n"
    if kind is TaskKind.DEDUCTION or strict:
        return held + _RETURNED
    if kind is TaskKind.ABDUCTION:
        return f"{function.source}\n\n\n{held}{_CALL.format(called=CALLED, name=function.name)}"
    assert function.fuzz is not None
    tests = f"{function.fuzz.pre_test}\n\n\n{function.fuzz.test}"
    return f"{function.source}\n\n\n{tests}\n\n\n{held}{_FUZZ.format(called=CALLED, fails=FAILS)}"


def _template(problem: Problem) -> str:
    for each in problem.submissions:
        if each.label is Label.ACCEPTED and each.name == ANSWER_FILE:
            return each.source.decode()
    raise ValueError(f"problem {problem.id!r} has no {ANSWER_FILE} among its accepted submissions")
