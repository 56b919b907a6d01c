"""Combines the requests of many threads into batches for one policy.

The batcher has no thread of its own: of the waiting threads, the first that finds a batch complete samples
it. When its own requests are done, it hands the batch over to another waiting thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..errors import ModelError
from .running import Follower, Job
from .sampler import Sampled, SampleRequest

BATCH_SIZE = 256
Sample = Callable[[Sequence[SampleRequest]], list[Sampled]]


@runtime_checkable
class Running(Protocol):
    """A batch that requests can join while it is sampled, such as `RunningBatch`."""

    @property
    def busy(self) -> bool:
        """Whether some request is being sampled."""
        ...

    def advance(self, queue: deque[Job]) -> list[Job]:
        """Take requests from the left of the queue, sample for a while, and return the jobs that are done."""
        ...

    def reset(self) -> None:
        """Drop all requests, after an error."""
        ...


class WholeBatches:
    """Samples up to `batch_size` waiting requests at a time with a function; no request joins them.

    Args:
        sample: Function that samples a batch.
        batch_size: Maximum number of requests in a batch.
    """

    busy = False

    def __init__(self, sample: Sample, batch_size: int = BATCH_SIZE) -> None:
        self._sample = sample
        self._batch_size = batch_size

    def advance(self, queue: deque[Job]) -> list[Job]:
        """Sample a batch."""
        jobs = [queue.popleft() for _ in range(min(self._batch_size, len(queue)))]
        for job, sampled in zip(jobs, self._sample([job.request for job in jobs]), strict=True):
            job.sampled = sampled
        return jobs

    def reset(self) -> None:
        """Do nothing: between two calls there are no requests."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much a batcher has to do."""

    running: int
    """Number of requests that are being sampled."""
    waiting: int
    """Number of requests that wait for a row."""


@dataclass(kw_only=True, eq=False)
class _Waiting(Job):
    """A request in the queue, with the condition on which its thread waits."""

    thread: threading.Condition = field(repr=False)


