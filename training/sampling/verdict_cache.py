"""A judge for rewards that remembers its judgements, and stops at the first failed run if it may.

Policies write the same program many times, above all within a group. Equal submissions that arrive at the
same time are therefore also judged only once. Failures of infrastructure are not remembered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future

from ...envs.judging import Judging, sandbox_of
from ...judge import Execution, JudgeError, Judgement, SandboxChoice, Submission
from ...problems import CoverageOrder, Limits, Problem

Key = tuple[object, ...]
"""Everything that decides a judgement, except for the judge, of which a cache has only one."""


class VerdictCache:
    """A judge that answers repeated submissions from memory. Safe to use from several threads.

    Args:
        judge: Judge of new submissions; the cache does not close it.
        stop_early: Whether a judgement on the hidden tests has no runs after the first run that is not AC.
            Its verdict is that of a full judgement either way.
        capacity: Number of judgements kept; the least recently used judgement is dropped first.
    """

    def __init__(self, judge: Judging, *, stop_early: bool = True, capacity: int = 50_000) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, got {capacity!r}")
        self._judge = judge
        self._stop_early = stop_early
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[Key, Future[Judgement]] = OrderedDict()
        self.asked = 0
        """Number of judgements requested so far."""
        self.judged = 0
        """Number of requests that were passed on to the judge."""

    @property
    def sandbox(self) -> SandboxChoice:
        """The kind of sandbox of the judge, which workspaces take too."""
        return sandbox_of(self._judge)

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
        """Judge a submission, or return its earlier judgement.

        Whether judging the hidden tests stops at the first failure is decided by the cache, not by
        `stop_early`. The samples are judged as asked, because an agent sees the result on each of them.

        Raises:
            JudgeError: The judge failed, so there is no verdict.
            ValueError: The judge refuses an argument.
        """
        stops = stop_early if samples else self._stop_early
        how = (coverage, order, order_seed, samples, stops)
        key = (problem.digest(), submission.digest, *how)
        future, is_new = self._look_up(key)
        if is_new:
            try:
                future.set_result(
                    self._judge.judge(
                        problem,
                        submission,
                        coverage=coverage,
                        order=order,
                        order_seed=order_seed,
                        stop_early=stops,
                        samples=samples,
                    )
                )
            finally:
                # Also after an interrupt: the callers that wait for this judgement must not wait forever.
                if not future.done():
                    self._fail(key, future)
        return future.result()

    def count(self, asked: int, judged: int) -> None:
        """Add the requests of caches elsewhere to the numbers of requests."""
        with self._lock:
            self.asked += asked
            self.judged += judged

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Run a program once; the result is not remembered."""
        return self._judge.execute(submission, stdin, limits=limits)

    def _look_up(self, key: Key) -> tuple[Future[Judgement], bool]:
        """Return the future of a judgement, and whether the caller must compute it."""
        with self._lock:
            self.asked += 1
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key], False
            self.judged += 1
            future = self._known[key] = Future[Judgement]()
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
            return future, True

    def _fail(self, key: Key, future: Future[Judgement]) -> None:
        """Fail the callers that wait for this judgement; a later request is judged again."""
        with self._lock:
            self._known.pop(key, None)
        future.set_exception(JudgeError("the same submission was being judged, and the judge failed"))
