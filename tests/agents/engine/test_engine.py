"""The engine with hosts that have no environment: its limits, retries, dropped results and records."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium
import pytest

from codefrontier.agents import AgentAction, AgentError, AgentIdentity, EpisodeRecord, ModelError, TaskInfo
from codefrontier.agents import Usage as ModelUsage
from codefrontier.agents.engine import (
    ConcurrencyLimits,
    EngineSettings,
    EnvFacts,
    EpisodeLimits,
    FailureKind,
    NoRoomError,
    OpenedEpisode,
    Retries,
    RolloutEngine,
    RolloutTask,
    RunStoppedError,
    StepResult,
    WorkerLostError,
    idle_sleep,
)
from codefrontier.agents.engine.environment_host import EpisodeOutcome
from codefrontier.envs.episode import EpisodeSnapshot
from codefrontier.judge import CheckerError, FailureClass, JudgeError, Language, SandboxError
from codefrontier.problems import Problem

EnvMaker = Callable[..., gymnasium.Env[str, str]]
FACTS = EnvFacts(
    env_id="Made-up",
    env_version=1,
    env_kwargs={},
    mode="tool",
    language=Language.PYTHON,
    tools=[],
    reward_without_submission=-0.1,
)
DONE = EpisodeOutcome(stop_reason="submitted", reward_valid=True, failure_class=FailureClass.CORRECTNESS)
MOVE = AgentAction(
    action="?", usage=ModelUsage(requests=1, prompt_tokens=6, completion_tokens=4, cost_usd=0.5)
)
MADE_UP = AgentIdentity(name="made-up", kind="scripted")
Act = Callable[[], AgentAction]


class MadeUpHost:
    """Ends an episode after so many steps; its failures come first, one per episode."""

    def __init__(self, steps: int = 1, failures: list[JudgeError | NoRoomError] | None = None) -> None:
        self.steps = steps
        self.failures = failures if failures is not None else []
        self.left = 0
        self.closed = False

    def facts(self, env_id: str) -> EnvFacts:
        return replace(FACTS, mode=env_id)

    def open(self, env_id: str, problem: Problem | str | None, seed: int | None) -> OpenedEpisode:
        if self.failures:
            raise self.failures.pop(0)
        assert isinstance(problem, Problem)
        self.left = self.steps
        return OpenedEpisode(observation="Begin.", problem=problem)

    def resume(self, env_id: str, problem: Problem | str, snapshot: EpisodeSnapshot) -> OpenedEpisode:
        raise JudgeError("this host takes no snapshots")

    def snapshot(self) -> EpisodeSnapshot:
        raise JudgeError("this host takes no snapshots")

    def step(self, action: str) -> StepResult:
        self.left -= 1
        ending = None if self.left else DONE
        return StepResult(observation="Go on.", reward=0.25, ending=ending)

    def close(self) -> None:
        self.closed = True


@dataclass
class MadeUpFactory:
    """Its agents act by calling a function."""

    act: Act = lambda: MOVE
    told: list[TaskInfo] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    identity: AgentIdentity = MADE_UP

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        return None

    def make(self) -> MadeUpAgent:
        return MadeUpAgent(self)


@dataclass
class MadeUpAgent:
    factory: MadeUpFactory

    @property
    def identity(self) -> AgentIdentity:
        return self.factory.identity

    def start(self, task: TaskInfo) -> None:
        self.factory.told.append(task)

    def act(self, observation: str) -> AgentAction:
        return self.factory.act()

    def close(self) -> None:
        self.factory.closed.append(1)


class Crowd:
    """Counts concurrent visitors; each stays until one too many has entered, or a moment has passed."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._too_many = threading.Event()

    def visit(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now > self.allowed:
                self._too_many.set()
        self._too_many.wait(0.03)
        with self._lock:
            self._now -= 1


def tasks_of(problem: Problem, factory: MadeUpFactory, count: int = 1, **more: Any) -> list[RolloutTask]:
    how = {"env_id": "tool", **more}
    return [
        RolloutTask(factory=factory, problem=problem, sample=sample, seed=100 + sample, **how)
        for sample in range(count)
    ]


def play(
    tasks: list[RolloutTask], make_host: Callable[[], Any] = MadeUpHost, **settings: Any
) -> list[EpisodeRecord]:
    episodes: list[EpisodeRecord] = []
    chosen = EngineSettings(**{"retries": Retries(wait_s=0.0), **settings})
    RolloutEngine(make_host=make_host, on_episode=episodes.append, settings=chosen).run(tasks)
    return episodes


def test_model_calls_have_a_cap_of_their_own(problem: Problem) -> None:
    crowd = Crowd(allowed=2)

    def act() -> AgentAction:
        crowd.visit()
        return MOVE

    episodes = play(
        tasks_of(problem, MadeUpFactory(act), 6), caps=ConcurrencyLimits(episodes=6, model_calls=2)
    )
    assert (len(episodes), crowd.most) == (6, 2)


def test_without_a_cap_all_episodes_act_at_once(problem: Problem) -> None:
    crowd = Crowd(allowed=3)

    def act() -> AgentAction:
        crowd.visit()
        return MOVE

    play(tasks_of(problem, MadeUpFactory(act), 4), caps=ConcurrencyLimits(episodes=4))
    assert crowd.most == 4


def test_sandboxes_have_a_cap_that_other_modes_do_not_know(problem: Problem) -> None:
    crowds = {"agentic": Crowd(allowed=1), "tool": Crowd(allowed=3)}
    for mode, crowd in crowds.items():

        def act(crowd: Crowd = crowd) -> AgentAction:
            crowd.visit()
            return MOVE

        tasks = tasks_of(problem, MadeUpFactory(act), 4, env_id=mode)
        play(tasks, caps=ConcurrencyLimits(episodes=4, sandboxes=1))
    assert {mode: crowd.most for mode, crowd in crowds.items()} == {"agentic": 1, "tool": 4}


def test_caps_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="model_calls must be at least 1, got 0"):
        ConcurrencyLimits(model_calls=0)


