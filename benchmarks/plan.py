"""What a benchmark is to play: environments with their problems, agents, and the episodes in order."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import gymnasium

from ..agents import AgentFactory, AgentIdentity, ModelOptions, RolloutTask, agent_factory
from ..agents.engine import FAILURE_KINDS, Caps, EpisodeLimits, FailureKind, Retries
from ..agents.rollout import recorded_kwargs
from ..envs import CodingEnv, environment_ids
from ..envs.judging import Judging
from ..envs.settings import default_require
from ..judge import Language
from ..problems import KnownBad, Problem, Require, Selection, select_problems
from .errors import BenchError


@dataclass(frozen=True, kw_only=True)
class BenchConfig:
    """All that decides a benchmark, checked."""

    env: tuple[str, ...]
    """Ids of environments, for example `Classics-single`."""
    agent: tuple[str, ...]
    """Agents: `reference`, `slow`, `wrong`, `crash`, `silent`, or `litellm:<model>`."""
    out: Path
    """Folder for config.json and records.jsonl; made if need be, and refused when it is not empty."""
    resume: bool = False
    """Go on with the run in `out`: play what is missing or was not valid, and nothing else."""
    samples: int = 1
    """Episodes of each agent per problem and environment."""
    seed: int = 0
    """Of the environments."""
    workers: int = 2
    """Episodes at a time; with the engine `ray`, actors."""
    model_calls: int | None = None
    """Agents that act at a time; as many as there are episodes unless given."""
    sandboxes: int | None = None
    """Episodes with a workspace (mode agentic) at a time; as many as there are episodes unless given."""
    judge_runs: int | None = None
    """Submissions judged at a time; as many as there are episodes unless given."""
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    """What an episode may use."""
    retry: tuple[FailureKind, ...] = FAILURE_KINDS
    """After which failures an episode is played again, in this run and when it is resumed."""
    engine: Literal["local", "ray"] = "local"
    """Where environments and judges are: in this process, or in actors of Ray."""
    ray_address: str = "ray://local"
    """Of Ray: `ray://local` starts one, `ray://auto` takes that of this machine, or `ray://HOST:PORT`."""
    data: Path | None = None
    """Where the problems of LiveCodeBench are: a JSONL file, or a folder of them."""
    window: tuple[str, str] | None = None
    """First and last contest date, each included, for example `2025-01-01 2025-04-30`."""
    problems: tuple[str, ...] = ()
    """Ids of the problems to play; all unless given."""
    language: Language = Language.PYTHON
    """What submissions are written in."""
    require: Require | None = None
    """`proved` plays only problems that `problems check` has proved; None: for the embedded set."""
    known_bad: KnownBad = "exclude"
    """Whether to leave out the problems of LiveCodeBench that it cannot judge right."""
    remember: bool = False
    """Take over verdict and times of a run that was judged before (same program, test and limits)."""
    model: ModelOptions = field(default_factory=ModelOptions)
    """Of the litellm agents."""

    def __post_init__(self) -> None:
        for name, low in (("samples", 1), ("workers", 1), ("seed", 0)):
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be at least {low}, got {getattr(self, name)!r}")
        for name in ("env", "agent"):
            values = getattr(self, name)
            if not values:
                raise ValueError(f"at least one {name} is needed")
            if len(set(values)) < len(values):
                raise ValueError(f"each {name} may be named once, got {', '.join(values)}")
        if self.engine == "ray" and self.remember:
            raise ValueError("remember applies to the engine 'local' only")
        _ = self.caps, self.retries  # each refuses what is not allowed

    @property
    def caps(self) -> Caps:
        """What goes on at a time."""
        return Caps(
            episodes=self.workers,
            model_calls=self.model_calls,
            sandboxes=self.sandboxes,
            judge_runs=self.judge_runs,
        )

    @property
    def retries(self) -> Retries:
        """How often what failed is played again."""
        return Retries.only(self.retry)


@dataclass(frozen=True, kw_only=True)
class EnvPlan:
    """An environment and the problems it plays."""

    env_id: str
    problems: tuple[Problem, ...] = field(repr=False)
    language: Language
    selection: dict[str, Any]
    """How the problems were found, as it is recorded."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Problems of the set that are left out, with the reason of each."""

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments of the environment but for its judge and problems."""
        return {"language": self.language.value}

    def make(self, judge: Judging | None) -> gymnasium.Env[str, str]:
        """Make the environment, sharing a judge."""
        return gymnasium.make(
            self.env_id, disable_env_checker=True, judge=judge, problems=self.problems, **self.keywords
        )

    def recorded_kwargs(self) -> dict[str, Any]:
        """Return the settings as the records will have them."""
        env = self.make(None)
        assert isinstance(env.unwrapped, CodingEnv)
        try:
            return {**recorded_kwargs(env.unwrapped), **self.selection}
        finally:
            env.close()


@dataclass(frozen=True, kw_only=True)
class Skip:
    """An agent that cannot play some problem."""

    agent: str
    problem_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class BenchPlan:
    """What is to be played."""

    envs: tuple[EnvPlan, ...]
    agents: tuple[AgentIdentity, ...]
    tasks: tuple[RolloutTask, ...] = field(repr=False)
    """Problem by problem, so that a run that is stopped has compared all agents on what it played."""
    skips: tuple[Skip, ...]

    @property
    def problems(self) -> list[Problem]:
        """Every problem once."""
        return list({id(problem): problem for env in self.envs for problem in env.problems}.values())


def make_plan(config: BenchConfig) -> BenchPlan:
    """Load the problems, make the agents' factories, and list the episodes.

    Raises:
        AgentError: An agent's spec is unknown, or its package is missing.
        BenchError: An environment or a problem is unknown, or there is nothing to play.
        ProblemError: A problem set cannot be loaded.
        ValueError: A setting is not allowed.
    """
    factories = [agent_factory(spec, config.model) for spec in config.agent]
    envs = _plan_envs(config)
    tasks: list[RolloutTask] = []
    skips: dict[tuple[str, str], Skip] = {}
    for env in envs:
        for problem in env.problems:
            able = []
            for factory in factories:
                reason = factory.obstacle(problem, config.language)
                name = factory.identity.name
                if reason:
                    skips[name, problem.id] = Skip(agent=name, problem_id=problem.id, reason=reason)
                else:
                    able.append(factory)
            tasks += _tasks(config, env, problem, able)
    if not tasks:
        raise BenchError(f"there is nothing to play: {next(iter(skips.values())).reason}")
    return BenchPlan(
        envs=tuple(envs),
        agents=tuple(config.limits.applied_to(factory.identity) for factory in factories),
        tasks=tuple(tasks),
        skips=tuple(skips.values()),
    )


def _tasks(
    config: BenchConfig, env: EnvPlan, problem: Problem, factories: Sequence[AgentFactory]
) -> list[RolloutTask]:
    return [
        RolloutTask(
            env_id=env.env_id,
            selection=env.selection,
            factory=factory,
            problem=problem,
            sample=sample,
            seed=episode_seed(config.seed, problem.id, sample),
            limits=config.limits,
        )
        for sample in range(config.samples)
        for factory in factories
    ]


def episode_seed(seed: int, problem_id: str, sample: int) -> int:
    """Return the seed of an episode: the same for every agent and environment, so that they compare."""
    described = f"{seed}:{sample}:{problem_id}".encode()
    return int.from_bytes(hashlib.sha256(described).digest()[:4], "big")


def _plan_envs(config: BenchConfig) -> list[EnvPlan]:
    known = environment_ids()
    for env_id in config.env:
        if env_id not in known:
            raise BenchError(f"unknown environment {env_id!r}: must be one of {', '.join(known)}")
    loaded: dict[tuple[str, str | None], Selection] = {}
    envs = []
    for env_id in config.env:
        keywords = gymnasium.spec(env_id).kwargs
        problem_set, difficulty = keywords["problem_set"], keywords["difficulty"]
        where = _selection(config, problem_set)
        if (problem_set, difficulty) not in loaded:
            loaded[problem_set, difficulty] = select_problems(
                problem_set,
                difficulty=difficulty,
                require=config.require or default_require(problem_set),
                known_bad=config.known_bad,
                **where,
            )
        selected = loaded[problem_set, difficulty]
        if config.language is not Language.PYTHON:
            selected = selected.without_methods(config.language.value)
        problems = [p for p in selected.problems if not config.problems or p.id in config.problems]
        recorded = {name: str(value) if name == "data" else list(value) for name, value in where.items()}
        envs.append(
            EnvPlan(
                env_id=env_id,
                problems=tuple(problems),
                language=config.language,
                selection=recorded,
                excluded=selected.excluded,
            )
        )
    _check_problems(config, envs, [problem.id for each in loaded.values() for problem in each.problems])
    return envs


def _selection(config: BenchConfig, problem_set: str) -> dict[str, Any]:
    """Return the arguments of the loader: those of LiveCodeBench are for it alone."""
    where = {name: getattr(config, name) for name in ("data", "window") if getattr(config, name) is not None}
    return where if problem_set == "lcb" else {}


def _check_problems(config: BenchConfig, envs: Sequence[EnvPlan], ids: Sequence[str]) -> None:
    """Refuse unknown ids, environments that are left without a problem, and options nobody uses."""
    unknown = [problem_id for problem_id in config.problems if problem_id not in ids]
    if unknown:
        known = sorted(set(ids))
        near = [name for item in unknown for name in difflib.get_close_matches(item, known)]
        shown = ", ".join(list(dict.fromkeys([*near, *known]))[:20])
        raise BenchError(
            f"no environment has the problems {', '.join(unknown)}; they have, for example, {shown}"
        )
    for env in envs:
        if not env.problems:
            raise BenchError(f"{env.env_id} has none of the problems {', '.join(config.problems)}")
    if (config.data or config.window) and not any(env.env_id.startswith("LCB") for env in envs):
        raise BenchError("data and window apply to the LCB environments only, and none is asked for")
