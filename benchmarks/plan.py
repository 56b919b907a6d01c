"""Plan a benchmark: environments with their problems, agents, and the episodes in order."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium

from ..agents import AgentFactory, AgentIdentity, RolloutTask, agent_factory
from ..agents.engine.episode import recorded_kwargs
from ..envs import CodingEnv, environment_ids
from ..envs.judging import Judging
from ..envs.options import SPECIAL_OPTIONS
from ..envs.registration import has_option
from ..envs.selection import prepared_data
from ..envs.settings import default_require
from ..judge import Language
from ..problems import Problem, Selection, select_problems
from ..problems.catalog import WITH_DATA
from .config import BenchConfig
from .errors import BenchError


@dataclass(frozen=True, kw_only=True)
class EnvPlan:
    """An environment and the problems it plays."""

    env_id: str
    problems: tuple[Problem, ...] = field(repr=False)
    language: Language
    selection: dict[str, Any]
    """Arguments that selected the problems, as the records contain them."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Reasons by id of the problems in the set that are left out."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments of the environment, as plain values."""

    @property
    def keywords(self) -> dict[str, Any]:
        """The keyword arguments of the environment other than judge and problems."""
        return {"language": self.language.value, **self.options}

    def make(self, judge: Judging | None) -> gymnasium.Env[str, str]:
        """Make the environment with a judge that it shares."""
        return gymnasium.make(
            self.env_id, disable_env_checker=True, judge=judge, problems=self.problems, **self.keywords
        )

    def recorded_kwargs(self) -> dict[str, Any]:
        """Return the settings of the environment as the records contain them."""
        env = self.make(None)
        assert isinstance(env.unwrapped, CodingEnv)
        try:
            return {**recorded_kwargs(env.unwrapped), **self.selection}
        finally:
            env.close()


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A problem that an agent cannot play, with the reason."""

    agent: str
    problem_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class BenchPlan:
    """The environments, agents and episodes of a benchmark."""

    envs: tuple[EnvPlan, ...]
    agents: tuple[AgentIdentity, ...]
    tasks: tuple[RolloutTask, ...] = field(repr=False)
    """Episodes to play, problem by problem, so that a run that stops early compares all agents on the same
    problems."""
    skips: tuple[Skip, ...]

    @property
    def problems(self) -> list[Problem]:
        """The problems of all environments, each once."""
        # By identity: environments share problem objects, and a digest would have to read the tests.
        return list({id(problem): problem for env in self.envs for problem in env.problems}.values())


def make_plan(config: BenchConfig) -> BenchPlan:
    """Load the problems, make the agents' factories, and list the episodes.

    Raises:
        AgentError: An agent is unknown, or its package is not installed.
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
    """Return the seed of an episode; it is equal for all agents and environments, which are compared."""
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
                **{**where, "data": prepared_data(problem_set, where.get("data"))},
            )
        selected = loaded[problem_set, difficulty]
        if config.language is not Language.PYTHON:
            selected = selected.without_methods(config.language.value)
        problems = config.chosen(
            [p for p in selected.problems if not config.problems or p.id in config.problems]
        )
        recorded = {name: str(value) if name == "data" else list(value) for name, value in where.items()}
        envs.append(
            EnvPlan(
                env_id=env_id,
                problems=tuple(problems),
                language=config.language,
                selection=recorded,
                excluded=selected.excluded,
                options={
                    name: value
                    for name, value in config.env_keywords.items()
                    if name not in SPECIAL_OPTIONS or has_option(env_id, name)
                },
            )
        )
    _check_problems(config, envs, [problem.id for each in loaded.values() for problem in each.problems])
    return envs


def _selection(config: BenchConfig, problem_set: str) -> dict[str, Any]:
    """Return the arguments of the loader of a problem set."""
    names = [*(["data"] if problem_set in WITH_DATA else []), *(["window"] if problem_set == "lcb" else [])]
    return {name: getattr(config, name) for name in names if getattr(config, name) is not None}


def _check_problems(config: BenchConfig, envs: Sequence[EnvPlan], ids: Sequence[str]) -> None:
    """Refuse unknown ids, environments without problems, and options that no environment uses."""
    unknown = [problem_id for problem_id in config.problems if problem_id not in ids]
    if unknown:
        known = sorted(set(ids))
        near = [name for item in unknown for name in difflib.get_close_matches(item, known)]
        shown = ", ".join(list(dict.fromkeys([*near, *known]))[:20])
        raise BenchError(
            f"no environment has the problems {', '.join(unknown)}; they have, for example, {shown}"
        )
    for name in sorted(SPECIAL_OPTIONS & config.env_keywords.keys()):
        if not any(name in env.options for env in envs):
            raise BenchError(f"{name} applies to no environment in {', '.join(env.env_id for env in envs)}")
    for env in envs:
        if not env.problems:
            raise BenchError(f"{env.env_id} has none of the problems {', '.join(config.problems)}")
    sets = {gymnasium.spec(env.env_id).kwargs["problem_set"] for env in envs}
    if config.window and "lcb" not in sets:
        raise BenchError("window applies only to the LCB environments, but no such env is given")
    if config.data and sets.isdisjoint(WITH_DATA):
        raise BenchError(
            f"data applies only to environments over {', '.join(WITH_DATA)}, but no such env is given"
        )
