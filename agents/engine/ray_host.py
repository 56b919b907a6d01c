"""Environments and their judges in actors of Ray, one per worker slot; agents stay in this process.

When an actor dies, its episode is recorded as lost (`WorkerLostError`), a new actor is started, and the
episode is played again.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self, TypeVar

import gymnasium

from ...envs.episode import EpisodeSnapshot
from ...judge import Judge, JudgeError, SandboxKind
from ...judge.ray.start import connect
from ...problems import Problem, ProblemError, TestCase, Testset, asks_for_literal
from ...problems.testset import InlineData
from .environment_host import EnvFacts, EnvMaker, LocalEnvironmentHost, OpenedEpisode, StepResult, coding_env
from .failures import NoRoomError, WorkerLostError

T = TypeVar("T")
_CACHED_PROBLEMS = 256
_CACHED_HOSTS = 4


@dataclass(frozen=True, kw_only=True)
class RayOptions:
    """Address of Ray, and options of the actors.

    Raises:
        ValueError: `workers` is below 1, or `start_limit_s` not above 0.
    """

    address: str = "ray://local"
    """Address of Ray: `ray://local` starts Ray on this machine and stops it at the end; `ray://auto` connects
    to the Ray that runs on this machine; `ray://HOST:PORT` is the client server of a cluster."""
    workers: int = 1
    """Number of actors, each with an environment and a judge; an actor needs one CPU of Ray."""
    sandbox: SandboxKind = "embedded"
    """Sandbox of the judges and the workspaces."""
    start_limit_s: float = 120.0
    """Seconds an actor may take to start; after that there is no room for it."""

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, got {self.workers!r}")
        if not self.start_limit_s > 0:
            raise ValueError(f"start_limit_s must be above 0, got {self.start_limit_s!r}")


class RayEnvironmentHosts:
    """The environment hosts of a run, each with an actor of Ray; a context manager.

    Args:
        options: Address of Ray and options of the actors.
        make_env: Makes an environment by its id in this process, without a judge, to read its facts.
        keywords: Keyword arguments of each environment in the actors, by its id; plain values, without judge
            and problems.

    Raises:
        ValueError: The address is not an address of Ray.
        JudgeError: Ray is not installed or cannot be reached.
    """

    def __init__(
        self, options: RayOptions, *, make_env: EnvMaker, keywords: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.options = options
        self._make_env = make_env
        self._keywords = {env_id: dict(values) for env_id, values in keywords.items()}
        self._facts: dict[str, EnvFacts] = {}
        self._problems: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._hosts: list[RayEnvironmentHost] = []
        self._connection = connect(options.address, workers=options.workers)
        self.ray = self._connection.ray

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the actors, and Ray if this object started it. A second call does nothing."""
        self.interrupt()
        self._problems.clear()
        self._connection.close()

    def interrupt(self) -> None:
        """Stop the actors, and so the steps in flight."""
        for host in self._hosts:
            host.close()

    def new_host(self) -> RayEnvironmentHost:
        """Return a new host, whose actor starts with the first episode."""
        made = RayEnvironmentHost(self)
        self._hosts.append(made)
        return made

    def processes(self) -> list[int]:
        """Return the process ids of the running actors; each id is valid on the machine of its actor only."""
        return [host.process for host in self._hosts if host.process]

    def facts(self, env_id: str) -> EnvFacts:
        """Return the facts of an environment, read from an instance in this process."""
        with self._lock:
            if env_id not in self._facts:
                env = self._make_env(env_id)
                try:
                    self._facts[env_id] = EnvFacts.of(coding_env(env))
                finally:
                    env.close()
            return self._facts[env_id]

    def start_actor(self) -> Any:
        """Ask Ray for an actor, on the node with the most free resources."""
        kind = self.ray.remote(EnvActor)
        # One call at a time, as an environment is not thread-safe. SPREAD, because Ray by default prefers to
        # fill a node before it uses the next, and judges on one node slow each other down.
        options = kind.options(num_cpus=1, max_concurrency=1, scheduling_strategy="SPREAD")
        return options.remote(self._keywords, self.options.sandbox)

    def reference(self, problem: Problem) -> Any:
        """Return a reference to a problem in Ray's object store; the problem is stored on first use."""
        with self._lock:
            if problem.digest() not in self._problems:
                self._problems[problem.digest()] = self.ray.put(portable(problem))
            self._problems.move_to_end(problem.digest())
            # Ray keeps an object as long as a reference to it exists, so old references are dropped.
            while len(self._problems) > _CACHED_PROBLEMS:
                self._problems.popitem(last=False)
            return self._problems[problem.digest()]


