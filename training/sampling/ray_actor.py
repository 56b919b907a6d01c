"""The content of an actor of Ray that holds environments of training; it imports neither torch nor Ray.

The environments of an actor share a judge with one worker and its memory of verdicts. They are stepped one at
a time, which is the work of one CPU.
"""

from __future__ import annotations

import importlib
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...agents.engine import LocalEnvironmentHost, StepResult
from ...envs.episode import EpisodeSnapshot
from ...judge import Judge, JudgeError
from ...problems import Problem, ProblemError
from .environments import TrainingEnvironment
from .verdict_cache import VerdictCache

T = TypeVar("T")
_CACHED_PROBLEMS = 256


@dataclass(frozen=True, kw_only=True)
class EpisodeSetup:
    """What an actor needs to make the environment of an episode."""

    environment: TrainingEnvironment
    coverage: float
    answers: int
    """Number of answers in a reply that the algorithm wants."""
    problem_id: str
    digest: str
    """Digest of the problem."""
    problem: list[Any] = field(repr=False)
    """A list with the reference of the problem. Ray fetches references that are arguments before it calls an
    actor, but not those in a list: an actor that has the problem need not fetch it."""
    seed: int | None
    snapshot: EpisodeSnapshot | None = field(default=None, repr=False)
    """State from which the episode continues; None for an episode that begins."""


class EnvironmentActor:
    """The class of the actors.

    Failures of an episode are returned rather than raised, so they keep their type, and every exception that
    Ray raises is a failure of Ray or of the actor.

    Args:
        stop_early: Whether a judgement has no runs after the first run that is not AC.
    """

    def __init__(self, *, stop_early: bool) -> None:
        self._judge = VerdictCache(Judge(workers=1), stop_early=stop_early)
        self._problems: OrderedDict[str, Problem] = OrderedDict()
        self._hosts: dict[int, LocalEnvironmentHost] = {}

    def process(self) -> int:
        """Return the id of the actor's process."""
        return os.getpid()

    def requests(self) -> tuple[int, int]:
        """Return the numbers of judgements that were asked for, and of those that were judged, so far."""
        return self._judge.asked, self._judge.judged

    def open(self, place: int, setup: EpisodeSetup) -> str | Exception:
        """Begin or continue an episode at a place; return its observation."""
        return _result_or_error(lambda: self._open(place, setup))

    def snapshot(self, place: int) -> EpisodeSnapshot | Exception:
        """Return the state of the episode at a place."""
        return _result_or_error(self._hosts[place].snapshot)

    def step(self, place: int, action: str) -> StepResult | Exception:
        """Step the environment at a place."""
        return _result_or_error(lambda: self._hosts[place].step(action))

    def close(self, place: int) -> None:
        """Close the environment at a place, if there is one."""
        host = self._hosts.pop(place, None)
        if host is not None:
            host.close()

    def _open(self, place: int, setup: EpisodeSetup) -> str:
        self.close(place)
        problem = self._problem(setup)
        host = self._hosts[place] = LocalEnvironmentHost(
            lambda _: setup.environment.make(
                self._judge, [problem], coverage=setup.coverage, answers=setup.answers
            )
        )
        key = setup.environment.name
        if setup.snapshot is None:
            return host.open(key, setup.problem_id, setup.seed).observation
        return host.resume(key, setup.problem_id, setup.snapshot).observation

    def _problem(self, setup: EpisodeSetup) -> Problem:
        if setup.digest not in self._problems:
            # Ray is an optional dependency, so this module does not import it.
            self._problems[setup.digest] = importlib.import_module("ray").get(setup.problem[0])
        self._problems.move_to_end(setup.digest)
        while len(self._problems) > _CACHED_PROBLEMS:
            self._problems.popitem(last=False)
        return self._problems[setup.digest]


def _result_or_error(work: Callable[[], T]) -> T | Exception:
    try:
        return work()
    except (JudgeError, ProblemError, ValueError, OSError) as error:
        error.__cause__ = error.__context__ = None  # these may hold objects that cannot be pickled
        return error
