"""The check that keeps hidden test data out of observations."""

from __future__ import annotations

import weakref
from collections.abc import Iterable

from ..problems import Problem, Testset, hidden_answer
from .errors import LeakError

SHORTEST_LEAK = 12
"""Least length in bytes of the data that is searched for. Shorter data (`1 2`, `YES`) occurs in harmless text
by chance."""
LONGEST_NEEDLE = 64
"""Number of bytes at either end of longer data that are searched for, so that a cut copy is found too."""


class LeakLint:
    """Searches text that the environment composed for the hidden data of a problem.

    The hidden data is the name, the input and the answer of each hidden test, without white space at the
    ends, and the literal that solves a task about a function. Data that also occurs in the statement or the
    samples, or in the parts of the text that quote the agent or its program, is public and allowed. The
    output of programs that the agent runs is not searched: nothing hidden enters their sandbox, so they
    cannot print it except by computing it.

    One false positive remains: a hidden answer of 12 bytes or more that equals words of the feedback. It ends
    the episode as an infrastructure failure, which is counted and never becomes a reward.
    """

    def __init__(self, problem: Problem) -> None:
        public = _public_bytes(problem)
        self._problem_id = problem.id
        needles = _needles(problem.tests) | _ends((hidden_answer(problem) or "").encode())
        self._needles = tuple(sorted(needle for needle in needles if needle not in public))

    def check(self, text: str, *, quoted: Iterable[str] = ()) -> None:
        """Raise LeakError if the text holds hidden data; the message does not quote the data.

        Args:
            text: Text for the agent.
            quoted: Parts of the text that the agent or its program wrote.
        """
        haystack = text.encode(errors="replace")
        harmless = [part.encode(errors="replace") for part in quoted]
        for needle in self._needles:
            if needle in haystack and not any(needle in part for part in harmless):
                raise LeakError(
                    f"an observation on {self._problem_id!r} held {len(needle)} bytes of hidden test data"
                )


def lint_of(problem: Problem) -> LeakLint:
    """Return the lint of a problem, kept as long as the problem: making a lint reads all hidden tests."""
    key = id(problem)
    known = _made.get(key)
    if known is not None and known[0]() is problem:
        return known[1]
    lint = LeakLint(problem)
    # Removed with its problem: environments may load many sets, and the lint holds parts of all hidden tests.
    _made[key] = weakref.ref(problem, lambda _: _made.pop(key, None)), lint
    return lint


_made: dict[int, tuple[weakref.ref[Problem], LeakLint]] = {}
"""Lints by the `id` of their problem; the weak reference tells a new problem at the same address apart."""


def _public_bytes(problem: Problem) -> bytes:
    parts = [
        problem.title.encode(),
        problem.statement.encode(errors="replace"),
        problem.hints.encode(errors="replace"),
        problem.starter_code.encode(),
    ]
    for case in problem.samples:
        parts += [case.input(), case.answer()]
    return b"\n".join(parts)


def _needles(tests: Testset) -> set[bytes]:
    needles: set[bytes] = set()
    for case in tests:
        for data in (case.name.encode(), case.input().strip(), case.answer().strip()):
            needles |= _ends(data)
    return needles


def _ends(data: bytes) -> set[bytes]:
    return {data[:LONGEST_NEEDLE], data[-LONGEST_NEEDLE:]} if len(data) >= SHORTEST_LEAK else set()
