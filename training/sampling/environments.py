"""The environments of a training run: their settings, their problems, and how they are made."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator

from ...envs import CodingEnv, EnvSettings, Mode, environment_ids
from ...envs.judging import Judging
from ...envs.options import SPECIAL_OPTIONS
from ...envs.registration import has_option
from ...envs.rewards import NEED_EVERY_RUN
from ...envs.selection import ProblemPool
from ...judge import Language
from ...problems import Difficulty, Problem, TaskKind
from ...problems.catalog import WITH_DATA
from ...problems.families import SET_FAMILIES
from ...problems.formats import ROW_FORMATS
from ..curricula.curriculum import LEVELS, SET
from ..errors import TrainingError
from ..options import parse_options, text_fields, typed_options
from ..settings import RLSettings, TrainEnvOptions
from .problem_stream import EPOCH_STRIDE, Maker, ProblemStream, families_stream, family_levels

PLACE_STRIDE = 7_368_787
"""Difference between the seeds of two environments of a run, so that they have different orders."""
OF_THE_SET = ("data", "window", "require", "known_bad")
"""Options that select the problems of a set; an environment that is given problems does not take them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingEnvironment:
    """One of the environments of a run."""

    env_id: str
    """Id of a registered environment."""
    place: int = 0
    """Number of the environment among the environments of the run."""
    weight: float = 1.0
    """Share of the problems of a step, relative to the other environments."""
    coverage: float = 1.0
    """Share of the hidden tests that decides the reward, unless a curriculum says otherwise."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments of the environment."""
    grade: Callable[[Sequence[Problem]], Mapping[str, Difficulty | None]] | None = field(
        default=None, repr=False, compare=False
    )
    """Gives the problems their levels; None keeps their difficulty. Not for the Families."""

    @classmethod
    def parse(cls, text: str, *, place: int, coverage: float, shared: TrainEnvOptions) -> TrainingEnvironment:
        """Read an environment of the settings.

        Args:
            text: `ID`, `ID:WEIGHT` or `ID:WEIGHT,FIELD=VALUE,...`; the fields are `coverage` and the fields
                of `TrainEnvOptions` that can be written as text.
            place: Number of the environment.
            coverage: Coverage unless the text has another.
            shared: Options that all environments share, as far as they apply to the environment.

        Raises:
            ValueError: The text has another form, or a value is not allowed.
        """
        head, *words = text.split(",")
        env_id, colon, number = head.partition(":")
        if env_id not in environment_ids():
            raise ValueError(f"env must be one of {', '.join(environment_ids())}, got {env_id!r}")
        fields = {**text_fields(TrainEnvOptions), "coverage": float}
        own = typed_options(
            parse_options(words, of=f"env {env_id!r}"), fields, owner=f"env {env_id!r}", flag=f"{env_id},"
        )
        options = {
            name: value for name, value in shared.keywords.items() if _applies(name, env_id)
        } | TrainEnvOptions(**{name: value for name, value in own.items() if name != "coverage"}).keywords
        made = cls(
            env_id=env_id,
            place=place,
            weight=_weight(text, number if colon else "1"),
            coverage=own.get("coverage", coverage),
            options=options,
        )
        made._check()
        return made

    @property
    def name(self) -> str:
        """The name among the environments of the run; equal ids differ in the number."""
        return f"{self.env_id}#{self.place}"

    @cached_property
    def mode(self) -> Mode:
        """The mode of the environment."""
        return self._kind.mode

    @property
    def is_families(self) -> bool:
        """Whether the problems are from the Families, which have hundreds of thousands of problems."""
        return self._spec.kwargs["problem_set"] in SET_FAMILIES

    @property
    def _families(self) -> tuple[str, ...]:
        """Names of the families in the set."""
        return SET_FAMILIES[self._spec.kwargs["problem_set"]]

    @property
    def language(self) -> Language:
        """The programming language of submissions."""
        return Language(self._settings().language)

    @property
    def needs_all_runs(self) -> bool:
        """Whether the reward, or what the agent sees before the end, needs a run for every selected test."""
        settings = self._settings()
        told = settings.shown_feedback in ("counts", "first_failure")
        return (
            settings.reward in NEED_EVERY_RUN
            or settings.answers > 1
            or (told and settings.max_submissions > 1)
        )

    @property
    def selection(self) -> dict[str, Any]:
        """How the problems were selected, as JSON values for the records."""
        given = {name: self.options[name] for name in ("data", "window") if name in self.options}
        return {name: str(value) if name == "data" else list(value) for name, value in given.items()}

    def make(
        self, judge: Judging | None, problems: Sequence[Problem], *, coverage: float, answers: int = 1
    ) -> CodingEnv:
        """Make the environment with problems, without `gymnasium.make`, which copies all of them.

        Args:
            judge: Judge of the environment; None starts one when needed.
            problems: Problems of its episodes.
            coverage: Share of the tests that decide the reward.
            answers: Number of answers in a reply that the algorithm wants, unless the options have one; only
                mode single has several.
        """
        spec = copy.copy(self._spec)
        keywords = {name: value for name, value in self.options.items() if name not in OF_THE_SET}
        if answers > 1:
            keywords.setdefault("answers", answers)
        env = self._kind(
            **{**spec.kwargs, **keywords, "coverage": coverage}, problems=list(problems), judge=judge
        )
        env.spec = spec
        return env

    def stream(
        self,
        *,
        split: str,
        seed: int,
        level: Difficulty | None = None,
        held_out: AbstractSet[str] = frozenset(),
    ) -> ProblemStream:
        """Return the endless stream of the problems to train on.

        Args:
            split: Split of the Families; other sets are taken whole.
            seed: Seed of the order, which differs between the environments of a run.
            level: Difficulty of the problems; None takes all.
            held_out: Ids of problems that are left out.

        Raises:
            ProblemError: The problem set cannot be loaded.
            ValueError: The split is unknown.
        """
        own_seed = seed + PLACE_STRIDE * self.place
        if self.is_families:
            return families_stream(
                split, seed=own_seed, level=level, held_out=held_out, families=self._families
            )
        problems = [
            problem
            for problem in self.problems
            if problem.id not in held_out and level in (None, problem.difficulty)
        ]

        def epoch(number: int) -> Iterator[Maker]:
            order = random.Random(f"{self.env_id} {own_seed + EPOCH_STRIDE * number}")
            for problem in order.sample(problems, len(problems)):
                yield partial(_same, problem)

        return ProblemStream(epoch)

    def chains(self, split: str) -> dict[str, tuple[Difficulty, ...]]:
        """Return the levels of the problems in each chain, in ascending order; see `Curriculum.begin`."""
        if self.is_families:
            chains = family_levels(split, self._families)
            known = {level for levels in chains.values() for level in levels}
        else:
            chains = {}
            known = {problem.difficulty for problem in self.problems if problem.difficulty is not None}
        return {**chains, SET: tuple(level for level in LEVELS if level in known)}

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the set, for sets other than the Families; they are loaded at first use."""
        problems = ProblemPool.of(self._settings()).problems
        if self.grade is None:
            return problems
        levels = self.grade(problems)
        return tuple(replace(problem, difficulty=levels[problem.id]) for problem in problems)

    def _check(self) -> None:
        """Raise ValueError if the options do not go together."""
        settings = self._settings()
        if self.mode is not Mode.SINGLE and settings.answers > 1:
            raise ValueError(f"answers must be 1 in {self.env_id}, got {settings.answers!r}")
        if self.mode is Mode.SINGLE and settings.max_turns not in (None, settings.max_submissions):
            raise ValueError(
                f"{self.env_id} has as many turns as submissions, {settings.max_submissions}, so max_turns "
                f"cannot be {settings.max_turns!r}"
            )

    def _settings(self) -> EnvSettings:
        kind = self._kind.settings_type
        return kind(**{**self._spec.kwargs, **self.options, "coverage": self.coverage})

    @property
    def _spec(self) -> Any:
        return gymnasium.spec(self.env_id)

    @property
    def _kind(self) -> type[CodingEnv]:
        kind: object = load_env_creator(self._spec.entry_point)
        assert isinstance(kind, type)
        assert issubclass(kind, CodingEnv)
        return kind


def parse_environments(settings: RLSettings) -> tuple[TrainingEnvironment, ...]:
    """Read the environments of the settings.

    Raises:
        ValueError: An environment is unknown, a value is not allowed, or an option applies to none of them.
    """
    shared = settings.env_options
    found = tuple(
        TrainingEnvironment.parse(text, place=place, coverage=settings.coverage, shared=shared)
        for place, text in enumerate(settings.env)
    )
    for name, value in shared.keywords.items():
        if not any(_applies(name, each.env_id) for each in found):
            raise ValueError(f"{name} {value!s} applies to no environment in {', '.join(settings.env)}")
    return found


def check_held_out(environments: Sequence[TrainingEnvironment], ids: Sequence[str]) -> None:
    """Raise TrainingError when a held-out problem is in no environment, so that no typing error goes unseen.

    Environments of the Families are not searched: with such an environment, every id is accepted.
    """
    if not ids or any(each.is_families for each in environments):
        return
    known = {problem.id for each in environments for problem in each.problems}
    unknown = [each for each in ids if each not in known]
    if unknown:
        raise TrainingError(
            f"no environment has the held-out problems {', '.join(unknown)}; they have, for example, "
            f"{', '.join(sorted(known)[:5])}"
        )


def _applies(name: str, env_id: str) -> bool:
    """Whether an option of all environments applies to one of them."""
    problem_set = gymnasium.spec(env_id).kwargs["problem_set"]
    if name == "window":
        return bool(problem_set == "lcb")
    if name == "data":
        return problem_set in WITH_DATA
    if name == "known_bad":
        return problem_set in ROW_FORMATS
    if name == "strict":
        return bool(problem_set == TaskKind.ABDUCTION)
    if name in SPECIAL_OPTIONS:
        return has_option(env_id, name)
    if name == "max_turns":  # in mode single, the number of submissions is the number of turns
        return not env_id.endswith(f"-{Mode.SINGLE}")
    if name == "answers":
        return env_id.endswith(f"-{Mode.SINGLE}")
    return name != "require" or problem_set == "classics"


def _weight(text: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise ValueError(f"the weight in env {text!r} must be a positive number, got {number!r}")
    return weight


def _same(problem: Problem) -> Problem:
    return problem
