"""What a metric is: a name in metrics.jsonl with a unit and a meaning; nested metrics as flat names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SEPARATOR = "/"
"""Text between the keys of nested metrics, as in `verdicts/AC`."""


class Stage(StrEnum):
    """A kind of training; its members are the stages in run.json."""

    SFT = "sft"
    RL = "rl"


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
    TEXT = "text"


class Section(StrEnum):
    """A part of the page that draws the metrics, in the order of the page."""

    OUTCOME = "Reward, entropy and verdicts"
    SIGNAL = "Signal"
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

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers, which trackers take and figures draw."""
        return self.unit is not Unit.TEXT

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