class RayEnvironmentHost:
    """An environment host whose environment is in an actor.

    Args:
        hosts: The hosts of the run, with the connection to Ray.
    """

    def __init__(self, hosts: RayEnvironmentHosts) -> None:
        self._hosts = hosts
        self._actor: Any = None
        self._closed = False
        self.process = 0
        """Process id of the actor on its machine; 0 without an actor."""

    def facts(self, env_id: str) -> EnvFacts:
        """Return the facts of an environment."""
        return self._hosts.facts(env_id)

    def open(self, env_id: str, problem: Problem | str | None, seed: int | None) -> OpenedEpisode:
        """Begin an episode in the actor; start the actor if there is none.

        Raises:
            JudgeError: The episode could not begin.
            NoRoomError: Ray has no room for an actor.
            TypeError: The problem is an id or None.
        """
        known = _known(problem)
        where = self._where(env_id, known)
        observation = self._ask(lambda actor: actor.open.remote(*where, seed), str)
        return OpenedEpisode(observation=observation, problem=known)

    def resume(self, env_id: str, problem: Problem | str, snapshot: EpisodeSnapshot) -> OpenedEpisode:
        """Continue the episode of a snapshot in the actor; raises the errors of `open`."""
        known = _known(problem)
        where = self._where(env_id, known)
        observation = self._ask(lambda actor: actor.resume.remote(*where, snapshot), str)
        return OpenedEpisode(observation=observation, problem=known)

    def snapshot(self) -> EpisodeSnapshot:
        """Return the state of the episode; WorkerLostError when the actor has died."""
        return self._ask(lambda actor: actor.snapshot.remote(), EpisodeSnapshot)

    def step(self, action: str) -> StepResult:
        """Step the environment in the actor; WorkerLostError when the actor has died."""
        return self._ask(lambda actor: actor.step.remote(action), StepResult)

    def close(self) -> None:
        """Stop the actor and its sandboxes. A second call does nothing."""
        self._closed = True
        self._drop()

    def _where(self, env_id: str, problem: Problem) -> tuple[str, str, str, list[Any]]:
        """Return the arguments of an actor that name an episode; start the actor if there is none."""
        if self._actor is None:
            self._start()
        # Ray fetches references that are arguments before it calls the actor, but not references inside a
        # list: an actor that has the problem already need not fetch it.
        return env_id, problem.id, problem.digest(), [self._hosts.reference(problem)]

    def _start(self) -> None:
        ray, limit_s = self._hosts.ray, self._hosts.options.start_limit_s
        if self._closed:
            raise WorkerLostError("this host is closed")
        self._actor = self._hosts.start_actor()
        try:
            # Ray creates actors asynchronously: the first answer shows that the actor has started.
            self.process = ray.get(self._actor.process.remote(), timeout=limit_s)
        except ray.exceptions.GetTimeoutError as error:
            self._drop()
            raise NoRoomError(
                f"Ray started no actor within {limit_s:g} s: does it have free CPUs?"
            ) from error
        except ray.exceptions.RayError as error:
            self._drop()
            raise WorkerLostError(f"Ray cannot start an actor: {error}") from error

    def _ask(self, call: Callable[[Any], Any], kind: type[T]) -> T:
        ray, actor = self._hosts.ray, self._actor
        if actor is None:
            raise WorkerLostError("this host is closed")
        try:
            answer = ray.get(call(actor))
        except ray.exceptions.RayError as error:
            process = self.process
            self._drop()
            raise WorkerLostError(f"the worker with process {process} is lost: {error}") from error
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, kind), answer
        return answer

    def _drop(self) -> None:
        actor, self._actor, self.process = self._actor, None, 0
        if actor is not None:
            self._hosts.ray.kill(actor)


