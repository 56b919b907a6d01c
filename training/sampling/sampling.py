"""Play episodes on problems through the rollout engine and score them in groups."""

from __future__ import annotations

import asyncio
import copy
import hashlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace

import gymnasium
import torch

from ...agents import EpisodeRecord, ModelOptions, RolloutTask, run_rollouts
from ...agents.policy.agent import PolicyFactory
from ...agents.policy.batcher import Batcher
from ...agents.policy.policy import LocalPolicy, Sampled, SampleRequest
from ...envs import SingleEnv
from ...problems import Problem
from ..algorithms.algorithm import EXPANSIONS, Algorithm, EpisodePlan, Group, Scored, ScoringContext
from ..errors import TrainingError
from ..rows import row_of
from .activity import Activity, TimedJudge
from .verdict_cache import VerdictCache

MAX_THREADS = 256
"""Number of episodes in progress; each waits in a thread of its own for the batch that samples it."""
BATCH_SIZE = 64
"""Number of episodes sampled together. A batch is judged on another core while the next is sampled."""
MAX_INVALID_SHARE = 0.5
"""Share of invalid episodes in a step above which training stops."""


@dataclass(frozen=True, kw_only=True)
class SamplingSettings:
    """Settings of the sampling and rewarding of episodes."""

    env_id: str
    """Id of an environment in the mode single."""
    coverage: float
    seed: int
    max_completion_tokens: int


