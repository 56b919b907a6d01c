"""Many episodes in this process, with the default settings of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..records.record import EpisodeRecord
from .engine import EngineSettings, RolloutEngine
from .environment_host import EnvironmentHost, EnvMaker, LocalEnvironmentHost
from .failures import Retries, TooManyFailuresError
from .ledger import RolloutTask
from .limits import ConcurrencyLimits

__all__ = ["EnvMaker", "RolloutTask", "TooManyFailuresError", "run_on_hosts", "run_rollouts"]


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
    """Play every task; retry episodes that are not valid, and report every attempt.

    Do not call this in a thread with a running event loop: there, `await RolloutEngine(...).play(tasks)`.
    When the function returns or raises, Ctrl-C included, every environment is closed and no thread plays on.
    Only a call that has not returned half a minute after the interrupt is left behind.

    Args:
        tasks: Episodes to play, in order.
        make_env: Makes an environment by its id; called in the worker threads, once per thread and id.
        on_episode: Receives each record when its episode ends, in the caller's thread.
        workers: Episodes at a time.
        repetitions: Immediate retries of a task whose episode is not valid.
        max_failures_in_a_row: Consecutive episodes that may be not valid.
        interrupt: Called when the run stops early, to end the steps in flight soon; closes a judge, for
            example.

    Raises:
        TooManyFailuresError: `max_failures_in_a_row` episodes were not valid; the rest was not played.
        AgentError: An agent cannot play its problem.
        ValueError: `workers` is less than 1.
    """
    run_on_hosts(
        tasks,
        make_host=lambda: LocalEnvironmentHost(make_env),
        on_episode=on_episode,
        workers=workers,
        repetitions=repetitions,
        max_failures_in_a_row=max_failures_in_a_row,
        interrupt=interrupt,
    )


def run_on_hosts(
    tasks: Iterable[RolloutTask],
    *,
    make_host: Callable[[], EnvironmentHost],
    on_episode: Callable[[EpisodeRecord], None],
    workers: int = 1,
    repetitions: int = 1,
    max_failures_in_a_row: int = 20,
    interrupt: Callable[[], None] = lambda: None,
) -> None:
    """Play every task on environment hosts; otherwise like `run_rollouts`.

    Args:
        tasks: Episodes to play, in order.
        make_host: Makes an environment host; called once per worker thread, in that thread.
        on_episode: Receives each record when its episode ends, in the caller's thread.
        workers: Episodes at a time.
        repetitions: Immediate retries of a task whose episode is not valid.
        max_failures_in_a_row: Consecutive episodes that may be not valid.
        interrupt: Called when the run stops early, to end the steps in flight soon.

    Raises:
        TooManyFailuresError: `max_failures_in_a_row` episodes were not valid; the rest was not played.
        AgentError: An agent cannot play its problem.
        ValueError: `workers` is less than 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers!r}")
    settings = EngineSettings(
        caps=ConcurrencyLimits(episodes=workers),
        retries=Retries(judge=repetitions, model=repetitions, sandbox=repetitions, wait_s=0.0),
        max_failures_in_a_row=max_failures_in_a_row,
        stall_s=None,
    )
    engine = RolloutEngine(make_host=make_host, on_episode=on_episode, settings=settings, interrupt=interrupt)
    engine.run(tasks)
