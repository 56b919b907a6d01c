"""The judge an environment uses: one that is shared, or one of its own."""

from __future__ import annotations

import os
from typing import Protocol, runtime_checkable

from ..judge import Execution, Judge, Judgement, Submission
from ..problems import CoverageOrder, Limits, Problem


@runtime_checkable
class Judging(Protocol):
    """What an environment needs of a judge; `Judge` has it."""

    def judge(
        self,
        problem: Problem,
        submission: Submission,
        *,
        coverage: float = 1.0,
        order: CoverageOrder = "size",
        order_seed: int = 0,
        stop_early: bool = False,
        samples: bool = False,
    ) -> Judgement:
        """Judge one submission."""
        ...

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Run a program once."""
        ...


class JudgeHandle:
    """Gives the shared judge, or starts an own one at first use; only the own one is closed.

    A judge belongs to the process that started it: after a fork an own judge is left to the parent and
    started anew here.
    """

    def __init__(self, shared: Judging | None) -> None:
        self._shared = shared
        self._own: Judge | None = None
        self._owner = os.getpid()

    def get(self) -> Judging:
        """Return the judge."""
        if self._shared is not None:
            return self._shared
        if self._own is None or self._owner != os.getpid():
            self._own, self._owner = Judge(), os.getpid()
        return self._own

    def close(self) -> None:
        """Close the own judge, if there is one; a later `get` starts another."""
        own, self._own = self._own, None
        if own is not None and self._owner == os.getpid():
            own.close()
