"""The exercises of a run: which problems are played in which environment and under which coverage.

A step divides its problems among the environments by their weights, and within an environment among the
levels or coverages of the curriculum. All choices depend on the seed, the step and what the curriculum has
observed, so a resumed run takes the same exercises as a run that was never stopped.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from ...judge import FailureClass
from ...problems import Difficulty, Problem
from ..algorithms.algorithm import Group
from ..curricula.curriculum import LEVELS, Curriculum, Result
from ..curricula.registry import make_curriculum
from ..errors import TrainingError
from ..options import parse_options
from ..seeds import derived_seed
from ..settings import RLSettings
from .environments import TrainingEnvironment, check_held_out, parse_environments
from .problem_stream import ProblemStream, check_selection, has_enough_tests


@dataclass(frozen=True, kw_only=True, eq=False)
class Exercise:
    """A problem to play in an environment, under a coverage."""

    environment: TrainingEnvironment
    problem: Problem
    coverage: float

    @property
    def key(self) -> str:
        """Text that is equal for exercises in the same environment under the same coverage."""
        return f"{self.environment.name}@{self.coverage!r}"


def allot(weights: Sequence[float], count: int, uniform: float) -> list[int]:
    """Divide a number of places by weights.

    Each share is its exact part of `count`, rounded down or up, and on average over `uniform` it is exact
    (systematic sampling).

    Args:
        weights: Positive weights.
        count: Number of places.
        uniform: A uniform random number in [0, 1).

    Returns:
        The number of places for each weight; they add up to `count`.
    """
    total = sum(weights)
    bounds, reached = [0], 0.0
    for weight in weights[:-1]:
        reached += weight
        # Places lie at uniform, uniform + 1, ... on a line of the length `count`.
        bounds.append(min(count, max(bounds[-1], -int((uniform - reached / total * count) // 1))))
    return [end - begin for begin, end in zip(bounds, [*bounds[1:], count], strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A number of exercises in one environment, of one level."""

    environment: TrainingEnvironment
    level: Difficulty | None
    count: int


