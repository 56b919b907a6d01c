"""Tasks of verification: a problem, candidate programs with judged pass rates, and which of them is right."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TypedDict

from ..model import Difficulty, Label, LabelledSubmission, Problem
from ..testset import Testset

FEWEST, MOST = 2, 5
"""Smallest and largest number of candidates of a task."""
METADATA = "verification"
"""Key of `Problem.metadata` that holds the task as JSON."""
TITLES = {
    "python": "Python",
    "pypy": "Python",
    "c": "C",
    "cpp": "C++",
    "cpp17": "C++",
    "cpp23": "C++",
    "java": "Java",
    "rust": "Rust",
    "go": "Go",
    "javascript": "JavaScript",
}
"""Names of the languages of candidates, as the task shows them."""
Program = tuple[str, str]
"""Source and language of a program."""
ORDER_MARK = "@"
"""Mark between the id of a task and the number of the order of its candidates, where it has several."""
_FENCES = re.compile(r"`{3,}")


class VerificationKind(StrEnum):
    """How the wrong candidates of a task were chosen."""

    EASY = "easy"
    """Their pass rates are below 0.5."""
    HARD = "hard"
    """Their pass rates are from 0.7 to 0.9."""
    STRONG = "strong"
    """They are programs of better generators, which the builder names."""
    ADV = "adv"
    """They are edited so that a judge that reads appearances prefers them; the right one is never first."""
    HELDOUT = "heldout"
    """Their problems are held out: cells or parts of the families, or a window of contest dates."""


HARD_RATES = (0.7, 0.9)
"""Lowest and highest pass rate of the wrong candidates of hard tasks, each included."""
EASY_BELOW = 0.5
"""Pass rate that the wrong candidates of easy tasks stay below."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A program with what the judge found out about it."""

    source: str = field(repr=False)
    language: str
    passed: int
    """Number of hidden tests of the problem that the program passes."""
    selected: int
    """Number of hidden tests of the problem."""
    origin: str = ""
    """Where the program comes from, for example `families:bug:side` or `records:NAME#2`."""
    edit: str = ""
    """Edit that was made to deceive a judge, for example `claim`; empty without one."""

    def __post_init__(self) -> None:
        if self.language not in TITLES:
            raise ValueError(f"the language must be one of {', '.join(TITLES)}, got {self.language!r}")
        if not 0 <= self.passed <= self.selected or self.selected < 1:
            raise ValueError(f"passed must be in 0..selected, got {self.passed!r} of {self.selected!r}")

    @property
    def pass_rate(self) -> float:
        """Share of the hidden tests that the program passes, in [0, 1]."""
        return self.passed / self.selected

    @property
    def right(self) -> bool:
        """Whether the program passes every test."""
        return self.passed == self.selected


@dataclass(frozen=True, kw_only=True)
class VerificationTask:
    """A problem and 2 to 5 candidates, exactly one of them right.

    Raises:
        ValueError: The number of candidates is not allowed, or not exactly one is right.
    """

    id: str
    kind: VerificationKind
    problem_spec: str
    """Problem as `find_problem` reads it, or SET#ID for a problem of another set."""
    title: str
    statement: str = field(repr=False)
    """Statement of the problem, with its samples."""
    candidates: tuple[Candidate, ...] = field(repr=False)
    difficulty: Difficulty | None = None
    prompt: str = field(default="", repr=False)
    """Symbolic line of a micro problem, for small models; empty for other problems."""

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.candidates) <= MOST:
            raise ValueError(
                f"task {self.id!r} must have {FEWEST} to {MOST} candidates, got {len(self.candidates)}"
            )
        right = sum(candidate.right for candidate in self.candidates)
        if right != 1:
            raise ValueError(f"task {self.id!r} must have exactly one right candidate, got {right}")

    @property
    def right(self) -> int:
        """Number of the right candidate, from 1."""
        return 1 + next(place for place, each in enumerate(self.candidates) if each.right)

    @property
    def pass_rates(self) -> tuple[float, ...]:
        """Pass rates of the candidates in their order."""
        return tuple(candidate.pass_rate for candidate in self.candidates)

    @cached_property
    def question(self) -> str:
        """The statement of the problem and the candidates, as Markdown."""
        return question_text(self.title, self.statement, [_program(each) for each in self.candidates])

    @cached_property
    def plain(self) -> str:
        """The symbolic line and the candidates, without any prose, for models with a small vocabulary."""
        return plain_text(self.prompt or self.title, [each.source for each in self.candidates])

    def problem(self) -> Problem:
        """Return the task as a problem: the answer is the number of the right candidate.

        The environments of the modes tool and agentic play it as it is: a submission prints the number.
        """
        answer = f"{self.right}\n"
        wrong = self.right % len(self.candidates) + 1
        return Problem(
            id=self.id,
            title="Which program is right?",
            statement=f"{self.question}\n\n## Output\n\nOne line with the number of the right program. There "
            "is no input.",
            tests=Testset.inline([(b"", answer.encode())], prefix="secret/"),
            difficulty=self.difficulty,
            source=METADATA,
            submissions=(
                LabelledSubmission(
                    name="reference.py", label=Label.ACCEPTED, source=f"print({self.right})\n".encode()
                ),
                LabelledSubmission(
                    name="wrong.py", label=Label.WRONG_ANSWER, source=f"print({wrong})\n".encode()
                ),
            ),
            metadata={METADATA: json.dumps(_facts(self)), "plain": self.plain, "question": self.question},
        )


