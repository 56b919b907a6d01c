"""Environment hosts: environments of this or another process, and what records need to know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import gymnasium

from ...envs import CodingEnv, FailureKind, reward_name
from ...envs.episode import Attempt, EpisodeSnapshot
from ...judge import FailureClass, Language
from ...problems import Problem
from ..records.record import AnswerRecord, JudgementRecord
from .waiting import MeteredJudge

EnvMaker = Callable[[str], gymnasium.Env[str, str]]
TRUNCATED = "truncated"


@dataclass(frozen=True, kw_only=True)
class EnvFacts:
    """What records and agents need to know of an environment."""

    env_id: str
    env_version: int
    env_kwargs: Mapping[str, Any] = field(repr=False)
    mode: str
    language: Language
    tools: list[dict[str, Any]] = field(repr=False)
    reward_without_submission: float

    @classmethod
    def of(cls, env: CodingEnv) -> EnvFacts:
        """Read the facts from an environment."""
        return cls(
            env_id=env.spec.id if env.spec else type(env).__name__,
            env_version=int(env.metadata["version"]),
            env_kwargs=recorded_kwargs(env),
            mode=env.mode.value,
            language=env.settings.program_language,
            tools=env.tools,
            reward_without_submission=env.reward_without_submission,
        )


@dataclass(frozen=True, kw_only=True)
class OpenedEpisode:
    """Result of a reset."""

    observation: str = field(repr=False)
    problem: Problem


@dataclass(frozen=True, kw_only=True)
class EpisodeOutcome:
    """How an episode ended."""

    stop_reason: str
    reward_valid: bool
    failure_class: FailureClass | None
    extra_reward: float = 0.0
    """Reward of an end outside the environment, for example at the model's context window."""
    error: str | None = None
    failure_kind: FailureKind | None = None
    """Part that failed; None exactly when the reward is valid."""
    submission: str | None = field(default=None, repr=False)
    judgement: JudgementRecord | None = field(default=None, repr=False)
    answers: tuple[AnswerRecord, ...] = field(default=(), repr=False)
    components: Mapping[str, float] | None = field(default=None, repr=False)
    """Components of the reward; None when the environment computed none."""

    @classmethod
    def failed(cls, stop_reason: str, error: Exception, kind: FailureKind) -> EpisodeOutcome:
        """Return the end of an episode that does not count, because part `kind` failed."""
        return cls(
            stop_reason=str(stop_reason),
            reward_valid=False,
            failure_class=None,
            error=f"{type(error).__name__}: {error}",
            failure_kind=kind,
        )


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """Result of a step."""

    observation: str = field(repr=False)
    reward: float
    ending: EpisodeOutcome | None = None
    """Outcome of the episode; None while the episode goes on."""
    waited_s: float = 0.0
    """Seconds of the step spent waiting for a free place at the judge."""


class EnvironmentHost(Protocol):
    """Runs the environment of one episode after the other; all calls come from one thread."""

    def facts(self, env_id: str) -> EnvFacts:
        """Return the facts of an environment, without a reset."""
        ...

    def open(self, env_id: str, problem: Problem | str | None, seed: int | None) -> OpenedEpisode:
        """Begin an episode.

        Args:
            env_id: Id of the environment.
            problem: Problem to play, or its id; None draws a problem with the seed.
            seed: Seed of the reset.

        Raises:
            JudgeError: Infrastructure failed, so no episode has begun.
            NoRoomError: This host can begin no episode any more.
            ValueError: The environment has no such problem.
        """
        ...

    def resume(self, env_id: str, problem: Problem | str, snapshot: EpisodeSnapshot) -> OpenedEpisode:
        """Begin an episode that continues the episode of a snapshot.

        Args:
            env_id: Id of the environment, with the settings of the environment of the snapshot.
            problem: Problem of the snapshot, or its id.
            snapshot: State of an episode that has not ended.

        Returns:
            The last observation of the snapshot, and its problem.

        Raises:
            JudgeError: Infrastructure failed, so no episode has begun.
            NoRoomError: This host can begin no episode any more.
            ValueError: The environment cannot continue this snapshot.
        """
        ...

    def snapshot(self) -> EpisodeSnapshot:
        """Return the state of the episode.

        Raises:
            JudgeError: The workspace failed, or the host itself is lost.
        """
        ...

    def step(self, action: str) -> StepResult:
        """Take an action.

        Raises:
            JudgeError: The host itself failed or is lost.
        """
        ...

    def close(self) -> None:
        """Close the environments and all they hold. A second call does nothing."""
        ...


