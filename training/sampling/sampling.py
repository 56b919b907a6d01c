"""Play episodes on problems through the rollout engine and score them in groups."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import gymnasium
import torch

from ...agents import EpisodeRecord, JudgementRecord, ModelOptions, RolloutTask
from ...agents.engine import EnvironmentHost, EpisodeLimits, LocalEnvironmentHost
from ...agents.engine.batch import run_on_hosts
from ...agents.errors import AgentError
from ...agents.policy.agent import PolicyAgents, PolicyFactory, TokenPlan
from ...agents.policy.batcher import Batcher
from ...agents.policy.policy import LocalPolicy
from ...agents.policy.vllm import ServerSampling
from ...envs import Mode
from ...judge import Submission
from ...problems import Problem
from ..algorithms.algorithm import (
    EXPANSIONS,
    Algorithm,
    EpisodePlan,
    EpisodeRole,
    Group,
    JudgeModel,
    Scored,
    ScoringContext,
)
from ..errors import TrainingError
from ..rows import row_of
from ..seeds import derived_seed
from .activity import Activity, TimedBatch, TimedJudge, TimedReplies
from .environments import TrainingEnvironment
from .exercises import Exercise
from .played import Played, check_new, chunks
from .verdict_cache import VerdictCache

if TYPE_CHECKING:
    from .ray_environments import RayEnvironments

BATCH_SIZE = 64
"""Number of episodes sampled together. An episode is judged on another core while others are sampled."""
PATIENCE_S = {Mode.SINGLE: 10.0, Mode.TOOL: 600.0, Mode.AGENTIC: 600.0}
"""Wall seconds, by mode, that sampling waits for an episode whose step is not over. A batch without the
episode would be rounded in another way, so this is longer than any tool may take."""
MAX_INVALID_SHARE = 0.5
"""Share of invalid episodes in a step above which training stops."""


@dataclass(frozen=True, kw_only=True)
class SamplingSettings:
    """Settings of the sampling and rewarding of episodes."""

    seed: int
    max_completion_tokens: int
    env_id: str = "Families-single"
    """Id of the environment of problems that are sampled without one."""
    coverage: float = 1.0
    """Coverage of problems that are sampled without an environment."""
    workspaces: int = 8
    """Number of episodes in mode agentic at a time, each with a workspace of its own."""


@dataclass(kw_only=True)
class RolloutBatch:
    """The episodes of one or more rounds of sampling within a step."""

    groups: list[Group] = field(default_factory=list)
    """All groups, including groups without signal."""
    episodes: list[EpisodeRecord] = field(default_factory=list)
    """The last attempt at each episode, valid or not."""
    roles: list[EpisodeRole] = field(default_factory=list)
    """The role of each episode, in their order; episodes beyond the list are attempts at their problem."""
    failed_attempts: int = 0
    """Number of invalid attempts, including those that were repeated."""
    sample_time_s: float = 0.0
    """Wall seconds in which the policy sampled."""
    judge_time_s: float = 0.0
    """Wall seconds in which a submission was judged and nothing was sampled."""

    @property
    def invalid(self) -> int:
        """The number of episodes without a reward; they are masked."""
        return sum(not episode.reward_valid for episode in self.episodes)

    def valid(self, role: EpisodeRole) -> list[EpisodeRecord]:
        """Return the valid episodes of a role."""
        roles = itertools.chain(self.roles, itertools.repeat(EpisodeRole.ATTEMPT))
        return [
            each for each, own in zip(self.episodes, roles, strict=False) if own is role and each.reward_valid
        ]

    def add(self, other: RolloutBatch) -> None:
        """Add the episodes and times of a later round, in place."""
        self.groups += other.groups
        self.episodes += other.episodes
        self.roles += other.roles
        self.failed_attempts += other.failed_attempts
        self.sample_time_s += other.sample_time_s
        self.judge_time_s += other.judge_time_s


class Sampler:
    """Plays the episodes that an algorithm plans.

    Equal policy, problems and step give equal episodes: the batches in which episodes are sampled do not
    depend on the timing of threads.

    Args:
        policy: The policy that is trained.
        algorithm: The algorithm that plans and scores episodes.
        judge: The judge that all environments share.
        settings: Settings of sampling and rewards.
        server: A server that samples in place of this process. Its batches depend on timing, so equal runs
            differ by rounding.
        judge_model: The judge model that scoring may ask.
        remote: Environments in actors of Ray, with judges of their own; `judge` then judges only what the
            algorithm asks for.
    """

    def __init__(
        self,
        policy: LocalPolicy,
        algorithm: Algorithm,
        judge: VerdictCache,
        settings: SamplingSettings,
        *,
        server: ServerSampling | None = None,
        judge_model: JudgeModel | None = None,
        remote: RayEnvironments | None = None,
    ) -> None:
        self._judge_model = judge_model
        self._judge, self._remote = judge, remote
        self._exercises: dict[str, Exercise] = {}
        self._policy = policy
        self._algorithm = algorithm
        self._settings = settings
        self._activity = Activity()
        self._timed_judge = TimedJudge(judge, self._activity)
        self._server = server
        self._version = 0
        self._batcher = Batcher(TimedBatch(policy.running(BATCH_SIZE), self._activity))

    def sample(
        self, problems: Sequence[Problem | Exercise], *, step: int, version: int | None = None
    ) -> RolloutBatch:
        """Play a group on each problem, expand the groups, and score the episodes.

        Args:
            problems: Exercises, or problems to play in the environment of the settings. Their ids differ.
            step: Number of the step that learns from the episodes, from 0.
            version: Number of updates that the weights of the policy have taken; `step` unless given.

        Raises:
            TrainingError: More than half of the episodes are invalid, or the server has other weights.
            AgentError: The policy cannot encode a problem.
        """
        self._version = step if version is None else version
        self._hand_over(self._version)
        activity = self._activity
        sampled_s, judged_s = activity.sample_s, activity.judge_s
        exercises = {each.problem.id: each for each in map(self._exercise, problems)}
        if len(exercises) < len(problems):
            raise TrainingError("two problems of a step share an id")
        self._exercises = exercises
        for each in exercises.values():
            _ = each.problem.digest()  # reads the tests now, so that no two threads read them at once
        plans = [
            (each.problem, list(self._algorithm.plan_group(each.problem))) for each in exercises.values()
        ]
        played = self._play(exercises, plans, step)
        groups = self._groups(exercises, played, step)
        context = self._context(step)
        for _ in range(EXPANSIONS):
            expanded = self._algorithm.expand_groups(groups, context)
            further = [(group.problem, list(plans)) for group, plans in zip(groups, expanded, strict=True)]
            if not any(plan for _, plan in further):
                break
            check_new(further, played)
            played.update(self._play(exercises, further, step))
            groups = self._groups(exercises, played, step)
        batch = RolloutBatch(
            groups=self._score(groups, context),
            episodes=[each.attempts[-1] for each in played.values()],
            roles=[each.plan.role for each in played.values()],
            failed_attempts=sum(
                not attempt.reward_valid for each in played.values() for attempt in each.attempts
            ),
        )
        check_validity(batch)
        batch.sample_time_s = activity.sample_s - sampled_s
        batch.judge_time_s = activity.judge_s - judged_s
        return batch

    def _hand_over(self, version: int) -> None:
        """Give the server, if there is one, the weights of the policy."""
        if self._server is not None:
            try:
                self._server.hand_over(version)
            except AgentError as error:
                raise TrainingError(str(error)) from error

    def _agents(self, options: ModelOptions, plan: EpisodePlan) -> PolicyAgents:
        """Return the factory of the agent that plays a planned episode."""
        name, policy = f"policy@{self._version}", self._policy
        tokens = TokenPlan(
            prefix_ids=plan.prefix_ids,
            opening=plan.prompt,
            entropy=self._algorithm.wants.entropy,
            policy_version=self._version,
        )
        if self._server is None:
            return PolicyFactory(policy, options, name=name, batcher=self._batcher, plan=tokens)
        replies = TimedReplies(self._server, self._activity)
        return PolicyAgents(policy, replies, options, name=name, plan=tokens)

    def _exercise(self, given: Problem | Exercise) -> Exercise:
        """Return a problem as an exercise in the environment of the settings."""
        if isinstance(given, Exercise):
            return given
        settings = self._settings
        environment = TrainingEnvironment(env_id=settings.env_id, coverage=settings.coverage)
        return Exercise(environment=environment, problem=given, coverage=settings.coverage)

    def _play(
        self,
        exercises: Mapping[str, Exercise],
        plans: Sequence[tuple[Problem, list[EpisodePlan]]],
        step: int,
    ) -> dict[tuple[str, int], Played]:
        """Play the planned episodes; return them by problem id and sample."""
        planned = [(exercises[problem.id], plan) for problem, group in plans for plan in group]
        played = {(exercise.problem.id, plan.sample): Played(plan=plan) for exercise, plan in planned}
        if len(played) < len(planned):
            raise TrainingError("two episodes of a problem share a sample number")

        def note(episode: EpisodeRecord) -> None:
            played[episode.problem_id, episode.sample].attempts.append(episode)

        make_host = self._host_maker(exercises)
        for mode, chunk in chunks(planned, workspaces=self._settings.workspaces):
            with self._batcher.expecting(len(chunk), patience_s=PATIENCE_S[mode]):
                run_on_hosts(
                    [self._task(exercise, plan, step, played) for exercise, plan in chunk],
                    make_host=make_host,
                    on_episode=note,
                    workers=len(chunk),
                    max_failures_in_a_row=2 * len(chunk) + 1,  # never reached: `check_validity` decides
                    interrupt=self._remote.close if self._remote is not None else lambda: None,
                )
        if self._remote is not None:
            self._judge.count(*self._remote.requests())
        return played

    def _host_maker(self, exercises: Mapping[str, Exercise]) -> Callable[[], EnvironmentHost]:
        """Return a function that makes environment hosts for exercises, here or in actors of Ray."""
        answers = self._algorithm.wants.answers
        if self._remote is not None:
            return self._remote.hosts(exercises, answers=answers, activity=self._activity)

        def make_env(key: str) -> gymnasium.Env[str, str]:
            alike = [each for each in exercises.values() if each.key == key]
            problems = [each.problem for each in alike]
            return alike[0].environment.make(
                self._timed_judge, problems, coverage=alike[0].coverage, answers=answers
            )

        return lambda: LocalEnvironmentHost(make_env)

    def _task(
        self,
        exercise: Exercise,
        plan: EpisodePlan,
        step: int,
        played: Mapping[tuple[str, int], Played],
    ) -> RolloutTask:
        settings, problem = self._settings, exercise.problem
        note_branch = played[problem.id, plan.sample].note_branch
        options = ModelOptions(
            # Other values would sample from another distribution than the one that is trained.
            temperature=1.0,
            top_p=1.0,
            max_completion_tokens=settings.max_completion_tokens,
            model_seed=step_seed(settings.seed, step),
        )
        factory = self._agents(options, plan)
        return RolloutTask(
            env_id=exercise.key,
            factory=factory,
            problem=problem,
            selection=exercise.environment.selection,
            sample=plan.sample,
            seed=step,
            branch=plan.snapshot,
            on_branch=note_branch if self._algorithm.wants.snapshots else None,
            limits=EpisodeLimits(max_agent_turns=plan.turns),
        )

    def _groups(
        self, exercises: Mapping[str, Exercise], played: Mapping[tuple[str, int], Played], step: int
    ) -> list[Group]:
        """Return the groups of each problem, with their valid episodes."""
        members: dict[tuple[str, int], list[Scored]] = {}
        for (problem_id, _), each in sorted(played.items()):
            found = members.setdefault((problem_id, each.plan.group), [])
            if each.scored is None and each.attempts[-1].reward_valid:
                each.scored = self._scored(each, step)
            if each.scored is not None:
                found.append(each.scored)
        order = {problem_id: place for place, problem_id in enumerate(exercises)}
        return [
            Group(
                problem=exercises[problem_id].problem,
                members=tuple(members[problem_id, number]),
                number=number,
            )
            for problem_id, number in sorted(members, key=lambda key: (order[key[0]], key[1]))
        ]

    def _scored(self, played: Played, step: int) -> Scored:
        """Return the last attempt at an episode with the row that the algorithm makes of it."""
        plan, episode = played.plan, played.attempts[-1]
        group_id = f"{episode.problem_id}/{plan.group}" if plan.group else episode.problem_id
        row = row_of(episode, group_id=group_id, policy_version=self._version)
        branches = {len(branch.steps): branch for branch in played.branches}
        scored = Scored(episode=episode, row=row, plan=plan, branches=branches)
        return replace(scored, row=self._algorithm.score_episode(scored))

    def _context(self, step: int) -> ScoringContext:
        generator = torch.Generator().manual_seed(step_seed(self._settings.seed, step))
        return ScoringContext(
            step=step,
            generator=generator,
            tokenizer=self._policy.tokenizer,
            judge=self._judge_program,
            judge_model=self._judge_model,
        )

    def _judge_program(self, problem: Problem, source: str) -> JudgementRecord:
        exercise = self._exercises[problem.id]
        submission = Submission(source=source.encode(), language=exercise.environment.language)
        judgement = self._timed_judge.judge(problem, submission, coverage=exercise.coverage)
        return JudgementRecord.of(judgement, tests=len(problem.tests))

    def _score(self, groups: Sequence[Group], context: ScoringContext) -> list[Group]:
        """Have the algorithm score all groups."""
        scored = self._algorithm.score_groups(groups, context)
        return list(asyncio.run(scored) if isinstance(scored, Coroutine) else scored)


def check_validity(batch: RolloutBatch) -> None:
    """Raise TrainingError when more than half of the episodes have no reward."""
    if batch.invalid > MAX_INVALID_SHARE * len(batch.episodes):
        failed = next(episode for episode in batch.episodes if not episode.reward_valid)
        raise TrainingError(
            f"{batch.invalid} of {len(batch.episodes)} episodes of a step are not valid, more than half; the "
            f"first of them ended with {failed.stop_reason}: {failed.error}"
        )


def step_seed(seed: int, step: int) -> int:
    """Return the seed of the sampling in a step, in [0, 2**62)."""
    return derived_seed("sampling", seed, step)
