"""Make the tasks about a function: ordinary problems, whose answers are programs or literals."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..model import Checker, Comparison, Functional, Label, LabelledSubmission, Limits, Problem
from ..testset import Testset
from .answers import (
    ANSWER_FILE,
    CALLED,
    FAILS,
    NAME,
    STRICT,
    TASK,
    hidden_answer,
    literal_program,
    submitted_literal,
    task_kind,
)
from .function import Examined, Function, TaskKind
from .literals import canonical, parse_literal

LIMITS = Limits(time_s=2.0, memory_mib=256, output_mib=1)
SHOWN_PAIRS = 5
"""Most pairs of an input and an output that induction shows."""
_ORIGINAL = (
    "The answer must be the input from which the output was made; another input with this output does not "
    "count."
)
_ANY = "Any input with this output is right."


def make_task(examined: Examined, kind: TaskKind) -> Problem | None:
    """Return the task of a kind about a function; None where `Examined.obstacle` names an obstacle.

    The input that a task is about is chosen by the id of the function alone.
    """
    if examined.obstacle(kind):
        return None
    return _MAKERS[kind](examined)


def as_strict(problem: Problem) -> Problem:
    """Return an abduction task that asks for the original input; other problems as they are."""
    original = hidden_answer(problem) if task_kind(problem) is TaskKind.ABDUCTION else None
    if original is None or STRICT in problem.metadata:
        return problem
    function = Function(id=problem.id, source="")
    known = [(each.name, submitted_literal(each.source.decode())) for each in problem.submissions]
    programs = [
        (
            name,
            Label.ACCEPTED if literal == original else Label.WRONG_ANSWER,
            literal_program(TaskKind.ABDUCTION, function, literal, strict=True),
        )
        for name, literal in known
        if literal is not None
    ]
    return replace(
        problem,
        statement=problem.statement.replace(_ANY, _ORIGINAL),
        tests=Testset.inline([(b"", original.encode())], prefix="hidden/"),
        submissions=_submissions(programs),
        metadata={**problem.metadata, STRICT: "yes"},
    )


def _induction(examined: Examined) -> Problem:
    function, pairs = examined.function, _shuffled(examined, TaskKind.INDUCTION)
    shown = min(SHOWN_PAIRS, max(2, len(pairs) // 2))
    cases = [(_lines(given), output.encode()) for given, output in pairs]
    programs = [("reference.py", Label.ACCEPTED, function.source)]
    programs += [(f"other{n}.py", Label.ACCEPTED, text) for n, text in enumerate(function.others, start=1)]
    if function.wrong:
        programs.append(("wrong.py", Label.WRONG_ANSWER, function.wrong))
    message = f"{function.message}\n\n" if function.message else ""
    return _problem(
        function,
        TaskKind.INDUCTION,
        f"{message}Write the Python function `{function.name}` that gives the outputs of the samples, and of "
        "further inputs that are not shown.",
        tests=Testset.inline(cases, prefix="hidden/"),
        samples=Testset.inline(cases[:shown], prefix="sample/"),
        functional=Functional(method=function.name, plain=True),
        programs=programs,
    )


def _deduction(examined: Examined) -> Problem:
    function, pairs = examined.function, _shuffled(examined, TaskKind.DEDUCTION)
    given, output = pairs[0]
    wrong = next(other for _, other in pairs if other != output)
    computed = literal_program(TaskKind.ABDUCTION, function, given)
    return _problem(
        function,
        TaskKind.DEDUCTION,
        f"{_code(function.source)}\n\nWhat does this call return?\n\n{_code(_call(function, given))}",
        tests=Testset.inline([(b"", output.encode())], prefix="hidden/"),
        programs=[
            (ANSWER_FILE, Label.ACCEPTED, literal_program(TaskKind.DEDUCTION, function, output)),
            ("computed.py", Label.ACCEPTED, computed),
            ("wrong.py", Label.WRONG_ANSWER, literal_program(TaskKind.DEDUCTION, function, wrong)),
        ],
    )


def _abduction(examined: Examined) -> Problem:
    function, pairs = examined.function, _shuffled(examined, TaskKind.ABDUCTION)
    given, output = pairs[0]
    same = [each for each, other in pairs[1:] if other == output]
    wrong = next(each for each, other in pairs if other != output)
    programs = [(ANSWER_FILE, Label.ACCEPTED, given), ("wrong.py", Label.WRONG_ANSWER, wrong)]
    programs += [("second.py", Label.ACCEPTED, each) for each in same[:1]]
    return _problem(
        function,
        TaskKind.ABDUCTION,
        f"{_code(function.source)}\n\nFind an input for which this function returns\n\n{_code(output)}\n\n"
        f"{_ANY}",
        tests=Testset.inline([(b"", output.encode())], prefix="hidden/"),
        programs=_literal_programs(TaskKind.ABDUCTION, function, programs),
    )


def _fuzzing(examined: Examined) -> Problem:
    function, fuzz = examined.function, examined.function.fuzz
    assert fuzz is not None
    programs = [(ANSWER_FILE, Label.ACCEPTED, examined.witnesses[0])]
    programs += [("second.py", Label.ACCEPTED, each) for each in examined.witnesses[1:2]]
    programs += [("wrong.py", Label.WRONG_ANSWER, each) for each in examined.misses[:1]]
    return _problem(
        function,
        TaskKind.FUZZING,
        f"{_code(function.source)}\n\nTwo tests take the arguments of this function. A test fails when it "
        "returns something false other than None, or raises an exception; otherwise it passes.\n\n"
        f"{_code(fuzz.pre_test)}\n\n{_code(fuzz.test)}\n\nFind an input that passes `pre_test` and fails "
        "`test`.",
        tests=Testset.inline([(b"", FAILS.encode())], prefix="hidden/"),
        programs=_literal_programs(TaskKind.FUZZING, function, programs),
    )


_MAKERS = {
    TaskKind.INDUCTION: _induction,
    TaskKind.ABDUCTION: _abduction,
    TaskKind.DEDUCTION: _deduction,
    TaskKind.FUZZING: _fuzzing,
}
Programs = Sequence[tuple[str, Label, str]]
"""Names, labels and sources."""


def _problem(
    function: Function,
    kind: TaskKind,
    statement: str,
    *,
    tests: Testset,
    programs: Programs,
    samples: Testset | None = None,
    functional: Functional | None = None,
) -> Problem:
    family = {"family": function.family} if function.family else {}
    return Problem(
        id=f"{function.id}.{kind}",
        title=f"{kind.capitalize()}: {function.id}",
        statement=statement,
        tests=tests,
        samples=samples or Testset(()),
        limits=LIMITS,
        checker=Checker(comparison=Comparison.LITERAL),
        difficulty=function.difficulty,
        functional=functional or Functional(method=CALLED, plain=True),
        source="functions",
        submissions=_submissions(programs),
        metadata={TASK: kind.value, NAME: function.name, **family},
    )


def _literal_programs(
    kind: TaskKind, function: Function, literals: Iterable[tuple[str, Label, str]]
) -> Programs:
    return [(name, label, literal_program(kind, function, literal)) for name, label, literal in literals]


def _submissions(programs: Programs) -> tuple[LabelledSubmission, ...]:
    return tuple(
        LabelledSubmission(name=name, label=label, source=text.encode()) for name, label, text in programs
    )


def _shuffled(examined: Examined, kind: TaskKind) -> list[tuple[str, str]]:
    """Return the pairs in an order that depends on the function's id, the kind and each pair alone."""

    def place(pair: tuple[str, str]) -> bytes:
        return hashlib.sha256(f"{examined.function.id}\0{kind}\0{pair[0]}".encode()).digest()

    return sorted(examined.pairs, key=place)


def _lines(given: str) -> bytes:
    """Return a tuple of arguments as the input of a test, an argument per line."""
    values = parse_literal(given)
    assert isinstance(values, tuple)
    return "".join(f"{canonical(each)}\n" for each in values).encode() or b"\n"


def _call(function: Function, given: str) -> str:
    return f"{function.name}({given[1:-1].removesuffix(',')})"


def _code(text: str) -> str:
    # Longer than any run of backticks in the text, which must not end the block.
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}python\n{text.rstrip()}\n{fence}"
