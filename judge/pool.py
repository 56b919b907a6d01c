"""Judges of every kind behind one interface: in this process, over HTTP, over Ray."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from ..problems import CoverageOrder, Limits, Problem
from .core import Execution, Judge, JudgeTask
from .errors import JudgeError
from .judgement import JudgeIdentity, Judgement
from .submission import Language, Submission

TOKEN_VARIABLE = "CODEFRONTIER_JUDGE_TOKEN"
"""The environment variable with the token of a judging service."""


class JudgePool(Protocol):
    """What every kind of judge can do, with the same results; `Judge` says what each means."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """End what this judge started. A second call does nothing."""

    @property
    def identity(self) -> JudgeIdentity:
        """Which judge and sandbox this is."""

    def languages(self) -> dict[Language, str]:
        """Tell the versions of the languages there are."""

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

    def judge_many(self, tasks: Iterable[JudgeTask]) -> list[Judgement | JudgeError]:
        """Judge many submissions; results in the order of the tasks."""

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Run a program once."""


def judge_task(judge: JudgePool, task: JudgeTask) -> Judgement:
    """Judge one submission that is written down as a task."""
    return judge.judge(
        task.problem,
        task.submission,
        coverage=task.coverage,
        order=task.order,
        order_seed=task.order_seed,
        stop_early=task.stop_early,
        samples=task.samples,
    )


def open_judge(url: str, *, workers: int = 1, token: str | None = None) -> JudgePool:
    """Open a judge by its address.

    Args:
        url: `embedded`, `docker` or `auto` for sandboxes of this process; `http://HOST:PORT` for a service
            (`codefrontier judge serve`); `ray://local` for actors in a Ray of this machine, `ray://HOST:PORT`
            for those of a cluster.
        workers: Submissions judged at a time; over HTTP, requests at a time.
        token: Of the service; None takes it from the environment variable CODEFRONTIER_JUDGE_TOKEN.

    Raises:
        ValueError: There is no such kind of judge, or a service without a token.
        JudgeError: Ray is not installed or cannot be reached.
    """
    if url in ("embedded", "docker", "auto"):
        return Judge(workers=workers, sandbox=url)  # type: ignore[arg-type]  # one of these three
    scheme = urlsplit(url).scheme
    if scheme in ("http", "https"):
        from .service.client import HTTPJudge  # here, like Ray: most judges need neither

        token = token or os.environ.get(TOKEN_VARIABLE)
        if not token:
            raise ValueError(f"the judge at {url!r} needs a token: give one, or set {TOKEN_VARIABLE}")
        return HTTPJudge(url, token, connections=workers)
    if scheme == "ray":
        from .ray_judge import RayJudge

        return RayJudge(url, workers=workers)
    kinds = "'embedded', 'docker', 'auto', 'http://...' or 'ray://...'"
    raise ValueError(f"a judge's address must be {kinds}, got {url!r}")
