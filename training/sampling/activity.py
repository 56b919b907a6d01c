"""Measure how the wall time of a step is divided between sampling and judging."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...agents.policy.agent import PolicyReply, PolicySampling
from ...agents.policy.batcher import Running
from ...agents.policy.running import Job
from ...agents.policy.sampler import SampleRequest
from ...envs.judging import Judging, sandbox_of
from ...judge import Execution, Judgement, SandboxChoice, Submission
from ...problems import Limits, Problem


class Activity:
    """Divides wall time between sampling and judging. Safe to use from several threads.

    Sampling and judging overlap. Time in which both run counts as sampling, so the judging time is the time
    that judging adds to a step.
    """

    def __init__(self) -> None:
        self.sample_s = 0.0
        """Wall seconds in which a sample was drawn."""
        self.judge_s = 0.0
        """Wall seconds in which a submission was judged and no sample drawn."""
        self._lock = threading.Lock()
        self._sampling = self._judging = 0
        self._since = time.monotonic()

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Count the time in this context as sampling."""
        self._change(sampling=1)
        try:
            yield
        finally:
            self._change(sampling=-1)

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Count the time in this context as judging, except while something is sampled."""
        self._change(judging=1)
        try:
            yield
        finally:
            self._change(judging=-1)

    def _change(self, *, sampling: int = 0, judging: int = 0) -> None:
        with self._lock:
            now = time.monotonic()
            if self._sampling:
                self.sample_s += now - self._since
            elif self._judging:
                self.judge_s += now - self._since
            self._since = now
            self._sampling += sampling
            self._judging += judging


class TimedJudge:
    """A judge that reports the time of its calls to an activity.

    Args:
        judge: The judge that is called.
        activity: The activity that counts the time.
    """

    def __init__(self, judge: Judging, activity: Activity) -> None:
        self._judge = judge
        self._activity = activity

    @property
    def sandbox(self) -> SandboxChoice:
        """The kind of sandbox of the wrapped judge."""
        return sandbox_of(self._judge)

    def judge(self, problem: Problem, submission: Submission, **how: Any) -> Judgement:
        """Judge a submission with the wrapped judge; arguments and errors are those of that judge."""
        with self._activity.judging():
            return self._judge.judge(problem, submission, **how)

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Run a program with the wrapped judge."""
        with self._activity.judging():
            return self._judge.execute(submission, stdin, limits=limits)


class TimedBatch:
    """A batch that reports the time of its sampling to an activity.

    Args:
        batch: The batch that samples.
        activity: The activity that counts the time.
    """

    def __init__(self, batch: Running, activity: Activity) -> None:
        self._batch = batch
        self._activity = activity

    @property
    def busy(self) -> bool:
        """Whether some request is being sampled."""
        return self._batch.busy

    def advance(self, queue: deque[Job]) -> list[Job]:
        """Sample for a while with the wrapped batch."""
        with self._activity.sampling():
            return self._batch.advance(queue)

    def reset(self) -> None:
        """Drop all requests of the wrapped batch."""
        self._batch.reset()


class TimedReplies:
    """Sampling that reports the time of its requests to an activity.

    Args:
        sampling: What answers the requests.
        activity: The activity that counts the time.
    """

    def __init__(self, sampling: PolicySampling, activity: Activity) -> None:
        self._sampling = sampling
        self._activity = activity

    def join(self) -> None:
        """Register an agent."""
        self._sampling.join()

    def leave(self) -> None:
        """Unregister an agent."""
        self._sampling.leave()

    def reply(self, request: SampleRequest) -> PolicyReply:
        """Sample a continuation; raises the errors of `PolicySampling.reply`."""
        with self._activity.sampling():
            return self._sampling.reply(request)