@pytest.mark.parametrize(
    ("limits", "stop_reason", "moves"),
    [
        (EpisodeLimits(max_agent_turns=3), "turn_limit", 3),
        (EpisodeLimits(max_total_tokens=20), "token_limit", 2),
        (EpisodeLimits(max_cost_usd=0.6), "cost_limit", 2),
        (EpisodeLimits(), "submitted", 5),
    ],
)
def test_a_limit_that_is_reached_ends_the_episode_and_counts(
    problem: Problem, limits: EpisodeLimits, stop_reason: str, moves: int
) -> None:
    (episode,) = play(tasks_of(problem, MadeUpFactory(), limits=limits), lambda: MadeUpHost(steps=5))
    assert (episode.stop_reason, len(episode.steps), episode.reward_valid) == (stop_reason, moves, True)
    ending = 0.0 if stop_reason == "submitted" else FACTS.reward_without_submission
    assert episode.reward == pytest.approx(0.25 * moves + ending)


@pytest.mark.parametrize(
    ("sleep", "stop_reason"), [(time.sleep, "active_time_limit"), (idle_sleep, "submitted")]
)
def test_waiting_is_no_active_time(
    problem: Problem, sleep: Callable[[float], None], stop_reason: str
) -> None:
    def act() -> AgentAction:
        sleep(0.2)
        return MOVE

    limits = EpisodeLimits(max_active_s=0.15)
    (episode,) = play(tasks_of(problem, MadeUpFactory(act), limits=limits), lambda: MadeUpHost(steps=2))
    assert episode.stop_reason == stop_reason


def test_limits_are_part_of_who_plays(problem: Problem) -> None:
    factory = MadeUpFactory()
    limited = EpisodeLimits(max_agent_turns=3)
    (episode,) = play(tasks_of(problem, factory, limits=limited))
    assert episode.agent.settings == {"limits": {"max_agent_turns": 3}}
    assert episode.agent.digest != factory.identity.digest
    assert EpisodeLimits().applied_to(factory.identity) is factory.identity
    with pytest.raises(ValueError, match="max_cost_usd must be above 0, got 0"):
        EpisodeLimits(max_cost_usd=0)


@pytest.mark.parametrize(
    ("error", "retries", "attempts"),
    [
        (SandboxError("died"), Retries(sandbox=2, judge=0, model=0, wait_s=0), 3),
        (WorkerLostError("gone"), Retries(sandbox=2, judge=0, model=0, wait_s=0), 3),
        (CheckerError("broken"), Retries(sandbox=2, judge=0, model=0, wait_s=0), 1),
        (CheckerError("broken"), Retries.only([FailureKind.JUDGE]), 2),
    ],
)
def test_failures_are_repeated_by_their_kind_and_each_attempt_is_recorded(
    problem: Problem, error: JudgeError, retries: Retries, attempts: int
) -> None:
    host = MadeUpHost(failures=[error] * 9)
    episodes = play(tasks_of(problem, MadeUpFactory()), lambda: host, retries=replace(retries, wait_s=0.0))
    assert [episode.attempt for episode in episodes] == list(range(1, attempts + 1))
    assert {episode.error for episode in episodes} == {f"{type(error).__name__}: {error}"}
    assert {(episode.reward_valid, episode.reward) for episode in episodes} == {(False, 0.0)}


def test_a_repetition_differs_in_nothing_but_its_number(problem: Problem) -> None:
    replies: list[AgentAction | Exception] = [ModelError("busy"), ModelError("busy"), MOVE]

    def act() -> AgentAction:
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    factory = MadeUpFactory(act)
    episodes = play(tasks_of(problem, factory), retries=Retries(model=2, wait_s=0.0))
    assert [(e.attempt, e.stop_reason) for e in episodes] == [
        (1, "model_error"),
        (2, "model_error"),
        (3, "submitted"),
    ]
    assert factory.told == [factory.told[0]] * 3
    assert {(e.seed, e.sample, e.agent.digest) for e in episodes} == {(100, 0, factory.identity.digest)}
    assert len(factory.closed) == 3