class TaskFacts(TypedDict):
    """What analyses need of a task."""

    base: str
    """Id that the orders of the same candidates share."""
    turn: int
    """Number of the order, from 0."""
    kind: str
    problem: str
    right: int
    pass_rates: list[float]
    tests: list[int]
    edits: list[str]


def task_facts(problem: Problem) -> TaskFacts:
    """Return what analyses need of a task.

    Raises:
        ValueError: The problem is no task of verification.
    """
    if METADATA not in problem.metadata:
        raise ValueError(f"the problem {problem.id!r} is no task of verification")
    found: TaskFacts = json.loads(problem.metadata[METADATA])
    return found


def _facts(task: VerificationTask) -> TaskFacts:
    return {
        "kind": task.kind.value,
        "base": task.id.partition(ORDER_MARK)[0],
        "turn": int(task.id.partition(ORDER_MARK)[2] or 0),
        "problem": task.problem_spec,
        "right": task.right,
        "pass_rates": list(task.pass_rates),
        "tests": [each.selected for each in task.candidates],
        "edits": [each.edit for each in task.candidates],
    }


def question_problem(
    *, title: str, statement: str, programs: Sequence[Program], prompt: str = "", name: str = "question"
) -> Problem:
    """Return a question about programs whose pass rates are not known, in the form of a task.

    The first program stands in for the right one, so rewards on it mean nothing; only the answer counts.
    """
    count = len(programs)
    facts: TaskFacts = {
        "base": name,
        "turn": 0,
        "kind": "question",
        "problem": name,
        "right": 1,
        "pass_rates": [1.0] + [0.0] * (count - 1),
        "tests": [1] * count,
        "edits": [""] * count,
    }
    question = question_text(title, statement, programs)
    return Problem(
        id=name,
        title="Which program is right?",
        statement=question,
        tests=Testset.inline([(b"", b"1\n")]),
        source=METADATA,
        metadata={
            METADATA: json.dumps(facts),
            "plain": plain_text(prompt or title, [source for source, _ in programs]),
            "question": question,
        },
    )


def _program(each: Candidate) -> Program:
    return each.source, each.language


def question_text(title: str, statement: str, programs: Sequence[Program]) -> str:
    """Return a question about programs as Markdown, without the instructions how to answer.

    Args:
        title: Title of the problem.
        statement: Statement of the problem, with its samples.
        programs: Source and language of each program.
    """
    parts = [
        f"Below are a programming problem and {len(programs)} programs. Exactly one program passes all "
        "hidden tests of the problem within its limits. Which one is it?",
        f"## Problem: {title}",
        statement.strip(),
    ]
    for number, (source, language) in enumerate(programs, start=1):
        parts += [f"## Program {number} ({TITLES[language]})", _fenced(source, language)]
    return "\n\n".join(parts)


def plain_text(prompt: str, sources: Sequence[str]) -> str:
    """Return a question about programs without prose: one line, then each program after its number."""
    numbered = (f"{number}\n{source.strip()}" for number, source in enumerate(sources, 1))
    return "\n".join([prompt, *numbered])


def _fenced(source: str, language: str) -> str:
    longest = max(map(len, _FENCES.findall(source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{source.rstrip()}\n{fence}"


def rotations(task: VerificationTask, count: int) -> list[VerificationTask]:
    """Return a task in `count` orders; in order number k, every candidate has moved k places forward.

    Over as many orders as candidates, the right one stands at every place once.

    Raises:
        ValueError: `count` is below 1 or above the number of candidates.
    """
    size = len(task.candidates)
    if not 1 <= count <= size:
        raise ValueError(f"the number of orders must be from 1 to {size}, got {count!r}")
    return [
        replace(
            task,
            id=f"{task.id}{ORDER_MARK}{turn}" if turn else task.id,
            candidates=tuple(task.candidates[(place - turn) % size] for place in range(size)),
        )
        for turn in range(count)
    ]
