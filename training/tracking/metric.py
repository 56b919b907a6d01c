"""What a metric is: a name in metrics.jsonl with a unit and a meaning; nested metrics as flat names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

SEPARATOR = "/"
"""Text between the keys of nested metrics, as in `verdicts/AC`."""
ANY = "*"
"""Key in the name of a metric that stands for any key, such as the name of an environment of the run."""


class Stage(StrEnum):
    """A kind of training; its members are the stages in run.json."""

    SFT = "sft"
    RL = "rl"
    DPO = "dpo"
    EQUILIBRIUM = "equilibrium"


class Unit(StrEnum):
    """The unit of a metric."""

    COUNT = "count"
    SHARE = "share"
    """A number in [0, 1]."""
    REWARD = "reward"
    TOKENS = "tokens"
    NATS = "nats"
    SECONDS = "s"
    TOKENS_PER_S = "tokens/s"
    RATE = "1/step"
    NORM = "norm"
    RATIO = "ratio"
    CORRELATION = "correlation"
    """A number in [-1, 1]."""
    COVERAGE = "coverage"
    """A number in (0, 1]."""
    LEVEL = "level"
    """A difficulty: 0 is easy, 1 medium and 2 hard."""
    UPDATES = "updates"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Range:
    """The values that a metric can have, bounds included; None where there is no bound."""

    lowest: float | None = None
    highest: float | None = None

    def __contains__(self, value: float) -> bool:
        return (self.lowest is None or value >= self.lowest - ROUNDING) and (
            self.highest is None or value <= self.highest + ROUNDING
        )

    def __str__(self) -> str:
        if self.lowest is None and self.highest is None:
            return "any"
        if self.highest is None:
            return f"at least {self.lowest:g}"
        return f"{self.lowest:g} to {self.highest:g}"


ROUNDING = 1e-6
"""Tolerance of a range for the rounding of sums and means."""
_RANGES: Mapping[Unit, Range] = {
    Unit.SHARE: Range(lowest=0, highest=1),
    Unit.COVERAGE: Range(lowest=0, highest=1),
    Unit.CORRELATION: Range(lowest=-1, highest=1),
    Unit.LEVEL: Range(lowest=0, highest=2),
    Unit.REWARD: Range(),
    Unit.NATS: Range(),
    Unit.TEXT: Range(),
}
"""Values by unit; of the other units, all numbers of at least 0."""


class Writer(StrEnum):
    """The runs of a stage that write a metric; the values are the words of the documentation."""

    EVERY = "every run"
    STALENESS = "`--staleness`"
    MIXTURE = "several `--env`"
    CURRICULUM = "`--curriculum`"
    PASS_RATE = "`--curriculum pass_rate`"
    STEPPING_STONES = "`--curriculum stepping_stones`"
    REPRO = "`--algorithm repro`"
    VERIFIED_GRPO = "`--algorithm verified_grpo`"
    FAILED = "a step that failed"


class Section(StrEnum):
    """A part of the page that draws the metrics, in the order of the page."""

    OUTCOME = "Reward, entropy and verdicts"
    SIGNAL = "Signal"
    EXERCISES = "Environments and curriculum"
    UPDATE = "Update"
    LENGTHS = "Lengths"
    TIMES = "Times"
    EPISODES = "Episodes"
    FAILURES = "Failures"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric of a step."""

    name: str
    """Name in metrics.jsonl, with slashes between the keys of nested metrics."""
    unit: Unit
    """Unit of the values."""
    meaning: str
    """What the values say, as a noun phrase."""
    section: Section
    """Part of the page in which the metric is drawn."""
    stages: frozenset[Stage] = frozenset({Stage.RL})
    """Stages that write the metric."""
    writer: Writer = Writer.EVERY
    """Runs of these stages that write the metric."""
    lowest: float | None = None
    """Lower bound of the values where it is not the bound of the unit."""

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers, which trackers take and figures draw."""
        return self.unit is not Unit.TEXT

    @property
    def range(self) -> Range:
        """The values that the metric can have."""
        own = _RANGES.get(self.unit, Range(lowest=0))
        return own if self.lowest is None else replace(own, lowest=self.lowest)

    @property
    def is_pattern(self) -> bool:
        """Whether the name has a key that stands for any key."""
        return ANY in self.name.split(SEPARATOR)

    def covers(self, name: str) -> bool:
        """Return whether a flat name in metrics.jsonl is a name of this metric."""
        own, given = self.name.split(SEPARATOR), name.split(SEPARATOR)
        return len(own) == len(given) and all(
            key in (ANY, word) for key, word in zip(own, given, strict=True)
        )

    @property
    def parent(self) -> str:
        """Name of the nested metrics that this metric is a part of; empty for a metric at the top."""
        return self.name.rpartition(SEPARATOR)[0]


def flatten(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested metrics as one mapping, with a slash between the keys."""
    flat: dict[str, Any] = {}
    for key, value in metrics.items():
        name = f"{prefix}{key}"
        flat.update(flatten(value, f"{name}{SEPARATOR}") if isinstance(value, Mapping) else {name: value})
    return flat


def numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers among nested metrics, without `step`, by their flat names."""
    return {
        name: float(value)
        for name, value in flatten(metrics).items()
        if name != "step" and isinstance(value, int | float) and not isinstance(value, bool)
    }