def test_an_error_of_an_episode_that_is_given_up_is_not_printed(
    problem: Problem, caplog: pytest.LogCaptureFixture
) -> None:
    both = threading.Barrier(2)

    def act() -> AgentAction:
        if both.wait(30):
            time.sleep(0.05)  # until the error of the other agent has ended the run
        raise AgentError("cannot read this")

    with pytest.raises(AgentError, match="cannot read this"):
        play(tasks_of(problem, MadeUpFactory(act), 2), caps=ConcurrencyLimits(episodes=2))
    gc.collect()
    assert not [record for record in caplog.records if record.name == "asyncio"]


def test_what_stalls_is_taken_for_dead_and_its_late_result_is_dropped(problem: Problem) -> None:
    released, hosts = threading.Event(), []
    episodes: list[EpisodeRecord] = []
    first = threading.Lock()

    def act() -> AgentAction:
        if first.acquire(blocking=False):
            assert released.wait(30)
            return replace(MOVE, action="late")
        return MOVE

    def make_host() -> MadeUpHost:
        hosts.append(MadeUpHost())
        return hosts[-1]

    def note(episode: EpisodeRecord) -> None:
        episodes.append(episode)
        if episode.reward_valid:
            released.set()

    factory = MadeUpFactory(act)
    settings = EngineSettings(stall_s=0.1, retries=Retries(wait_s=0.0))
    engine = RolloutEngine(make_host=make_host, on_episode=note, settings=settings)
    counts = engine.run(tasks_of(problem, factory))
    assert [(e.attempt, e.reward_valid) for e in episodes] == [(1, False), (2, True)]
    assert episodes[0].error == "StalledError: no result within 0.1 s"
    assert [step.action for e in episodes for step in e.steps] == ["?"]
    assert (counts.stalled, counts.records, counts.invalid) == (1, 2, 1)
    # The engine does not wait for the stalled thread, which closes its host by itself.
    deadline = time.monotonic() + 20
    while not all(host.closed for host in hosts) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [host.closed for host in hosts] == [True, True]


def test_a_slot_without_room_is_given_up_and_its_episode_is_played_elsewhere(problem: Problem) -> None:
    lost = [NoRoomError("no CPU")]
    hosts = [MadeUpHost(failures=[*lost]), MadeUpHost()]
    waiting = list(hosts)
    episodes = play(
        tasks_of(problem, MadeUpFactory(), 5), lambda: waiting.pop(0), caps=ConcurrencyLimits(episodes=2)
    )
    assert sorted((e.sample, e.attempt) for e in episodes) == [(sample, 1) for sample in range(5)]
    with pytest.raises(NoRoomError, match="no CPU"):
        play(tasks_of(problem, MadeUpFactory(), 5), lambda: MadeUpHost(failures=[*lost]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_episodes_in_flight_end_and_begins_no_other(
    problem: Problem, number: signal.Signals
) -> None:
    episodes: list[EpisodeRecord] = []
    interrupted: list[int] = []

    def note(episode: EpisodeRecord) -> None:
        episodes.append(episode)
        if len(episodes) == 1:
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    settings = EngineSettings(caps=ConcurrencyLimits(episodes=2))
    engine = RolloutEngine(
        make_host=MadeUpHost, on_episode=note, settings=settings, interrupt=lambda: interrupted.append(1)
    )
    with pytest.raises(RunStoppedError, match=f"stopped by {number.name}; 0 episodes"):
        engine.run(tasks_of(problem, MadeUpFactory(), 500), signals=True)
    assert signal.getsignal(number) == before
    assert len(episodes) < 20
    assert all(episode.reward_valid for episode in episodes)
    assert interrupted == [1]


def test_what_does_not_end_in_time_is_given_up_and_what_failed_meanwhile_is_not_recorded(
    problem: Problem,
) -> None:
    inside, leave = threading.Semaphore(0), threading.Event()
    episodes: list[EpisodeRecord] = []
    numbers = iter(range(100))

    def act() -> AgentAction:
        if next(numbers) == 0:
            assert leave.wait(30)
            return MOVE
        inside.acquire()
        raise ModelError("the server was stopped, too")

    engine = RolloutEngine(
        make_host=MadeUpHost,
        on_episode=episodes.append,
        settings=EngineSettings(caps=ConcurrencyLimits(episodes=2), drain_s=0.1),
        interrupt=leave.set,
    )

    async def run() -> None:
        playing = asyncio.create_task(engine.play(tasks_of(problem, MadeUpFactory(act), 9)))
        await asyncio.sleep(0)
        engine.stop("a test")
        inside.release()
        await playing

    with pytest.raises(RunStoppedError, match="stopped by a test"):
        asyncio.run(run())
    assert episodes == []
