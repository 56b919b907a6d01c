"""Programs that solve nothing. A problem that accepts one of them cannot tell right programs from wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ...problems import (
    Functional,
    Problem,
    TaskKind,
    answer_program,
    asks_for_literal,
    canonical,
    parse_literal,
    task_kind,
)
from ..submission import Language, Submission

_LONGEST_CONSTANT = 100_000
_LARGEST_TABLE = 500_000
_FUNCTION = "def {name}(*args):\n    {body}\n"
_METHOD = "class Solution:\n    def {name}(self, *args):\n        {body}\n"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A program that solves nothing."""

    name: str
    source: str

    @property
    def submission(self) -> Submission:
        """The program as a submission."""
        return Submission(source=self.source.encode(), language=Language.PYTHON)


def probes(problem: Problem) -> Iterator[Probe]:
    """Yield the programs that a problem must not accept. Reads all answers."""
    if asks_for_literal(problem):
        # An agent hands in a literal and not a program; these literals answer no function.
        literal = _NO_VALUE if task_kind(problem) is TaskKind.DEDUCTION else _NO_ARGUMENTS
        yield Probe(name="constant", source=answer_program(problem, literal))
        return
    if problem.functional:
        yield from _callables(problem, problem.functional)
        return
    yield Probe(name="empty", source="pass\n")
    yield Probe(name="echo", source=_LINES if problem.interactive else _ALL)
    yield Probe(name="constant", source=_printing(_commonest(problem)))
    yield Probe(name="crash", source="import sys\nsys.stdin.readline()\nraise RuntimeError('crash')\n")
    if len(problem.samples) and not problem.interactive:
        table = [(case.input(), case.answer()) for case in problem.samples]
        if sum(map(len, (part for pair in table for part in pair))) <= _LARGEST_TABLE:
            yield Probe(name="samples only", source=_SAMPLES.format(table=dict(table), usual=table[-1][1]))


_NO_VALUE = "'not an answer'"
_NO_ARGUMENTS = f"({', '.join([_NO_VALUE] * 20)})"
_ALL = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())\n"
_LINES = (
    "import sys\nfor line in sys.stdin.buffer:\n    sys.stdout.buffer.write(line)\n    sys.stdout.flush()\n"
)
_SAMPLES = """\
import sys
ANSWERS = {table!r}
sys.stdout.buffer.write(ANSWERS.get(sys.stdin.buffer.read(), {usual!r}))
"""


def _printing(text: bytes) -> str:
    return f"import sys\nsys.stdout.buffer.write({text!r})\n"


def _commonest(problem: Problem) -> bytes:
    """Return the answer that most tests have: the best that a constant can do."""
    counts = Counter(case.answer() for case in problem.tests)
    short = [(count, answer) for answer, count in counts.items() if len(answer) <= _LONGEST_CONSTANT]
    return max(short, default=(0, b"0\n"))[1]


def _callables(problem: Problem, functional: Functional) -> Iterator[Probe]:
    read = _python if functional.plain else json.loads
    form = _FUNCTION if functional.plain else _METHOD
    bodies = {
        "empty": "return None",
        "echo": "return args[0] if args else None",
        "constant": _constant(_commonest(problem).decode(), plain=functional.plain),
        "crash": "raise RuntimeError('crash')",
    }
    if len(problem.samples):
        table = [
            (
                [read(line) for line in case.input().split(b"\n") if line.strip()],
                read(case.answer()),
            )
            for case in problem.samples
        ]
        bodies["samples only"] = f"return next((a for g, a in {table!r} if g == [*args]), {table[-1][1]!r})"
    for probe, body in bodies.items():
        yield Probe(name=probe, source=form.format(name=functional.method, body=body))


def _python(text: bytes) -> object:
    return parse_literal(text.decode())


def _constant(answer: str, *, plain: bool) -> str:
    if plain:
        return f"return {canonical(parse_literal(answer))}"
    return f"import json; return json.loads({answer!r})"
