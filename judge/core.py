"""The judge: submissions in, judgements out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ..problems import CoverageOrder, Limits, Problem
from .errors import JudgeError
from .judgement import JudgeIdentity, Judgement
from .submission import Submission


@dataclass(frozen=True, kw_only=True)
class JudgeTask:
    """One submission to judge, with how to judge it."""

    problem: Problem
    submission: Submission
    coverage: float = 1.0
    order: CoverageOrder = "size"
    order_seed: int = 0
    stop_early: bool = False
    """Stop at the first run that is not AC. The vector is then not full, and the failure class less sure."""
    samples: bool = False
    """Judge on the sample tests instead; their outputs are kept."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What one free run of a program did: no test, no comparison."""

    stdout: bytes
    stderr: bytes
    exit_status: int | None
    signal: int | None
    cpu_time_s: float
    wall_time_s: float
    memory_mib: float
    limit: str | None
    """`time`, `memory` or `output` when that limit ended the run."""


class Judge:
    """Judges submissions in sandboxes; a context manager, safe to use from several threads.

    Args:
        workers: Sandboxes, and so runs, at a time.
        grace: A run over the time limit goes on to `grace` times the limit, to tell right but slow
            from wrong.
    """

    def __init__(self, *, workers: int = 1, grace: float = 1.0) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandboxes. A second call does nothing."""

    @property
    def identity(self) -> JudgeIdentity:
        """Which judge and sandbox this is. Starts a sandbox to ask."""
        raise NotImplementedError

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
        """Judge one submission.

        Raises:
            JudgeError: There is no verdict: the sandbox, the compiler's host or the checker failed.
            ValueError: `coverage` is not in (0, 1], or the problem has no such tests.
        """
        raise NotImplementedError

    def judge_many(self, tasks: Iterable[JudgeTask]) -> list[Judgement | JudgeError]:
        """Judge many submissions over all workers; results in the order of the tasks.

        An infrastructure failure of one task is an item of the result and does not stop the others.
        """
        raise NotImplementedError

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Run a program once on `stdin` and return what it did.

        Raises:
            CompileError: The program does not compile.
            JudgeError: The sandbox failed.
        """
        raise NotImplementedError
