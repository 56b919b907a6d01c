"""Schedules: the shares of easy, medium and hard problems as a fixed function of the step.

A schedule is over the difficulty of the problems or over the coverage: then the levels stand for a low, a
middle and a high coverage, and every problem is taken at every level.

References:
    The five schedules and their figures: "A Deep Dive into Scaling RL for Code Generation with Synthetic Data
    and Curricula", arXiv 2603.24202. There they run over 40 000 steps, and the levels are bins of the pass
    rate of a strong model over 32 samples.

Departures from the paper: phases are shares of a length that the user gives; the levels are the difficulties
that the problem set states, unless `levels` is `bins`; schedules over coverage are this project's own;
`uniform` is a control. The easy problems of `reverse_medium` are those of the bin between easy and medium
where levels are bins, as in the paper, and otherwise those of the level easy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...problems import Difficulty, Problem, check_coverage
from ...problems.synthesis import thirds
from .curriculum import LEVELS, SET, Curriculum, check_length

Phases = tuple[tuple[float, tuple[float, float, float]], ...]
"""Phases in order: where a phase ends, as a share of the length, and its shares of easy, medium and hard."""


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """Settings of a schedule."""

    length: int
    """Number of steps over which the schedule runs. Later steps are like the last."""
    over: Literal["difficulty", "coverage"] = "difficulty"
    """What rises: the `difficulty` of the problems, or the `coverage` of their tests."""
    levels: Literal["difficulty", "bins", "thirds"] = "difficulty"
    """What the levels are: the stated `difficulty`; the `bins` of the paper by the pass rate that
    `codefrontier problems synthesize` measured; or `thirds` of the set by this rate."""
    low: float = 0.25
    """Coverage of the level easy."""
    middle: float = 0.5
    """Coverage of the level medium."""
    high: float = 1.0
    """Coverage of the level hard."""

    def __post_init__(self) -> None:
        check_length("length", self.length)
        if self.over not in ("difficulty", "coverage"):
            raise ValueError(f"over must be difficulty or coverage, got {self.over!r}")
        if self.levels not in ("difficulty", "bins", "thirds"):
            raise ValueError(f"levels must be difficulty, bins or thirds, got {self.levels!r}")
        if self.over == "coverage" and self.levels != "difficulty":
            raise ValueError(f"levels {self.levels!r} need a schedule over the difficulty, not the coverage")
        for coverage in (self.low, self.middle, self.high):
            check_coverage(coverage)
        if not self.low < self.middle < self.high:
            raise ValueError(
                f"the coverages must ascend, got low {self.low}, middle {self.middle} and high {self.high}"
            )


def shares(phases: Phases, progress: float) -> tuple[float, float, float]:
    """Return the shares of easy, medium and hard.

    Args:
        phases: The phases of a schedule.
        progress: Share of the length that is over, at least 0; a step belongs to the phase that it begins in.
    """
    return next((found for end, found in phases if progress < end), phases[-1][1])


class Schedule(Curriculum):
    """The shares of three levels in phases.

    Args:
        settings: Settings of the schedule.
    """

    phases: Phases = ((1.0, (1 / 3, 1 / 3, 1 / 3)),)
    bins: Mapping[str, Difficulty] = {
        "easy": Difficulty.EASY,
        "medium": Difficulty.MEDIUM,
        "hard": Difficulty.HARD,
    }
    """Level of each bin of pass rates; problems of other bins are not taken."""

    def __init__(self, settings: ScheduleSettings) -> None:
        self.settings = settings

    @property
    def grades(self) -> bool:
        """Whether the levels are by pass rate."""
        return self.settings.levels != "difficulty"

    def grade(self, problems: Sequence[Problem]) -> Mapping[str, Difficulty | None]:
        """Return the level of each problem by its measured pass rate.

        Raises:
            ValueError: A problem has no pass rate.
        """
        without = [problem.id for problem in problems if "pass_rate" not in problem.metadata]
        if without:
            raise ValueError(
                f"levels {self.settings.levels!r} need problems of `codefrontier problems synthesize`, which "
                f"have a pass rate; {without[0]!r} has none"
            )
        if self.settings.levels == "thirds":
            return {**thirds({each.id: float(each.metadata["pass_rate"]) for each in problems})}
        return {each.id: self.bins.get(each.metadata["bin"]) for each in problems}

    def begin(self, environment: str, chains: Mapping[str, Sequence[Difficulty]]) -> None:
        """Check that the environment has problems of each level that the schedule ever takes."""
        if self.settings.over == "coverage":
            return
        known = chains.get(SET, ())
        wanted = [level for place, level in enumerate(LEVELS) if any(part[place] for _, part in self.phases)]
        missing = [str(level) for level in wanted if level not in known]
        if missing:
            raise ValueError(
                f"curriculum {self.name!r} needs problems of difficulty {' and '.join(missing)}, but "
                f"{environment} has only {', '.join(map(str, known)) or 'problems without a difficulty'}"
            )

    def levels(self, step: int, environment: str) -> Mapping[Difficulty, float]:
        """Return the shares of the levels in the phase of a step, if the schedule is over the difficulty."""
        if self.settings.over == "coverage":
            return {}
        return {level: share for level, share in zip(LEVELS, self._shares(step), strict=True) if share}

    def coverages(self, step: int) -> Mapping[float, float]:
        """Return the shares of the coverages in the phase of a step, if the schedule is over the coverage."""
        if self.settings.over == "difficulty":
            return {}
        given = (self.settings.low, self.settings.middle, self.settings.high)
        return {coverage: share for coverage, share in zip(given, self._shares(step), strict=True) if share}

    def _shares(self, step: int) -> tuple[float, float, float]:
        return shares(self.phases, step / self.settings.length)


class Uniform(Schedule):
    """A third of each level in all steps; the control of the other schedules."""

    name = "uniform"


class Soft(Schedule):
    """Levels that rise in four phases, with some problems of the other levels in each phase."""

    name = "soft"
    phases = (
        (7.5 / 40, (0.80, 0.15, 0.05)),
        (17.5 / 40, (0.15, 0.80, 0.05)),
        (30 / 40, (0.15, 0.40, 0.45)),
        (1.0, (0.05, 0.15, 0.80)),
    )


class Hard(Schedule):
    """Levels that rise in three phases, each nearly of one level; more than half of the run is hard."""

    name = "hard"
    phases = (
        (7.5 / 40, (0.90, 0.05, 0.05)),
        (17.5 / 40, (0.05, 0.90, 0.05)),
        (1.0, (0.05, 0.05, 0.90)),
    )


class Classic(Schedule):
    """From easy over medium to hard, with a mixture in between."""

    name = "classic"
    phases = (
        (10 / 40, (1.0, 0.0, 0.0)),
        (15 / 40, (0.75, 0.25, 0.0)),
        (25 / 40, (0.0, 1.0, 0.0)),
        (30 / 40, (0.0, 0.75, 0.25)),
        (1.0, (0.0, 0.0, 1.0)),
    )


class ReverseHard(Schedule):
    """From hard over medium to easy, with a mixture in between."""

    name = "reverse_hard"
    phases = (
        (10 / 40, (0.0, 0.0, 1.0)),
        (15 / 40, (0.0, 0.25, 0.75)),
        (25 / 40, (0.0, 1.0, 0.0)),
        (30 / 40, (0.25, 0.75, 0.0)),
        (1.0, (1.0, 0.0, 0.0)),
    )


class ReverseMedium(Schedule):
    """From medium to easy, without hard problems."""

    name = "reverse_medium"
    bins: Mapping[str, Difficulty] = {"easy-medium": Difficulty.EASY, "medium": Difficulty.MEDIUM}
    phases = (
        (17.5 / 40, (0.0, 1.0, 0.0)),
        (20 / 40, (0.25, 0.75, 0.0)),
        (1.0, (1.0, 0.0, 0.0)),
    )


@dataclass(frozen=True, kw_only=True)
class RampSettings:
    """Settings of a ramp."""

    length: int
    """Number of steps until the last coverage is reached."""
    start: float = 0.25
    """Coverage of the first step."""
    end: float = 1.0
    """Coverage of the step `length` and of later steps; it may be below `start`."""

    def __post_init__(self) -> None:
        check_length("length", self.length)
        check_coverage(self.start)
        check_coverage(self.end)


class CoverageRamp(Curriculum):
    """One coverage for all problems of a step, which moves linearly. This curriculum is this project's own.

    Args:
        settings: Settings of the ramp.
    """

    name = "coverage_ramp"

    def __init__(self, settings: RampSettings) -> None:
        self.settings = settings

    def coverages(self, step: int) -> Mapping[float, float]:
        """Return the coverage of a step."""
        start, end = self.settings.start, self.settings.end
        share = min(1.0, step / self.settings.length)
        # Rounded, so that the coverage in the records is a number that a reader recognises.
        return {round(start + (end - start) * share, 6): 1.0}
