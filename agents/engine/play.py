"""One episode, move by move; the engine and `rollout` call its methods in turn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ...envs import FailureKind, StopReason
from ...judge import FailureClass, JudgeError
from ...problems import Problem, asks_for_literal
from ..agent import Agent, AgentAction, AgentIdentity, ContinuingAgent, Message, TaskInfo, Usage
from ..errors import AgentError, ContextWindowError, ModelError
from ..records.record import EpisodeRecord, StepRecord
from .branching import BranchObserver, EpisodeBranch
from .environment_host import EnvFacts, EnvironmentHost, EpisodeOutcome, OpenedEpisode
from .failures import MODEL_ERROR
from .limits import EpisodeLimits
from .waiting import thread_waited_s

CONTEXT_WINDOW = "context_window"


@dataclass(frozen=True, kw_only=True)
class EpisodeSpec:
    """Which episode to play, under which limits and identity."""

    env_id: str
    problem: Problem | str | None
    """Problem, or its id; None draws a problem with the seed."""
    seed: int | None = 0
    sample: int = 0
    attempt: int = 1
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    identity: AgentIdentity | None = None
    """Identity for the record; None: the agent's own."""
    selection: dict[str, Any] = field(default_factory=dict)
    """How the problem was selected; recorded among the settings of the environment."""
    branch: EpisodeBranch | None = field(default=None, repr=False)
    """State of another episode on the problem that this episode continues; None begins a new episode."""
    on_branch: BranchObserver | None = field(default=None, repr=False, compare=False)
    """Called with the state of the episode before each move of the agent; None takes no snapshots."""