class ExerciseSource:
    """The endless source of exercises of a run.

    Args:
        environments: The environments of the run.
        curriculum: The curriculum.
        seed: Seed of all choices.
        split: Split of the Families.
        held_out: Ids of problems that are never taken.
        problems: Stream of the problems of the only environment; its own problems unless given.

    Raises:
        TrainingError: The curriculum does not fit an environment, a held-out id is unknown, or there is a
            stream of problems for several environments.
    """

    def __init__(
        self,
        environments: Sequence[TrainingEnvironment],
        *,
        curriculum: Curriculum,
        seed: int = 0,
        split: str = "train",
        held_out: Sequence[str] = (),
        problems: ProblemStream | None = None,
    ) -> None:
        self.environments = _graded(environments, curriculum)
        self.curriculum = curriculum
        self._seed, self._split = seed, split
        self._held_out = frozenset(held_out)
        self._given = problems
        self._streams: dict[tuple[int, Difficulty | None], ProblemStream] = {}
        if problems is not None and (len(self.environments) > 1 or held_out):
            raise TrainingError("a stream of problems goes with a single environment, without held-out ids")
        check_held_out(self.environments, held_out)
        if type(curriculum).begin is not Curriculum.begin:  # otherwise the problem sets need not be loaded
            for each in self.environments:
                try:
                    curriculum.begin(each.name, {} if problems is not None else each.chains(split))
                except ValueError as error:
                    raise TrainingError(str(error)) from error

    @classmethod
    def of(cls, settings: RLSettings, problems: ProblemStream | None = None) -> ExerciseSource:
        """Make the source of the settings.

        Raises:
            ValueError: An environment or the curriculum is unknown, or a value of theirs is not allowed.
            TrainingError: As for the class.
        """
        options = parse_options(settings.curriculum_options, of="the curriculum")
        return cls(
            parse_environments(settings),
            curriculum=make_curriculum(settings.curriculum, options),
            seed=settings.seed,
            split=settings.split,
            held_out=settings.held_out,
            problems=problems,
        )

    @property
    def needs_all_runs(self) -> bool:
        """Whether some environment needs a run for every selected test."""
        return any(each.needs_all_runs for each in self.environments)

    def take(
        self,
        count: int,
        *,
        step: int,
        turn: int = 0,
        but: AbstractSet[str] = frozenset(),
        at_least: int | None = None,
    ) -> list[Exercise]:
        """Return the next exercises; no two of a step have problems of the same id.

        Args:
            count: Number of exercises to return.
            step: Number of steps of the run taken so far.
            turn: Number of the call within the step, from 0.
            but: Ids of problems that the step already has.
            at_least: Smallest number that is acceptable; `count` unless given. Environments that have too few
                problems then give fewer.

        Raises:
            TrainingError: There are too few different problems, or a coverage selects too few tests.
            ProblemError: A problem set cannot be loaded.
        """
        draw = _draws(self._seed, step, turn)
        needed = count if at_least is None else at_least
        found: list[Exercise] = []
        for part in self._parts(count, step, draw):
            seen = {*but, *(each.problem.id for each in found)}
            problems = self._problems(
                part, step, draw, but=seen, at_least=part.count if needed == count else 0
            )
            found += self._under_coverages(part.environment, problems, step, draw)
        if len(found) < needed:
            raise TrainingError(f"there are {len(found)} different problems, fewer than {needed}")
        return found

    def observe(self, exercises: Sequence[Exercise], groups: Sequence[Group]) -> None:
        """Tell the curriculum how the exercises of a step went.

        Args:
            exercises: All exercises of the step.
            groups: The groups of these exercises. Groups of further episodes with other prompts, such as
                repairs, do not count, nor do continuations of episodes.
        """
        by_id = {each.problem.id: each.environment.name for each in exercises}
        results = [
            Result(
                problem=group.problem,
                environment=by_id[group.problem.id],
                solved=tuple(each.failure_class is FailureClass.SOLVED for each in group.attempts),
            )
            for group in groups
            if group.number == 0 and group.attempts
        ]
        self.curriculum.observe(results)

    def metrics(self, exercises: Sequence[Exercise], groups: Sequence[Group]) -> dict[str, Any]:
        """Return the figures of a step by environment and of the curriculum; empty for a plain run."""
        found: dict[str, Any] = {}
        if len(self.environments) > 1:
            found["environments"] = {
                each.name: _figures(each, exercises, groups) for each in self.environments
            }
        if type(self.curriculum) is not Curriculum:
            coverages = [each.coverage for each in exercises]
            found["curriculum"] = {
                "coverage_mean": sum(coverages) / max(1, len(coverages)),
                **{
                    f"{level}_share": sum(each.problem.difficulty is level for each in exercises)
                    / max(1, len(exercises))
                    for level in LEVELS
                },
                **self.curriculum.metrics(),
            }
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return how far each stream is, and the state of the curriculum, as JSON values."""
        return {
            "taken": {_key(*where): stream.taken for where, stream in self._streams.items()},
            "curriculum": self.curriculum.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned."""
        for key, taken in state["taken"].items():
            place, _, level = key.partition(":")
            self._stream(self.environments[int(place)], Difficulty(level) if level else None).skip_to(taken)
        self.curriculum.load_state_dict(state["curriculum"])

    def _parts(self, count: int, step: int, draw: random.Random) -> list[_Part]:
        """Divide the exercises of a step among the environments and levels."""
        parts = []
        weights = [each.weight for each in self.environments]
        numbers = allot(weights, count, draw.random())
        for environment, number in zip(self.environments, numbers, strict=True):
            levels: Mapping[Any, float] = self.curriculum.levels(step, environment.name) or {None: 1.0}
            shares = allot(list(levels.values()), number, draw.random())
            parts += [
                _Part(environment=environment, level=level, count=share)
                for level, share in zip(levels, shares, strict=True)
            ]
        return parts

    def _problems(
        self, part: _Part, step: int, draw: random.Random, *, but: AbstractSet[str], at_least: int
    ) -> list[Problem]:
        environment = part.environment
        lowest = min(self.curriculum.coverages(step), default=environment.coverage)
        # Problems of finite sets may have few tests; problems of the Families and of a stream are alike.
        is_mixed = not environment.is_families and self._given is None

        def accepts(problem: Problem) -> bool:
            taken = self.curriculum.accepts(problem, environment.name, draw=draw.random())
            return taken and (not is_mixed or has_enough_tests(problem, lowest))

        stream = self._stream(environment, part.level)
        try:
            return stream.take(part.count, but=but, at_least=at_least, accepts=accepts)
        except TrainingError as error:
            if len(self.environments) == 1 and part.level is None:
                raise
            level = f", difficulty {part.level}" if part.level else ""
            raise TrainingError(f"{environment.name}{level}: {error}") from error

    def _under_coverages(
        self, environment: TrainingEnvironment, problems: Sequence[Problem], step: int, draw: random.Random
    ) -> list[Exercise]:
        """Give each problem a coverage, and check that it selects enough tests."""
        shares = self.curriculum.coverages(step) or {environment.coverage: 1.0}
        numbers = allot(list(shares.values()), len(problems), draw.random())
        coverages = [each for each, number in zip(shares, numbers, strict=True) for _ in range(number)]
        draw.shuffle(coverages)
        for problem, coverage in zip(problems, coverages, strict=True):
            check_selection(problem, coverage)
        return [
            Exercise(environment=environment, problem=problem, coverage=coverage)
            for problem, coverage in zip(problems, coverages, strict=True)
        ]

    def _stream(self, environment: TrainingEnvironment, level: Difficulty | None) -> ProblemStream:
        where = (environment.place, level)
        if where not in self._streams:
            self._streams[where] = self._given or environment.stream(
                split=self._split, seed=self._seed, level=level, held_out=self._held_out
            )
        return self._streams[where]


