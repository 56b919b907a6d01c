"""A thread that plays one episode after the other, called from an event loop."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..agent import Agent
from .environment_host import EnvironmentHost
from .failures import StalledError
from .ledger import RolloutTask
from .play import EpisodePlay, EpisodeSpec

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A function to call in the thread, and the future that gets its result."""

    work: Callable[[], Any] = field(repr=False)
    future: asyncio.Future[Any]


class WorkerSlot:
    """A thread with an environment host and, during an episode, an agent; it makes and closes both.

    The thread is a daemon: a call that never returns is left behind when the process ends.

    Args:
        name: Name of the thread.
        make_host: Function that makes the environment host.
    """

    def __init__(self, name: str, make_host: Callable[[], EnvironmentHost]) -> None:
        self._make_host = make_host
        self._loop = asyncio.get_running_loop()
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._host: EnvironmentHost | None = None
        self._agent: Agent | None = None
        # A thread of its own rather than an executor's: an executor joins its threads when the interpreter
        # exits.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def call(self, work: Callable[[], T], limit_s: float | None = None) -> T:
        """Call a function in the thread, and return its value or raise its exception.

        Raises:
            StalledError: The call took longer than `limit_s` wall seconds; the slot cannot be used any more.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        self._calls.put(_Call(work=work, future=future))
        try:
            done, _ = await asyncio.wait([future], timeout=limit_s)
        finally:
            # `_resolve` drops the result of a cancelled future. When the episode is cancelled, nobody else
            # would look at an exception that is there already, and asyncio would print it.
            if not future.cancel():
                future.exception()
        if not done:
            raise StalledError(f"no result within {limit_s:g} s")
        return future.result()

    def prepare(self, task: RolloutTask) -> EpisodePlay:
        """Make the agent and return its episode, not yet begun. Call only in the thread."""
        host = self._get_host()
        self._agent = task.factory.make()
        spec = EpisodeSpec(
            env_id=task.env_id,
            problem=task.problem,
            seed=task.seed,
            sample=task.sample,
            attempt=task.attempt,
            limits=task.limits,
            identity=task.identity,
            selection=dict(task.selection),
            branch=task.branch,
            on_branch=task.on_branch,
        )
        return EpisodePlay(self._agent, host, spec)

    def mode(self, env_id: str) -> str:
        """Return the mode of an environment. Call only in the thread."""
        return self._get_host().facts(env_id).mode

    def end(self) -> None:
        """Close the agent of the episode. Call only in the thread."""
        agent, self._agent = self._agent, None
        if agent is not None:
            agent.close()

    def close(self) -> None:
        """Ask the thread to close agent and host and to end after the calls in its queue. Does not wait."""
        self._calls.put(None)

    def join(self, wait_s: float) -> bool:
        """Wait at most so many seconds for the thread to end, and return whether it has ended."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _get_host(self) -> EnvironmentHost:
        if self._host is None:
            self._host = self._make_host()
        return self._host

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            value: object = None
            error: BaseException | None = None
            try:
                value = call.work()
            except BaseException as failure:  # noqa: BLE001  # raised again by the coroutine that awaits the call
                # A future refuses StopIteration, as the coroutine that awaits it could not tell it from its
                # own end.
                error = RuntimeError(repr(failure)) if isinstance(failure, StopIteration) else failure
            with suppress(RuntimeError):  # the loop is closed: nothing awaits the future any more
                self._loop.call_soon_threadsafe(_resolve, call.future, value, error)
        try:
            self.end()
        finally:
            if self._host is not None:
                self._host.close()


def _resolve(future: asyncio.Future[Any], value: object, error: BaseException | None) -> None:
    if future.done():
        logger.info("a late result is dropped: %r", error or type(value).__name__)
    elif error is not None:
        future.set_exception(error)
    else:
        future.set_result(value)