@dataclass(frozen=True, kw_only=True)
class _CachedHost:
    """An environment host for one environment id and one problem."""

    host: LocalEnvironmentHost = field(repr=False)
    env_id: str
    digest: str


class EnvActor:
    """Content of an actor: a judge with one worker, and environments for the problems played last.

    Failures of the episode are returned rather than raised, so they keep their type, and every exception that
    Ray raises is a failure of Ray or of the actor.

    Args:
        keywords: Keyword arguments of the environments, by their ids.
        sandbox: Sandbox of the judge and the workspaces.
    """

    def __init__(
        self,
        keywords: Mapping[str, Mapping[str, Any]],
        sandbox: SandboxKind,
    ) -> None:
        self._keywords = keywords
        self._judge = Judge(sandbox=sandbox)
        self._cached: list[_CachedHost] = []
        self._host: LocalEnvironmentHost | None = None

    def process(self) -> int:
        """Return the id of the actor's process."""
        return os.getpid()

    def open(
        self, env_id: str, problem_id: str, digest: str, problem: list[Any], seed: int | None
    ) -> str | Exception:
        """Begin an episode; `problem` is a list with the reference to the problem."""
        try:
            host = self._host_for(env_id, digest, problem)
            opened = host.open(env_id, problem_id, seed)
        except (JudgeError, ProblemError, ValueError, OSError) as error:
            return _portable_error(error)
        self._host = host
        return opened.observation

    def resume(
        self, env_id: str, problem_id: str, digest: str, problem: list[Any], snapshot: EpisodeSnapshot
    ) -> str | Exception:
        """Continue the episode of a snapshot; `problem` is a list with the reference to the problem."""
        try:
            host = self._host_for(env_id, digest, problem)
            resumed = host.resume(env_id, problem_id, snapshot)
        except (JudgeError, ProblemError, ValueError, OSError) as error:
            return _portable_error(error)
        self._host = host
        return resumed.observation

    def snapshot(self) -> EpisodeSnapshot | Exception:
        """Return the state of the episode."""
        assert self._host is not None, "snapshot() before open()"
        try:
            return self._host.snapshot()
        except (JudgeError, ValueError) as error:
            return _portable_error(error)

    def step(self, action: str) -> StepResult | Exception:
        """Step the environment."""
        assert self._host is not None, "step() before open()"
        try:
            return self._host.step(action)
        except (JudgeError, ValueError) as error:
            return _portable_error(error)

    def _host_for(self, env_id: str, digest: str, problem: list[Any]) -> LocalEnvironmentHost:
        for number, cached in enumerate(self._cached):
            if (cached.env_id, cached.digest) == (env_id, digest):
                self._cached.append(self._cached.pop(number))
                return cached.host
        # Ray is an optional dependency, so this module does not import it.
        known = importlib.import_module("ray").get(problem[0])

        def make_env(env_id: str) -> gymnasium.Env[str, str]:
            keywords = {"judge": self._judge, "problems": [known], **self._keywords[env_id]}
            return gymnasium.make(env_id, disable_env_checker=True, **keywords)

        host = LocalEnvironmentHost(make_env)
        self._cached.append(_CachedHost(host=host, env_id=env_id, digest=digest))
        while len(self._cached) > _CACHED_HOSTS:
            self._cached.pop(0).host.close()
        return host


def _known(problem: Problem | str | None) -> Problem:
    if not isinstance(problem, Problem):
        raise TypeError(f"an episode on Ray needs its problem itself, got {problem!r}")
    return problem


def portable(problem: Problem) -> Problem:
    """Return a copy of a problem with its tests in memory and without its labelled programs."""
    # Tests may be files of this machine. Labelled programs are for scripted agents, which stay in this
    # process, except where answers are judged with one of them.
    return replace(
        problem,
        tests=_in_memory(problem.tests),
        samples=_in_memory(problem.samples),
        submissions=problem.submissions if asks_for_literal(problem) else (),
    )


def _in_memory(cases: Iterable[TestCase]) -> Testset:
    return Testset(
        [
            replace(case, data=InlineData(input_bytes=case.input(), answer_bytes=case.answer()))
            for case in cases
        ]
    )


def _portable_error(error: Exception) -> Exception:
    error.__cause__ = error.__context__ = None  # these may hold objects that cannot be pickled
    return error