def _graded(
    environments: Sequence[TrainingEnvironment], curriculum: Curriculum
) -> tuple[TrainingEnvironment, ...]:
    """Let a curriculum that has levels of its own grade the problems of the environments."""
    if not curriculum.grades:
        return tuple(environments)
    for each in environments:
        if each.is_families:
            raise TrainingError(
                f"the levels of curriculum {curriculum.name!r} are by pass rate, and the problems of "
                f"{each.env_id} have none: take the problems of a synthesis with Folder-single,data=PATH"
            )
    return tuple(replace(each, grade=curriculum.grade) for each in environments)


def exercises_of(settings: RLSettings, problems: ProblemStream | ExerciseSource | None) -> ExerciseSource:
    """Return the source of exercises of a run; see the argument `problems` of `train`."""
    return problems if isinstance(problems, ExerciseSource) else ExerciseSource.of(settings, problems)


def exercises_state(progress: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the state of the exercises in the progress of a checkpoint, also of an earlier version."""
    if "exercises" in progress:
        return dict(progress["exercises"])
    return {"taken": {"0": int(progress["problems_taken"])}, "curriculum": {}}


def _figures(
    environment: TrainingEnvironment, exercises: Sequence[Exercise], groups: Sequence[Group]
) -> dict[str, float]:
    """Return the number of problems of an environment in a step, and the mean reward of attempts at them."""
    ids = {each.problem.id for each in exercises if each.environment is environment}
    rewards = [each.reward for group in groups if group.problem.id in ids for each in group.attempts]
    return {"problems": len(ids), "reward_mean": sum(rewards) / max(1, len(rewards))}


def _key(place: int, level: Difficulty | None) -> str:
    return f"{place}:{level}" if level else str(place)


def _draws(seed: int, step: int, turn: int) -> random.Random:
    """Return the random numbers of a call in a step."""
    return random.Random(derived_seed("exercises", seed, step, turn, bits=64))