class LocalEnvironmentHost:
    """Environments of this process, one for each id, made when first needed.

    Args:
        make_env: Makes an environment by its id.
    """

    def __init__(self, make_env: EnvMaker) -> None:
        self._make_env = make_env
        self._envs: dict[str, gymnasium.Env[str, str]] = {}
        self._facts: dict[str, EnvFacts] = {}
        self._env: gymnasium.Env[str, str] | None = None

    def facts(self, env_id: str) -> EnvFacts:
        """Return the facts of an environment; TypeError when the environment is not of this package."""
        # Reading the facts makes the environment, which may load a problem set.
        if env_id not in self._facts:
            self._facts[env_id] = EnvFacts.of(coding_env(self._get(env_id)))
        return self._facts[env_id]

    def open(self, env_id: str, problem: Problem | str | None, seed: int | None) -> OpenedEpisode:
        """Reset the environment; raises the errors of `EnvironmentHost.open`."""
        self._env = env = self._get(env_id)
        chosen = problem.id if isinstance(problem, Problem) else problem
        observation, _ = env.reset(seed=seed, options={"problem": chosen})
        return OpenedEpisode(observation=observation, problem=coding_env(env).problem)

    def resume(self, env_id: str, problem: Problem | str, snapshot: EpisodeSnapshot) -> OpenedEpisode:
        """Restore a snapshot in the environment; raises the errors of `EnvironmentHost.resume`."""
        self._env = env = self._get(env_id)
        coding = coding_env(env)
        if env is not coding:  # wrappers of Gymnasium refuse a step before their first reset
            env.reset(options={"problem": problem.id if isinstance(problem, Problem) else problem})
        observation, _ = coding.restore(snapshot)
        return OpenedEpisode(observation=observation, problem=coding.problem)

    def snapshot(self) -> EpisodeSnapshot:
        """Return the state of the episode."""
        assert self._env is not None, "snapshot() before open()"
        return coding_env(self._env).snapshot()

    def step(self, action: str) -> StepResult:
        """Step the environment."""
        assert self._env is not None, "step() before open()"
        coding = coding_env(self._env)
        meter = coding.settings.judge
        before = meter.waited_s if isinstance(meter, MeteredJudge) else 0.0
        observation, reward, terminated, truncated, info = self._env.step(action)
        waited_s = meter.waited_s - before if isinstance(meter, MeteredJudge) else 0.0
        ending = _ending(coding, info) if terminated or truncated else None
        return StepResult(observation=observation, reward=float(reward), ending=ending, waited_s=waited_s)

    def close(self) -> None:
        """Close the environments. A second call does nothing."""
        envs, self._envs = self._envs, {}
        for env in envs.values():
            env.close()

    def _get(self, env_id: str) -> gymnasium.Env[str, str]:
        if env_id not in self._envs:
            self._envs[env_id] = self._make_env(env_id)
        return self._envs[env_id]


def coding_env(env: gymnasium.Env[str, str]) -> CodingEnv:
    """Return an environment without its wrappers.

    Raises:
        TypeError: The environment is not of this package.
    """
    coding = env.unwrapped
    if not isinstance(coding, CodingEnv):
        raise TypeError(f"env must be one of codefrontier's environments, got {type(coding).__name__}")
    return coding


def _ending(coding: CodingEnv, info: Mapping[str, Any]) -> EpisodeOutcome:
    """Return the outcome of an episode that the environment ended."""
    judgement, submission = coding.last_judgement, coding.submission
    valid = bool(info["reward_valid"])
    return EpisodeOutcome(
        # A wrapper such as TimeLimit truncates an episode without a stop reason of the environment.
        stop_reason=str(info["stop_reason"] or TRUNCATED),
        reward_valid=valid,
        failure_class=FailureClass(info["failure_class"] or FailureClass.NO_CODE) if valid else None,
        error=None if valid else info["error"],
        failure_kind=None if valid else FailureKind(info["failure_kind"]),
        submission=submission.source.decode(errors="replace") if submission else None,
        judgement=JudgementRecord.of(judgement, tests=len(coding.problem.tests)) if judgement else None,
        answers=tuple(_answer(each, coding) for each in coding.answers),
        components=dict(info["reward_components"]) if valid and info["stop_reason"] else None,
    )


def _answer(answer: Attempt, coding: CodingEnv) -> AnswerRecord:
    assert answer.judgement is not None, "an answer has a judgement"
    return AnswerRecord(
        submission=answer.submission.source.decode(errors="replace"),
        judgement=JudgementRecord.of(answer.judgement, tests=len(coding.problem.tests)),
    )


def recorded_kwargs(env: CodingEnv) -> dict[str, Any]:
    """Return an environment's settings as JSON values, without its judge and its list of problems.

    `max_turns` is the number in force, also where the setting is None.
    """
    settings = {
        entry.name: _plain(getattr(env.settings, entry.name))
        for entry in fields(env.settings)
        if entry.name not in ("judge", "problems")
    }
    return {**settings, "max_turns": env.max_turns}


def _plain(value: object) -> object:
    """Turn a setting into a JSON value."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if callable(value):
        return reward_name(value)
    return str(value) if isinstance(value, Path | date) else value
