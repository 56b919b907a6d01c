"""One episode from `reset` to its end, as a record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, SupportsFloat

import gymnasium

from ..envs import REWARDS, CodingEnv, StopReason
from ..judge import FailureClass, JudgeError
from ..problems import Problem
from .agent import Agent, AgentAction, Message, TaskInfo, Usage
from .errors import ContextWindowError, ModelError
from .record import EpisodeRecord, JudgementRecord, StepRecord

MODEL_ERROR = "model_error"
CONTEXT_WINDOW = "context_window"
TRUNCATED = "truncated"


class RolloutCancelledError(Exception):
    """The episode was given up between two steps because the run is being stopped."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an episode ended."""

    stop_reason: str
    reward_valid: bool
    failure_class: FailureClass | None
    extra_reward: float = 0.0
    """Reward of an ending that the environment did not see."""
    error: str | None = None


def rollout(
    agent: Agent,
    env: gymnasium.Env[str, str],
    *,
    problem: Problem | str | None = None,
    seed: int | None = 0,
    sample: int = 0,
    attempt: int = 1,
    cancelled: Callable[[], bool] = lambda: False,
) -> EpisodeRecord:
    """Play one episode to its end and return its record.

    When infrastructure or the model fails, the record says so and is not valid: never a zero that
    counts. A conversation that outgrew the model's context ends like one that handed in nothing.

    Args:
        agent: Not used before; it is not closed.
        env: One of our environments; it is left ready for another reset.
        problem: What to play, or its id; None draws it from the seed.
        seed: Of `env.reset`.
        sample: Which of the agent's attempts at this problem this is, from 0.
        attempt: Which repetition of this sample this is, from 1.
        cancelled: Asked before each step.

    Raises:
        AgentError: The agent cannot play this problem.
        RolloutCancelledError: `cancelled()` was true.
        TypeError: `env` is not one of our environments.
        ValueError: There is no such problem in the environment.
    """
    coding = env.unwrapped
    if not isinstance(coding, CodingEnv):
        raise TypeError(f"env must be one of codefrontier's environments, got {type(coding).__name__}")
    transcript = Transcript()
    chosen = {"problem": problem.id if isinstance(problem, Problem) else problem}
    try:
        transcript.observation, _ = env.reset(seed=seed, options=chosen)
    except JudgeError as error:
        ending = _not_valid(StopReason.INFRASTRUCTURE, error)
    else:
        problem = coding.problem
        agent.start(
            TaskInfo(
                observation=transcript.observation,
                mode=coding.mode.value,
                language=coding.settings.program_language,
                tools=coding.tools,
                problem=problem,
                sample=sample,
            )
        )
        ending = _play(agent, env, transcript, cancelled)
    record = _record(agent, coding, problem, transcript, ending)
    return replace(record, seed=seed, sample=sample, attempt=attempt)


class Transcript:
    """What has happened in an episode so far; filled while it is played."""

    def __init__(self) -> None:
        self.observation = ""
        self.messages: list[Message] = []
        self.steps: list[StepRecord] = []


def _play(
    agent: Agent, env: gymnasium.Env[str, str], transcript: Transcript, cancelled: Callable[[], bool]
) -> Ending:
    """Act and step until the episode ends, filling the transcript."""
    observation = transcript.observation
    while True:
        if cancelled():
            raise RolloutCancelledError
        started = time.monotonic()
        try:
            action = agent.act(observation)
        except ModelError as error:
            return _not_valid(MODEL_ERROR, error)
        except ContextWindowError as error:
            return Ending(
                stop_reason=CONTEXT_WINDOW,
                reward_valid=True,
                failure_class=FailureClass.NO_CODE,
                extra_reward=REWARDS.no_code,
                error=str(error),
            )
        acted = time.monotonic()
        observation, reward, terminated, truncated, info = env.step(action.action)
        times = (acted - started, time.monotonic() - acted)
        transcript.messages += action.messages
        transcript.steps.append(_step(action, observation, reward, times))
        if terminated or truncated:
            return _ending(info)


def _step(
    action: AgentAction, observation: str, reward: SupportsFloat, times: tuple[float, float]
) -> StepRecord:
    return StepRecord(
        action=action.action,
        observation=observation,
        reward=float(reward),
        finish_reason=action.finish_reason,
        reasoning=action.reasoning,
        usage=action.usage,
        agent_time_s=times[0],
        env_time_s=times[1],
        tokens=action.tokens,
    )


def _not_valid(stop_reason: str, error: Exception) -> Ending:
    told = f"{type(error).__name__}: {error}"
    return Ending(stop_reason=str(stop_reason), reward_valid=False, failure_class=None, error=told)


def _ending(info: Mapping[str, Any]) -> Ending:
    """Read from the last `info` how the environment ended the episode."""
    if not info["reward_valid"]:
        return Ending(
            stop_reason=info["stop_reason"], reward_valid=False, failure_class=None, error=info["error"]
        )
    return Ending(
        stop_reason=info["stop_reason"] or TRUNCATED,
        reward_valid=True,
        failure_class=FailureClass(info["failure_class"] or FailureClass.NO_CODE),
    )


def _record(
    agent: Agent, coding: CodingEnv, problem: Problem | str | None, transcript: Transcript, ending: Ending
) -> EpisodeRecord:
    known = problem if isinstance(problem, Problem) else None
    steps = transcript.steps
    # After a failed reset nothing of the environment belongs to this episode.
    judgement = coding.last_judgement if steps and known else None
    submission = coding.submission if steps else None
    return EpisodeRecord(
        package_version=package_version(),
        problem_id=known.id if known else str(problem or ""),
        problem_digest=known.digest if known else "",
        difficulty=known.difficulty.value if known and known.difficulty else None,
        env_id=coding.spec.id if coding.spec else type(coding).__name__,
        env_version=int(coding.metadata["version"]),
        env_kwargs=recorded_kwargs(coding),
        mode=coding.mode.value,
        language=coding.settings.program_language.value,
        seed=None,
        sample=0,
        agent=agent.identity,
        observation=transcript.observation,
        messages=tuple(transcript.messages),
        steps=tuple(steps),
        stop_reason=ending.stop_reason,
        reward=sum(step.reward for step in steps) + ending.extra_reward,
        reward_valid=ending.reward_valid,
        failure_class=ending.failure_class,
        submission=submission.source.decode(errors="replace") if submission else None,
        judgement=JudgementRecord.of(judgement, tests=len(known.tests)) if judgement and known else None,
        usage=sum((step.usage for step in steps), Usage()),
        agent_time_s=sum(step.agent_time_s for step in steps),
        env_time_s=sum(step.env_time_s for step in steps),
        error=ending.error,
    )


def recorded_kwargs(env: CodingEnv) -> dict[str, Any]:
    """Return an environment's settings as JSON values, without its judge and its list of problems."""
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
    return str(value) if isinstance(value, Path | date) else value


@cache
def package_version() -> str:
    """Return the version of codefrontier, or `unknown` when it is not installed."""
    try:
        return version("codefrontier")
    except PackageNotFoundError:
        return "unknown"
