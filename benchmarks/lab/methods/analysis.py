"""Paired differences between the arms of an experiment, and the verdict that they give.

The interval that decides is the 95 % interval of Student's t over the differences of single seeds: both arms
of a seed have the same start, problems and random numbers, so only the method differs. It speaks of other
seeds on these problems. Where a metric is a mean over held-out problems, a second interval, a bootstrap of
whole problems, speaks of other problems with these runs; it does not decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ...analysis.clustered import clustered_mean
from ...analysis.statistics import Interval, mean_interval, resampling_weights
from .experiment import Comparison, Experiment, Outcome
from .runner import Results

BOOTSTRAP_SEED = 2606


class Verdict(StrEnum):
    """What the runs say about a comparison."""

    SEEN = "seen"
    """The interval is on the side of 0 that the claim says."""
    NOT_SEEN = "not seen"
    """The interval is on the other side of 0, or within the margin that was stated."""
    UNDECIDED = "undecided"
    """The interval allows both."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of a comparison."""

    comparison: Comparison
    differences: Mapping[int, float]
    """Arm minus control by seed."""
    over_seeds: Interval
    """Mean of the differences with the interval that decides."""
    over_problems: Interval | None
    """Mean of the differences with a bootstrap interval over problems; None for a metric of whole runs."""
    levels: tuple[float, float]
    """Mean of the metric over the seeds, in the arm and in the control."""

    @property
    def verdict(self) -> Verdict:
        """What the interval over the seeds says; runs that are all alike decide nothing.

        That holds for example for runs of which none reached a level: then the interval has no width, but
        because the runs were too short.
        """
        claimed, margin = self.comparison.expected, self.comparison.margin
        interval = self.over_seeds
        if interval.positive if claimed == "above" else interval.negative:
            return Verdict.SEEN
        if interval.negative if claimed == "above" else interval.positive:
            return Verdict.NOT_SEEN
        alike = interval.low == interval.high
        small = margin is not None and interval.within(margin)
        return Verdict.NOT_SEEN if small and not alike else Verdict.UNDECIDED


def findings(experiment: Experiment, results: Results) -> list[Finding]:
    """Return the result of each comparison whose arms have at least two seeds in common."""
    found = []
    for comparison in experiment.statement.comparisons:
        arm, control = results.get(comparison.arm, {}), results.get(comparison.control, {})
        seeds = sorted(arm.keys() & control.keys())
        if len(seeds) > 1:
            found.append(_finding(comparison, {seed: (arm[seed], control[seed]) for seed in seeds}))
    return found


def t_interval(values: Sequence[float]) -> Interval:
    """Return the mean of independent values with its 95 % interval of Student's t.

    Raises:
        ValueError: There are fewer than two values.
    """
    if len(values) < 2:
        raise ValueError(f"an interval over seeds needs at least 2 seeds, got {len(values)}")
    return clustered_mean(values, np.arange(len(values)))


def detectable(values: Sequence[float]) -> float:
    """Return the true difference that the interval over as many seeds would leave 0 out of half of the time.

    That is half of the width of the interval of `t_interval`.

    Args:
        values: Differences of calibration runs, at least two, which tell the noise.
    """
    interval = t_interval(values)
    return (interval.high - interval.low) / 2


def _finding(comparison: Comparison, pairs: Mapping[int, tuple[Outcome, Outcome]]) -> Finding:
    metric = comparison.metric
    values = {seed: (arm.metrics[metric], control.metrics[metric]) for seed, (arm, control) in pairs.items()}
    differences = {seed: arm - control for seed, (arm, control) in values.items()}
    levels = np.mean(list(values.values()), axis=0)
    return Finding(
        comparison=comparison,
        differences=differences,
        over_seeds=t_interval(list(differences.values())),
        over_problems=_over_problems(metric, list(pairs.values())),
        levels=(float(levels[0]), float(levels[1])),
    )


def _over_problems(metric: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Interval | None:
    """Return the mean over seeds and problems; a problem is drawn with its values of all seeds."""
    tables = [(arm.problems.get(metric, {}), control.problems.get(metric, {})) for arm, control in pairs]
    names = sorted(set.intersection(*({*arm} & {*control} for arm, control in tables)))
    if len(names) < 2:
        return None
    differences = np.array([[arm[name] - control[name] for name in names] for arm, control in tables])
    weights = resampling_weights(len(names), np.random.default_rng([BOOTSTRAP_SEED, *metric.encode()]))
    return mean_interval(differences.mean(axis=0), weights)
