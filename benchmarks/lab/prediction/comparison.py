"""Compare predicted checkpoints with their controls: paired tests on the problems that all have played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ....agents import EpisodeRecord
from ...analysis.clustered import clustered_mean
from ...analysis.outcomes import SOLVED, count_point, shared_problems
from ...analysis.paired import holm, sign_flip
from ...analysis.statistics import Floats, Interval
from .arms import CONTROLS, PREDICTION

REAL = "real end"
LEVEL = 0.05
AS_GOOD = -0.03
"""The prediction is as good as the real end if its interval lies above this difference in solve rate."""
_SEED = 2605


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The prediction from a prefix against another checkpoint."""

    prefix: int
    """Number of steps that the prediction knows."""
    control: str
    difference: Interval
    """Solve rate of the prediction minus that of the control: mean over seeds and problems."""
    by_seed: tuple[float, ...]
    """The difference of each seed."""
    p: float
    """p value of the sign flips; corrected by Holm, except against the real end."""

    @property
    def verdict(self) -> str:
        """What the test says, as stated beforehand."""
        if self.control == REAL:
            return "as good" if self.difference.low > AS_GOOD else "not shown to be as good"
        if self.p >= LEVEL:
            return "undecided"
        return "beats" if self.difference.estimate > 0 else "loses"


@dataclass(frozen=True, kw_only=True, eq=False)
class SolveRates:
    """Solve rates of the checkpoints of all seeds on the same problems."""

    problems: tuple[str, ...]
    rates: Mapping[tuple[int, str], Floats]
    """float64 [P] by seed and name of the checkpoint."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, ascending."""
        return tuple(sorted({seed for seed, _ in self.rates}))

    def mean(self, name: str) -> float:
        """Return the mean solve rate of a checkpoint over seeds and problems."""
        return float(np.mean([self.rates[seed, name] for seed in self.seeds]))


def solve_rates(episodes: Mapping[tuple[int, str], Sequence[EpisodeRecord]]) -> SolveRates:
    """Count the episodes of every checkpoint on the problems that all have valid episodes of.

    Args:
        episodes: Records by seed and name of the checkpoint, judged on all tests.

    Raises:
        ValueError: There are fewer than 2 shared problems, or an episode was not judged on all tests.
    """
    counts = {key: count_point(each) for key, each in episodes.items()}
    problems = shared_problems(counts.values())
    if len(problems) < 2:
        raise ValueError(f"all checkpoints must share at least 2 problems, got {list(problems)}")
    return SolveRates(
        problems=problems, rates={key: each.on(problems).rate(SOLVED) for key, each in counts.items()}
    )


def compare(rates: SolveRates, prefixes: Sequence[int]) -> list[Comparison]:
    """Test the prediction from each prefix against its controls, and set it beside the real end."""
    found = [_compared(rates, prefix, control) for prefix in prefixes for control in (*CONTROLS, REAL)]
    tested = [each for each in found if each.control != REAL]
    corrected = dict(zip(map(id, tested), holm([each.p for each in tested]), strict=True))
    return [
        Comparison(**{**vars(each), "p": corrected[id(each)]}) if id(each) in corrected else each
        for each in found
    ]


def _compared(rates: SolveRates, prefix: int, control: str) -> Comparison:
    other = REAL if control == REAL else name_of(prefix, control)
    differences = np.stack(
        [rates.rates[seed, name_of(prefix, PREDICTION)] - rates.rates[seed, other] for seed in rates.seeds]
    )
    means = differences.mean(axis=0)
    clusters = np.arange(means.size)
    generator = np.random.default_rng([_SEED, prefix, *control.encode()])
    return Comparison(
        prefix=prefix,
        control=control,
        difference=clustered_mean(means, clusters),
        by_seed=tuple(float(each) for each in differences.mean(axis=1)),
        p=sign_flip(means, clusters, generator).p,
    )


def name_of(prefix: int, arm: str) -> str:
    """Return the name of a checkpoint that is made from a prefix."""
    return f"{arm} of {prefix}"
