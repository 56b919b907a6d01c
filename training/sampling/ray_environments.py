"""The environments of a training run in actors of Ray; agents, and with them sampling, stay in this process.

All episodes of a round of sampling are open at the same time, however few actors there are, because a batch
of replies must not depend on timing. The episodes on a problem are in one actor, whose judge remembers
verdicts. When an actor dies, its episodes are lost (`WorkerLostError`), a new actor takes its place, and the
engine plays the episodes again.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from ...agents.engine import EnvFacts, EnvironmentHost, OpenedEpisode, StepResult, WorkerLostError
from ...agents.engine.ray_host import portable
from ...envs.episode import EpisodeSnapshot
from ...judge import JudgeError
from ...judge.ray.start import connect
from ...problems import Problem
from ..settings import RLSettings
from .activity import Activity
from .exercises import Exercise
from .ray_actor import EnvironmentActor, EpisodeSetup

T = TypeVar("T")
_START_S = 120.0
"""Seconds that an actor may take to start."""
_KNOWN_PROBLEMS = 1024


def remote_environments(
    settings: RLSettings, *, stop_early: bool
) -> AbstractContextManager[RayEnvironments | None]:
    """Return the actors of a run, or None if its environments are in this process."""
    if settings.engine == "local":
        return nullcontext()
    return RayEnvironments(settings.ray_address, workers=settings.workers, stop_early=stop_early)


class RayEnvironments:
    """The actors of a run, each with a judge and many environments; a context manager.

    Args:
        address: `ray://local` starts Ray on this machine and stops it at the end; `ray://auto` connects to
            the Ray of this machine; `ray://HOST:PORT` is the client server of a cluster.
        workers: Number of actors; each needs one CPU of Ray.
        stop_early: Whether a judgement has no runs after the first run that is not AC.

    Raises:
        ValueError: The address has none of these forms.
        JudgeError: Ray is not installed, cannot be reached, or has no CPUs for so many actors.
    """

    def __init__(self, address: str, *, workers: int, stop_early: bool) -> None:
        self._stop_early = stop_early
        self._lock = threading.Lock()
        self._problems: OrderedDict[str, Any] = OrderedDict()
        self._places = itertools.count()
        self._requests: dict[int, tuple[int, int]] = {}
        self._connection = connect(address, workers=workers)
        self.ray = self._connection.ray
        self._actors: list[Any] = []
        try:
            self._actors = [self._start() for _ in range(workers)]
            for actor in self._actors:
                self._await(actor)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the actors, and Ray if this object started it. A second call does nothing."""
        actors, self._actors = self._actors, []
        for actor in actors:
            self.ray.kill(actor)
        self._problems.clear()
        self._connection.close()

    def processes(self) -> list[int]:
        """Return the process ids of the actors, each on its own machine."""
        return [int(self.ray.get(actor.process.remote())) for actor in self._actors]

    def hosts(
        self, exercises: Mapping[str, Exercise], *, answers: int, activity: Activity
    ) -> Callable[[], EnvironmentHost]:
        """Return a function that makes the environment hosts of a round of sampling.

        Args:
            exercises: The exercises by the id of their problem; environments are named by `Exercise.key`.
            answers: Number of answers in a reply that the algorithm wants.
            activity: Counts the time of steps in actors as judging.
        """
        round_of = _Round(self, exercises, answers=answers, activity=activity)
        return lambda: _RayHost(self, round_of, next(self._places))

    def requests(self) -> tuple[int, int]:
        """Return the numbers of judgements that were asked for and judged since the last call."""
        asked = judged = 0
        for number, actor in enumerate(self._actors):
            try:
                now = self.ray.get(actor.requests.remote())
            except self.ray.exceptions.RayError:
                continue  # the actor is lost, and its counts with it
            before = self._requests.get(number, (0, 0))
            self._requests[number] = now
            asked, judged = asked + now[0] - before[0], judged + now[1] - before[1]
        return asked, judged

    def actor(self, number: int) -> Any:
        """Return the actor with a number, modulo the number of actors.

        Raises:
            WorkerLostError: The actors are closed.
        """
        with self._lock:
            if not self._actors:
                raise WorkerLostError("the actors are closed")
            return self._actors[number % len(self._actors)]

    def replace(self, lost: Any) -> None:
        """Start an actor in place of a lost one, unless another thread has.

        Raises:
            WorkerLostError: Ray starts no actor.
        """
        with self._lock:
            if lost not in self._actors:
                return
            number = self._actors.index(lost)
            self.ray.kill(lost)
            self._requests.pop(number, None)
            self._actors[number] = self._start()
            self._await(self._actors[number])

    def reference(self, problem: Problem) -> Any:
        """Return the reference of a problem in Ray's object store; the problem is stored on first use."""
        digest = problem.digest()
        with self._lock:
            if digest not in self._problems:
                self._problems[digest] = self.ray.put(portable(problem))
            self._problems.move_to_end(digest)
            while len(self._problems) > _KNOWN_PROBLEMS:
                self._problems.popitem(last=False)
            return self._problems[digest]

    def _start(self) -> Any:
        kind = self.ray.remote(EnvironmentActor)
        # SPREAD, because Ray by default fills a node before it uses the next.
        options = kind.options(num_cpus=1, max_concurrency=1, scheduling_strategy="SPREAD")
        return options.remote(stop_early=self._stop_early)

    def _await(self, actor: Any) -> None:
        try:
            self.ray.get(actor.process.remote(), timeout=_START_S)
        except self.ray.exceptions.GetTimeoutError as error:
            raise JudgeError(
                f"Ray started no actor within {_START_S:g} s: has it a free CPU for each of the workers?"
            ) from error
        except self.ray.exceptions.RayError as error:
            raise WorkerLostError(f"Ray cannot start an actor: {error}") from error


