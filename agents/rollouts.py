"""Many episodes on a bounded number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import gymnasium

from ..problems import Problem
from .agent import AgentFactory
from .errors import AgentError
from .record import EpisodeRecord
from .rollout import RolloutCancelledError, rollout

EnvMaker = Callable[[str], gymnasium.Env[str, str]]


class TooManyFailuresError(AgentError):
    """So many episodes in a row were not valid that going on would be a waste."""


@dataclass(frozen=True, kw_only=True)
class RolloutTask:
    """One episode that is wanted."""

    env_id: str
    factory: AgentFactory
    problem: Problem
    selection: Mapping[str, Any] = field(default_factory=dict)
    """How the problems were found, as JSON values; recorded among the settings of the environment."""
    sample: int = 0
    seed: int = 0
    attempt: int = 1
    """Which attempt at this episode, from 1, those of earlier runs included."""
    repetition: int = 0
    """How often it was already played in this run."""


def run_rollouts(
    tasks: Iterable[RolloutTask],
    *,
    make_env: EnvMaker,
    on_episode: Callable[[EpisodeRecord], None],
    workers: int = 1,
    repetitions: int = 1,
    max_failures_in_a_row: int = 20,
    interrupt: Callable[[], None] = lambda: None,
) -> None:
    """Play every task; an episode that is not valid is repeated, and each repetition is told, too.

    When this returns or raises, Ctrl-C included, no thread plays on and every environment is closed.

    Args:
        tasks: What to play, in order.
        make_env: Makes an environment by its id; called in the threads, once per thread and id.
        on_episode: Gets each record as it comes, in the caller's thread.
        workers: Episodes at a time.
        repetitions: How often a task is played again after an episode that is not valid.
        max_failures_in_a_row: Episodes in a row that may be not valid.
        interrupt: Called when stopping early, to end the steps in flight soon; closes a judge, for example.

    Raises:
        TooManyFailuresError: That many were not valid; the rest was not played.
        AgentError: An agent cannot play its problem.
        ValueError: `workers` is less than 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers!r}")
    pool = _Pool(make_env, workers, interrupt)
    failures = 0
    with pool:
        for task, episode in pool.play(tasks):
            on_episode(episode)
            failures = 0 if episode.reward_valid else failures + 1
            if failures >= max_failures_in_a_row:
                raise TooManyFailuresError(
                    f"the last {failures} episodes were not valid; the last one ended with "
                    f"{episode.stop_reason}: {episode.error}"
                )
            if not episode.reward_valid and task.repetition < repetitions:
                pool.again(replace(task, attempt=task.attempt + 1, repetition=task.repetition + 1))


class _Pool:
    """Threads with their environments."""

    def __init__(self, make_env: EnvMaker, workers: int, interrupt: Callable[[], None]) -> None:
        self._make_env = make_env
        self._workers = workers
        self._interrupt = interrupt
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="rollout")
        self._stopping = threading.Event()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._envs: list[gymnasium.Env[str, str]] = []
        self._repeated: list[RolloutTask] = []

    def __enter__(self) -> _Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if kind is not None:
            self._interrupt()
        self._executor.shutdown(wait=True, cancel_futures=True)
        with ExitStack() as closing:
            for env in self._envs:
                closing.callback(env.close)

    def again(self, task: RolloutTask) -> None:
        """Play a task once more."""
        self._repeated.append(task)

    def play(self, tasks: Iterable[RolloutTask]) -> Iterator[tuple[RolloutTask, EpisodeRecord]]:
        """Yield each task with its record, as they are done; at most twice as many as workers wait."""
        queue = iter(tasks)
        running: dict[Future[EpisodeRecord], RolloutTask] = {}
        while True:
            while len(running) < 2 * self._workers:
                task = self._repeated.pop() if self._repeated else next(queue, None)
                if task is None:
                    break
                running[self._executor.submit(self._one, task)] = task
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()

    def _one(self, task: RolloutTask) -> EpisodeRecord:
        if self._stopping.is_set():
            raise RolloutCancelledError
        agent = task.factory.make()
        try:
            episode = rollout(
                agent,
                self._env(task.env_id),
                problem=task.problem,
                seed=task.seed,
                sample=task.sample,
                attempt=task.attempt,
                cancelled=self._stopping.is_set,
            )
            return replace(episode, env_kwargs={**episode.env_kwargs, **task.selection})
        finally:
            agent.close()

    def _env(self, env_id: str) -> gymnasium.Env[str, str]:
        """Return this thread's environment."""
        envs: dict[str, gymnasium.Env[str, str]] = self._local.__dict__.setdefault("envs", {})
        if env_id not in envs:
            envs[env_id] = self._make_env(env_id)
            with self._lock:
                self._envs.append(envs[env_id])
        return envs[env_id]