class Batcher:
    """Collects requests until every registered agent waits, or no request has arrived for `patience_s`
    seconds.

    Requests are sorted by content before they are sampled, so that a batch does not depend on the order of
    the threads. Requests that arrive while a batch is sampled join it, except within `expecting`. Each thread
    continues as soon as its own requests are done. Thread-safe.

    Args:
        sample: A batch that requests can join, or a function that samples a whole batch; used by one thread
            at a time.
        patience_s: Seconds to wait for more requests.
        batch_size: Maximum number of requests in a batch, for a function.
    """

    def __init__(
        self, sample: Running | Sample, *, patience_s: float = 0.005, batch_size: int = BATCH_SIZE
    ) -> None:
        self._running = sample if isinstance(sample, Running) else WholeBatches(sample, batch_size)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._threads: list[threading.Condition] = []
        """One condition per waiting thread, in the order of arrival; all share the lock."""
        self._arrived: list[_Waiting] = []
        self._queue: deque[Job] = deque()
        self._sampled: list[_Waiting] = []
        """Requests of the current batch that are not done, in the queue or in a row."""
        self._live = 0
        self._to_come = 0
        self._in_rounds = False
        self._sampling = False
        self._last_arrival = 0.0
        self.batches = 0
        """Number of times that sampling has begun with an empty batch."""

    def join(self) -> None:
        """Register an agent, which will call `submit` or `leave`."""
        with self._lock:
            self._live += 1
            # An agent that `expecting` waits for has registered.
            self._to_come = max(0, self._to_come - 1)

    def leave(self) -> None:
        """Unregister an agent."""
        with self._lock:
            self._live -= 1
            self._wake_one()

    @contextmanager
    def expecting(self, agents: int, *, patience_s: float = 10.0) -> Iterator[None]:
        """Within the context, sample in rounds: a round begins when that many agents have registered and
        every registered agent waits, and requests that arrive during a round belong to the next round.

        Every run of the same agents then has the same batches, whatever the timing of their threads. The
        number of agents must not exceed the number of threads that play them. `patience_s` limits the wait
        for an agent that never registers; agents that have registered are waited for without limit.
        """
        with self._lock:
            before, self._patience_s, self._to_come = self._patience_s, patience_s, agents
            self._in_rounds = True
        try:
            yield
        finally:
            with self._lock:
                self._patience_s, self._to_come, self._in_rounds = before, 0, False
                self._wake_one()

    @property
    def load(self) -> Load:
        """How much the batcher has to do now."""
        with self._lock:
            queued = len(self._queue)
            return Load(running=max(0, len(self._sampled) - queued), waiting=queued + len(self._arrived))

    def submit(self, *requests: SampleRequest, followers: Sequence[Follower | None] = ()) -> list[Sampled]:
        """Return the continuation of each request, once all of them are sampled.

        Args:
            requests: The requests.
            followers: For each request what gets its tokens while it is sampled; empty for none.

        Raises:
            ModelError: Sampling failed, or a follower does not want its request any more.
        """
        thread = threading.Condition(self._lock)
        mine = [
            _Waiting(request=request, thread=thread, follower=follower)
            for request, follower in zip(requests, followers or [None] * len(requests), strict=True)
        ]
        with self._lock:
            self._arrived += mine
            self._last_arrival = time.monotonic()
            self._threads.append(thread)
            self._wake_one()
            try:
                while not _all_done(mine):
                    if not self._sampling and self._ready():
                        self._sample_for(mine)
                    else:
                        thread.wait(self._wait_s())
            finally:
                self._threads.remove(thread)
                self._wake_one()
        return [_result(waiting) for waiting in mine]

    def _wake_one(self) -> None:
        """Let a waiting thread see whether there is something to sample."""
        if self._threads and not self._sampling:
            self._threads[0].notify()

    def _ready(self) -> bool:
        """Return whether there is something to sample now."""
        if self._sampled:
            return True
        if not self._arrived:
            return False
        if self._live > 0 and self._to_come == 0 and len(self._arrived) >= self._live:
            return True
        if self._in_rounds and self._to_come == 0:
            return False
        # An agent may be in a long step of its environment; the others do not wait for it.
        return time.monotonic() - self._last_arrival >= self._patience_s

    def _wait_s(self) -> float | None:
        """Return the seconds until `patience_s` is over; None while only another thread ends the wait."""
        if self._sampling or (self._in_rounds and self._to_come == 0):
            return None
        return max(0.0, self._last_arrival + self._patience_s - time.monotonic())

    def _sample_for(self, mine: Sequence[_Waiting]) -> None:
        """Sample until these requests are done; the lock is held at entry and exit, and free meanwhile."""
        self._sampling = True
        try:
            while not _all_done(mine) and self._ready():
                self._admit()
                self._advance()
        finally:
            self._sampling = False

    def _admit(self) -> None:
        """Let arrived requests join the batch, or begin the next batch."""
        if self._sampled and self._in_rounds:
            return
        self.batches += not self._sampled
        self._arrived.sort(key=_order)
        self._queue += self._arrived
        self._sampled += self._arrived
        self._arrived = []

    def _advance(self) -> None:
        """Sample for a while with the lock free, and tell the threads whose requests are done."""
        error: Exception | None = ModelError("sampling was interrupted")
        # Other threads can send requests while the model runs.
        self._lock.release()
        try:
            self._running.advance(self._queue)
            error = None
        except (ModelError, ValueError, RuntimeError) as failure:
            error = failure
        finally:
            self._lock.acquire()
            if error is not None:
                self._fail(error)
            for waiting in self._sampled:
                if waiting.done:
                    waiting.thread.notify()
            self._sampled = [waiting for waiting in self._sampled if not waiting.done]

    def _fail(self, error: Exception) -> None:
        """Give up the batch: all its requests that are not done have the error."""
        self._running.reset()
        self._queue.clear()
        for waiting in self._sampled:
            if not waiting.done:
                waiting.error = error


def _all_done(jobs: Sequence[Job]) -> bool:
    return all(job.done for job in jobs)


def _result(job: Job) -> Sampled:
    if job.sampled is None:
        raise ModelError(f"{type(job.error).__name__}: {job.error}") from job.error
    return job.sampled


def _order(waiting: _Waiting) -> tuple[object, ...]:
    request = waiting.request
    return (request.prompt_ids, request.seed, request.max_new_tokens, request.temperature, request.top_p)