@dataclass(kw_only=True)
class RolloutBatch:
    """The episodes of one or more rounds of sampling within a step."""

    groups: list[Group] = field(default_factory=list)
    """All groups, including groups without signal."""
    episodes: list[EpisodeRecord] = field(default_factory=list)
    """The last attempt at each episode, valid or not."""
    failed_attempts: int = 0
    """Number of invalid attempts, including those that were repeated."""
    sample_time_s: float = 0.0
    """Wall seconds in which the policy sampled."""
    judge_time_s: float = 0.0
    """Wall seconds in which a submission was judged and nothing sampled."""

    @property
    def invalid(self) -> int:
        """The number of episodes without a reward; they are masked."""
        return sum(not episode.reward_valid for episode in self.episodes)

    def add(self, other: RolloutBatch) -> None:
        """Add the episodes and times of a later round, in place."""
        self.groups += other.groups
        self.episodes += other.episodes
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
    """

    def __init__(
        self, policy: LocalPolicy, algorithm: Algorithm, judge: VerdictCache, settings: SamplingSettings
    ) -> None:
        self._policy = policy
        self._algorithm = algorithm
        self._settings = settings
        self._activity = Activity()
        self._timed_judge = TimedJudge(judge, self._activity)
        self._version = 0
        self._batcher = Batcher(self._sample_replies, batch_size=BATCH_SIZE)

    def sample(self, problems: Sequence[Problem], *, step: int, version: int | None = None) -> RolloutBatch:
        """Play a group on each problem, expand the groups, and score the episodes.

        Args:
            problems: Problems to play.
            step: Number of the step that learns from the episodes, from 0.
            version: Number of updates that the weights of the policy have taken; `step` unless given.

        Raises:
            TrainingError: More than half of the episodes are invalid.
            AgentError: The policy cannot encode a problem.
        """
        self._version = step if version is None else version
        activity = self._activity
        sampled_s, judged_s = activity.sample_s, activity.judge_s
        for problem in problems:
            _ = problem.digest()  # reads the tests now, so that no two threads read them at once
        plans = [(problem, list(self._algorithm.plan_group(problem))) for problem in problems]
        played = self._play(problems, plans, step)
        groups = self._groups(problems, played, step)
        for _ in range(EXPANSIONS):
            further = [(group.problem, list(self._algorithm.expand(group))) for group in groups]
            if not any(plan for _, plan in further):
                break
            _check_new(further, played)
            played.update(self._play(problems, further, step))
            groups = self._groups(problems, played, step)
        batch = RolloutBatch(
            groups=self._score(groups, step),
            episodes=[each.attempts[-1] for each in played.values()],
            failed_attempts=sum(
                not attempt.reward_valid for each in played.values() for attempt in each.attempts
            ),
        )
        check_validity(batch)
        batch.sample_time_s = activity.sample_s - sampled_s
        batch.judge_time_s = activity.judge_s - judged_s
        return batch

    def _sample_replies(self, requests: Sequence[SampleRequest]) -> list[Sampled]:
        with self._activity.sampling():
            return self._policy.sample(requests)

    def _play(
        self, problems: Sequence[Problem], plans: Sequence[tuple[Problem, list[EpisodePlan]]], step: int
    ) -> dict[tuple[str, int], _Played]:
        """Play the planned episodes; return them by problem id and sample."""
        tasks = [self._task(problem, plan, step) for problem, group in plans for plan in group]
        played = {(problem.id, plan.sample): _Played(plan=plan) for problem, group in plans for plan in group}
        if len(played) < len(tasks):
            raise TrainingError(
                "two episodes of a problem share a sample number, or two problems share an id"
            )

        def note(episode: EpisodeRecord) -> None:
            played[episode.problem_id, episode.sample].attempts.append(episode)

        def make_env(env_id: str) -> gymnasium.Env[str, str]:
            return self._make_env(env_id, problems)

        for start in range(0, len(tasks), MAX_THREADS):
            chunk = tasks[start : start + MAX_THREADS]
            with self._batcher.expecting(len(chunk)):
                run_rollouts(
                    chunk,
                    make_env=make_env,
                    on_episode=note,
                    workers=len(chunk),
                    max_failures_in_a_row=2 * len(chunk) + 1,  # never reached: `check_validity` decides
                )
        return played

    def _task(self, problem: Problem, plan: EpisodePlan, step: int) -> RolloutTask:
        settings = self._settings
        factory = PolicyFactory(
            self._policy,
            ModelOptions(
                # Other values would sample from another distribution than the one that is trained.
                temperature=1.0,
                top_p=1.0,
                max_completion_tokens=settings.max_completion_tokens,
                model_seed=step_seed(settings.seed, step),
            ),
            name=f"policy@{self._version}",
            batcher=self._batcher,
            prefix_ids=plan.prefix_ids,
            opening=plan.prompt,
        )
        return RolloutTask(
            env_id=settings.env_id, factory=factory, problem=problem, sample=plan.sample, seed=step
        )

    def _make_env(self, env_id: str, problems: Sequence[Problem]) -> gymnasium.Env[str, str]:
        """Make an environment without `gymnasium.make`, which copies all problems for each thread."""
        spec = copy.copy(gymnasium.spec(env_id))
        keywords = {**spec.kwargs, "problems": list(problems), "coverage": self._settings.coverage}
        env = SingleEnv(**keywords, judge=self._timed_judge)
        env.spec = spec
        return env

    def _groups(
        self, problems: Sequence[Problem], played: Mapping[tuple[str, int], _Played], step: int
    ) -> list[Group]:
        """Return the groups of each problem, with their valid episodes."""
        by_id = {problem.id: problem for problem in problems}
        members: dict[tuple[str, int], list[Scored]] = {}
        for (problem_id, _), each in sorted(played.items()):
            found = members.setdefault((problem_id, each.plan.group), [])
            if each.scored is None and each.attempts[-1].reward_valid:
                each.scored = self._scored(each, step)
            if each.scored is not None:
                found.append(each.scored)
        order = {problem.id: place for place, problem in enumerate(problems)}
        return [
            Group(problem=by_id[problem_id], members=tuple(members[problem_id, number]), number=number)
            for problem_id, number in sorted(members, key=lambda key: (order[key[0]], key[1]))
        ]

    def _scored(self, played: _Played, step: int) -> Scored:
        """Return the last attempt at an episode with the row that the algorithm makes of it."""
        plan, episode = played.plan, played.attempts[-1]
        group_id = f"{episode.problem_id}/{plan.group}" if plan.group else episode.problem_id
        row = row_of(episode, group_id=group_id, policy_version=self._version)
        scored = Scored(episode=episode, row=row, plan=plan)
        return replace(scored, row=self._algorithm.score_episode(scored))

    def _score(self, groups: Sequence[Group], step: int) -> list[Group]:
        """Have the algorithm score all groups."""
        generator = torch.Generator().manual_seed(step_seed(self._settings.seed, step))
        context = ScoringContext(step=step, generator=generator, tokenizer=self._policy.tokenizer)
        scored = self._algorithm.score_groups(groups, context)
        return list(asyncio.run(scored) if isinstance(scored, Coroutine) else scored)


@dataclass(kw_only=True, eq=False)
class _Played:
    """A planned episode with all attempts at it, in order."""

    plan: EpisodePlan
    attempts: list[EpisodeRecord] = field(default_factory=list)
    scored: Scored | None = None
    """The valid last attempt with its row, made once however often the groups are expanded."""


def _check_new(
    plans: Sequence[tuple[Problem, list[EpisodePlan]]], played: Mapping[tuple[str, int], _Played]
) -> None:
    """Refuse further plans that have the sample number of an episode that was played."""
    for problem, group in plans:
        for plan in group:
            if (problem.id, plan.sample) in played:
                raise TrainingError(
                    f"a further episode on {problem.id!r} repeats the sample number {plan.sample}"
                )


def check_validity(batch: RolloutBatch) -> None:
    """Raise TrainingError when more than half of the episodes have no reward."""
    if batch.invalid > MAX_INVALID_SHARE * len(batch.episodes):
        failed = next(episode for episode in batch.episodes if not episode.reward_valid)
        raise TrainingError(
            f"{batch.invalid} of {len(batch.episodes)} episodes of a step are not valid, more than half; the "
            f"first of them ended with {failed.stop_reason}: {failed.error}"
        )


def step_seed(seed: int, step: int) -> int:
    """Return the seed of the sampling in a step, in [0, 2**62); a hash, so that no two steps are related."""
    digest = hashlib.blake2b(f"sampling {seed} {step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 2
