"""The results of a lab experiment, as claims and report read them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...agents import EpisodeRecord
from ..analysis.tally import Truncated
from .control import Control

HELDOUT, VALIDATION = "heldout", "validation"
LOW, HIGH = 0.0, 1.0
"""The alphas of the trained checkpoints: low and high coverage."""


@dataclass(frozen=True, kw_only=True)
class SeedResults:
    """The results of one seed of the reinforcement runs."""

    seed: int
    episodes: Mapping[str, Mapping[float, Sequence[EpisodeRecord]]] = field(repr=False)
    """Records of the evaluation by split (`heldout`, `validation`) and alpha, judged on all tests without
    stopping early. Alphas 0 and 1 are the trained checkpoints."""
    middle: Mapping[str, Sequence[EpisodeRecord]] = field(default_factory=dict, repr=False)
    """Records of the checkpoint under middle coverage by split; may be empty."""
    modes: Mapping[str, Mapping[float, Sequence[EpisodeRecord]]] = field(default_factory=dict, repr=False)
    """Records of the merges that were trained in three modes, by mode and alpha; may be empty."""
    curves: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict, repr=False)
    """Lines of metrics.jsonl by run: `low`, `high`, and `middle` if there is one."""
    served: Mapping[float, Sequence[EpisodeRecord]] = field(default_factory=dict, repr=False)
    """Records by alpha of held-out episodes that were also played over HTTP; may be empty."""
    merges: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """Contents of each merge.json; may be empty."""

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"a seed must be at least 0, got {self.seed!r}")
        if HELDOUT not in self.episodes:
            raise ValueError(
                f"seed {self.seed}: there must be episodes of {HELDOUT!r}, got {_listed(self.episodes)}"
            )
        for split, points in self.episodes.items():
            where = f"seed {self.seed}, split {split!r}"
            for alpha in (LOW, HIGH):
                if alpha not in points:
                    raise ValueError(f"{where}: alpha {alpha:g} is missing, got {_listed(points)}")
            for alpha, episodes in points.items():
                if not math.isfinite(alpha):
                    raise ValueError(f"{where}: alpha must be a finite number, got {alpha!r}")
                if not episodes:
                    raise ValueError(f"{where}, alpha {alpha:g}: there are no episodes")

    def alphas(self, split: str = HELDOUT) -> tuple[float, ...]:
        """Return the alphas of a split in ascending order."""
        return tuple(sorted(self.episodes[split]))


@dataclass(frozen=True, kw_only=True)
class LabResults:
    """The settings of an experiment and the results of every seed."""

    settings: Mapping[str, Any]
    """Settings as JSON values, which the report shows unchanged; must contain no times and no paths."""
    seeds: tuple[SeedResults, ...]
    sft: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """Lines of metrics.jsonl of the supervised start; may be empty."""
    truncated: Truncated = "count"
    """Whether episodes whose last reply was cut by the token limit count as not solved, or are left out."""
    controls: tuple[Control, ...] = ()
    """Controls of a smoke run."""
    notes: tuple[str, ...] = ()
    """Sentences that the report adds to its notes."""

    def __post_init__(self) -> None:
        try:
            json.dumps(dict(self.settings))
        except TypeError as error:
            raise ValueError(f"settings must be JSON values: {error}") from error
        if not self.seeds:
            raise ValueError("there must be results of at least one seed")
        numbers = [results.seed for results in self.seeds]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"each seed may appear once, got {numbers}")
        shapes = {
            tuple((split, each.alphas(split)) for split in sorted(each.episodes)) for each in self.seeds
        }
        if len(shapes) > 1:
            raise ValueError("every seed must have the same splits and alphas")

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of every seed, `heldout` first."""
        return (HELDOUT, *sorted(set(self.seeds[0].episodes) - {HELDOUT}))


def _listed(names: Mapping[Any, Any]) -> str:
    return ", ".join(map(repr, names)) or "none"