class EpisodePlay:
    """An episode from its beginning to its record: `begin`, then `act` and `step` in turn until it is over.

    When infrastructure or the model fails, the record is not valid; its reward must not be used. A
    conversation that exceeds the model's context window, or a limit that is reached, ends the episode like
    one without a submission.

    Args:
        agent: An agent that has played no episode yet.
        host: Host of the environment; it can open another episode afterwards.
        spec: Which episode to play.
    """

    def __init__(self, agent: Agent, host: EnvironmentHost, spec: EpisodeSpec) -> None:
        self._agent = agent
        self._host = host
        self._spec = spec
        self._facts: EnvFacts = host.facts(spec.env_id)
        self._problem: Problem | str | None = spec.problem
        self._first = self._observation = ""
        self._action: tuple[AgentAction, float] | None = None
        self._messages: list[Message] = []
        self._steps: list[StepRecord] = []
        self._usage = Usage()
        self._usage_without_step = Usage()
        self._active_s = 0.0
        self._ending: EpisodeOutcome | None = None

    @property
    def over(self) -> bool:
        """Whether the episode has ended."""
        return self._ending is not None

    def begin(self) -> None:
        """Reset the environment and start the agent.

        Raises:
            AgentError: The agent cannot play this problem.
            NoRoomError: The host can begin no episode any more.
            ValueError: The environment has no such problem.
        """
        spec, facts = self._spec, self._facts
        try:
            opened = self._open()
        except JudgeError as error:
            self.fail(error)
            return
        self._problem = opened.problem
        self._observation = opened.observation
        self._first = opened.observation if spec.branch is None else spec.branch.observation
        self._agent.start(
            TaskInfo(
                observation=self._first,
                mode=facts.mode,
                language=facts.language,
                tools=facts.tools,
                problem=opened.problem,
                sample=spec.sample,
                literal=asks_for_literal(opened.problem),
            )
        )
        if spec.branch is not None:
            self._continue(spec.branch)

    def act(self) -> None:
        """Let the agent choose its action, or end the episode when the agent fails or a limit is reached."""
        stop = self._spec.limits.reached(turns=len(self._steps), usage=self._usage, active_s=self._active_s)
        if stop is not None:
            self._ending = self._end_without_submission(stop, None)
            return
        if self._spec.on_branch is not None and not self._report_branch(self._spec.on_branch):
            return
        started, waited_s = time.monotonic(), thread_waited_s()
        try:
            action = self._agent.act(self._observation)
        except ModelError as error:
            self._count_usage_without_step(error.usage)
            self._ending = EpisodeOutcome.failed(MODEL_ERROR, error, FailureKind.MODEL)
            return
        except ContextWindowError as error:
            self._count_usage_without_step(error.usage)
            self._ending = self._end_without_submission(CONTEXT_WINDOW, str(error))
            return
        agent_time_s = time.monotonic() - started
        # A busy server is no fault of the agent, so waiting for it is not active time.
        self._active_s += agent_time_s - (thread_waited_s() - waited_s)
        self._usage += action.usage
        self._action = action, agent_time_s

    def step(self) -> None:
        """Step the environment with the agent's action."""
        assert self._action is not None, "step() before act()"
        (action, agent_time_s), self._action = self._action, None
        started = time.monotonic()
        try:
            stepped = self._host.step(action.action)
        except JudgeError as error:
            self.fail(error)
            # The step is recorded all the same, so that its tokens and cost are counted.
            observation, reward, waited_s = None, 0.0, 0.0
        else:
            observation, reward, waited_s = stepped.observation, stepped.reward, stepped.waited_s
            self._observation, self._ending = stepped.observation, stepped.ending
        env_time_s = time.monotonic() - started
        self._active_s += env_time_s - waited_s
        self._messages += action.messages
        self._steps.append(
            StepRecord(
                action=action.action,
                observation=observation,
                reward=reward,
                finish_reason=action.finish_reason,
                reasoning=action.reasoning,
                usage=action.usage,
                agent_time_s=agent_time_s,
                env_time_s=env_time_s,
                tokens=action.tokens,
            )
        )

    def fail(self, error: JudgeError) -> None:
        """End the episode as not valid, because infrastructure failed."""
        self._ending = EpisodeOutcome.failed(StopReason.INFRASTRUCTURE, error, FailureKind.of(error))

    def record(self) -> EpisodeRecord:
        """Return the record of the episode; call only when the episode is over."""
        ending, facts, spec, steps = self._ending, self._facts, self._spec, tuple(self._steps)
        assert ending is not None, "record() before the end"
        known = self._problem if isinstance(self._problem, Problem) else None
        return EpisodeRecord(
            package_version=package_version(),
            problem_id=known.id if known else str(self._problem or ""),
            problem_digest=known.digest() if known else "",
            difficulty=known.difficulty.value if known and known.difficulty else None,
            env_id=facts.env_id,
            env_version=facts.env_version,
            env_kwargs={**facts.env_kwargs, **spec.selection},
            mode=facts.mode,
            language=facts.language.value,
            seed=spec.seed,
            sample=spec.sample,
            attempt=spec.attempt,
            continued_steps=len(spec.branch.steps) if spec.branch else 0,
            agent=spec.identity or self._agent.identity,
            observation=self._first,
            messages=tuple(self._messages),
            steps=steps,
            stop_reason=ending.stop_reason,
            reward=sum(step.reward for step in steps) + ending.extra_reward,
            reward_valid=ending.reward_valid,
            failure_class=ending.failure_class,
            submission=ending.submission,
            judgement=ending.judgement,
            answers=ending.answers,
            components=None if ending.components is None else dict(ending.components),
            usage=self._usage,
            usage_without_step=self._usage_without_step,
            agent_time_s=sum(step.agent_time_s for step in steps),
            env_time_s=sum(step.env_time_s for step in steps),
            error=ending.error,
            failure_kind=ending.failure_kind,
        )

    def _open(self) -> OpenedEpisode:
        spec = self._spec
        if spec.branch is None:
            return self._host.open(spec.env_id, spec.problem, spec.seed)
        problem = spec.problem or spec.branch.snapshot.episode.problem_id
        return self._host.resume(spec.env_id, problem, spec.branch.snapshot)

    def _continue(self, branch: EpisodeBranch) -> None:
        """Take over the conversation and the steps of a branch."""
        if not isinstance(self._agent, ContinuingAgent):
            raise AgentError(f"{self._agent.identity.name} cannot continue an episode")
        self._agent.resume(branch.messages, branch.spans)
        self._messages, self._steps = list(branch.messages), list(branch.steps)
        for step in branch.steps:
            self._usage += step.usage

    def _report_branch(self, report: BranchObserver) -> bool:
        """Report the state before a move; return False when the workspace failed, which ends the episode."""
        try:
            snapshot = self._host.snapshot()
        except JudgeError as error:
            self.fail(error)
            return False
        report(
            EpisodeBranch(
                snapshot=snapshot,
                observation=self._first,
                messages=tuple(self._messages),
                steps=tuple(self._steps),
            )
        )
        return True

    def _count_usage_without_step(self, usage: Usage) -> None:
        self._usage += usage
        self._usage_without_step = usage

    def _end_without_submission(self, stop_reason: str, error: str | None) -> EpisodeOutcome:
        return EpisodeOutcome(
            stop_reason=stop_reason,
            reward_valid=True,
            failure_class=FailureClass.NO_CODE,
            extra_reward=self._facts.reward_without_submission,
            error=error,
        )


@cache
def package_version() -> str:
    """Return the version of codefrontier, or `unknown` when it is not installed."""
    try:
        return version("codefrontier")
    except PackageNotFoundError:
        return "unknown"