class _Round:
    """The exercises of a round of sampling, and the actor of each problem."""

    def __init__(
        self,
        environments: RayEnvironments,
        exercises: Mapping[str, Exercise],
        *,
        answers: int,
        activity: Activity,
    ) -> None:
        self._environments = environments
        self._exercises = exercises
        self._answers = answers
        self._numbers = {problem_id: number for number, problem_id in enumerate(exercises)}
        self._by_key = {each.key: each for each in exercises.values()}
        self._facts: dict[str, EnvFacts] = {}
        self._lock = threading.Lock()
        self.activity = activity

    def facts(self, key: str) -> EnvFacts:
        """Return the facts of an environment, read from an environment in this process."""
        with self._lock:
            if key not in self._facts:
                each = self._by_key[key]
                env = each.environment.make(
                    None, [each.problem], coverage=each.coverage, answers=self._answers
                )
                self._facts[key] = EnvFacts.of(env)
                env.close()
            return self._facts[key]

    def actor(self, problem: Problem) -> Any:
        """Return the actor of a problem."""
        return self._environments.actor(self._numbers[problem.id])

    def setup(self, problem: Problem, seed: int | None, snapshot: EpisodeSnapshot | None) -> EpisodeSetup:
        """Return what the actor needs to begin or continue an episode."""
        exercise = self._exercises[problem.id]
        return EpisodeSetup(
            environment=replace(exercise.environment),  # without the problem set that it may have loaded
            coverage=exercise.coverage,
            answers=self._answers,
            problem_id=problem.id,
            digest=problem.digest(),
            problem=[self._environments.reference(problem)],
            seed=seed,
            snapshot=snapshot,
        )


class _RayHost:
    """An environment host with a place of its own in the actor of its episode.

    Args:
        environments: The actors.
        round_of: The exercises.
        place: Number that no other host has.
    """

    def __init__(self, environments: RayEnvironments, round_of: _Round, place: int) -> None:
        self._environments = environments
        self._round = round_of
        self._place = place
        self._actor: Any = None

    def facts(self, env_id: str) -> EnvFacts:
        """Return the facts of an environment."""
        return self._round.facts(env_id)

    def open(self, env_id: str, problem: Problem | str | None, seed: int | None) -> OpenedEpisode:
        """Begin an episode; WorkerLostError when the actor has died."""
        return self._open(problem, seed, None)

    def resume(self, env_id: str, problem: Problem | str, snapshot: EpisodeSnapshot) -> OpenedEpisode:
        """Continue the episode of a snapshot; raises the errors of `open`."""
        return self._open(problem, None, snapshot)

    def snapshot(self) -> EpisodeSnapshot:
        """Return the state of the episode; WorkerLostError when the actor has died."""
        return self._ask(lambda actor: actor.snapshot.remote(self._place), EpisodeSnapshot)

    def step(self, action: str) -> StepResult:
        """Step the environment; WorkerLostError when the actor has died."""
        with self._round.activity.judging():
            return self._ask(lambda actor: actor.step.remote(self._place, action), StepResult)

    def close(self) -> None:
        """Close the environment. A second call does nothing."""
        actor, self._actor = self._actor, None
        if actor is not None:
            actor.close.remote(self._place)  # nothing waits for it

    def _open(
        self, problem: Problem | str | None, seed: int | None, snapshot: EpisodeSnapshot | None
    ) -> OpenedEpisode:
        assert isinstance(problem, Problem), "the tasks of training have their problems"
        actor = self._round.actor(problem)
        if self._actor is not actor:
            self.close()  # the place in the actor of the last episode
        self._actor = actor
        setup = self._round.setup(problem, seed, snapshot)
        observation = self._ask(lambda asked: asked.open.remote(self._place, setup), str)
        return OpenedEpisode(observation=observation, problem=problem)

    def _ask(self, call: Callable[[Any], Any], kind: type[T]) -> T:
        ray, actor = self._environments.ray, self._actor
        if actor is None:
            raise WorkerLostError("this host is closed")
        try:
            answer = ray.get(call(actor))
        except ray.exceptions.RayError as error:
            self._actor = None
            self._environments.replace(actor)
            raise WorkerLostError(f"an actor with environments is lost: {error}") from error
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, kind), answer
        return answer
