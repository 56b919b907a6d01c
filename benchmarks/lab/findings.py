"""The tests of the claims, each applied to the results of one seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np

from ...agents import EpisodeRecord
from ..analysis.complementarity import cross_fitted_lead, jaccard_gap
from ..analysis.ensembles import FEWEST_CLUSTERS, ensemble_gain, matched_gain
from ..analysis.frontier import CheckpointPoint, Frontier, GateFinding, GateVerdict, gate, make_frontier
from ..analysis.outcomes import CORRECTNESS, OPTIMIZATION, SOLVED, LimitSelection, PointCounts
from ..analysis.statistics import Interval, mean_interval, paired_interval
from ..analysis.tally import Truncated
from .results import HELDOUT, HIGH, LOW, SeedResults

FLAT_MARGIN = 0.10
"""Difference below which two solve rates are called equal."""
MIDDLE_NAME = "middle coverage"
"""Name of the checkpoint under middle coverage, which is not on the line of the merges."""
BOOTSTRAP_SEED = 2605
_WRONG = CORRECTNESS[:2]  # WA and RTE: a program that does not compile shows no wrong algorithm


class ClaimVerdict(StrEnum):
    """The result of a claim's test."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class SeedFinding:
    """The result of a claim's test on one seed."""

    verdict: ClaimVerdict
    effects: Mapping[str, Interval] = field(default_factory=dict)
    """Measured effects by name; the effects that decide the test come first."""
    remark: str = ""


TOO_FEW_SAMPLES = SeedFinding(
    verdict=ClaimVerdict.UNDECIDED, remark="every problem needs at least 2 samples of every checkpoint"
)


@dataclass(frozen=True, kw_only=True)
class SeedView:
    """The checkpoints of one seed, counted under full and under mixed limits."""

    seed: int
    full: Frontier = field(repr=False)
    mixed: Frontier = field(repr=False)
    modes: Mapping[str, Frontier] = field(default_factory=dict, repr=False)
    """The checkpoints that were trained in three modes, by the mode in which they were played; may be
    empty."""

    def generator(self, key: str) -> np.random.Generator:
        """Return a random generator that depends on this seed and this key only."""
        return np.random.default_rng([BOOTSTRAP_SEED, self.seed, *key.encode()])


def view_seed(results: SeedResults, split: str = HELDOUT, *, truncated: Truncated = "count") -> SeedView:
    """Count the episodes of a seed on a split.

    Args:
        results: The results of the seed.
        split: Name of the split.
        truncated: Whether episodes whose last reply was cut by the token limit count as not solved, or are
            left out.

    Raises:
        ValueError: There is no such split, fewer than 2 problems are shared by all checkpoints, or an episode
            was not judged on all tests.
    """
    if split not in results.episodes:
        raise ValueError(f"no split {split!r}: must be one of {', '.join(sorted(results.episodes))}")
    points = _points(results.episodes[split])
    if split in results.middle:
        points[CheckpointPoint(name=MIDDLE_NAME, trained=True)] = list(results.middle[split])
    generator = np.random.default_rng([BOOTSTRAP_SEED, results.seed])
    return SeedView(
        seed=results.seed,
        full=make_frontier(points, generator, truncated=truncated),
        mixed=make_frontier(points, generator, limits=LimitSelection.MIXED, truncated=truncated),
        modes={
            mode: make_frontier(_points(episodes), generator, truncated=truncated)
            for mode, episodes in results.modes.items()
        },
    )


def _points(
    episodes: Mapping[float, Sequence[EpisodeRecord]],
) -> dict[CheckpointPoint, list[EpisodeRecord]]:
    return {
        CheckpointPoint(name=f"alpha {alpha:g}", alpha=alpha, trained=alpha in (LOW, HIGH)): list(each)
        for alpha, each in episodes.items()
    }


def fewer_optimization_failures(view: SeedView) -> SeedFinding:
    """Compare how often the programs of both ends exceed their time, memory or output limit."""
    change = view.full.change(LOW, HIGH, *OPTIMIZATION)
    effects = {"optimization failures": change, "TLE alone": view.full.change(LOW, HIGH, OPTIMIZATION[0])}
    return SeedFinding(verdict=_expect_negative(change), effects=effects)


def more_correctness_failures(view: SeedView) -> SeedFinding:
    """Compare how often the programs of both ends give a wrong answer or crash."""
    change = view.full.change(LOW, HIGH, *_WRONG)
    apart = {f"{name} alone": view.full.change(LOW, HIGH, name) for name in CORRECTNESS}
    rising = [name for name in _WRONG if apart[f"{name} alone"].positive]
    remark = f"rising by more than its own interval: {' and '.join(rising) or 'neither WA nor RTE'}"
    return SeedFinding(verdict=_expect_positive(change), effects={"WA + RTE": change, **apart}, remark=remark)


def monotone_coverage(view: SeedView) -> SeedFinding:
    """Look for steps from low to middle to full coverage that go against the trend."""
    low, high, middle = view.full.at(LOW), view.full.at(HIGH), view.full.named(MIDDLE_NAME)
    if middle is None:
        return SeedFinding(
            verdict=ClaimVerdict.UNDECIDED, remark="there is no checkpoint under middle coverage"
        )

    def change(first: PointCounts, second: PointCounts, names: Sequence[str]) -> Interval:
        return paired_interval(first.rate(*names), second.rate(*names), view.full.weights)

    steps = {"low to middle": (low, middle), "middle to full": (middle, high)}
    slow = {name: change(*ends, OPTIMIZATION) for name, ends in steps.items()}
    wrong = {name: change(*ends, _WRONG) for name, ends in steps.items()}
    back = [name for name in steps if slow[name].positive or wrong[name].negative]
    ends = change(low, high, OPTIMIZATION), change(low, high, _WRONG)
    verdict = ClaimVerdict.UNDECIDED
    if back:
        verdict = ClaimVerdict.NOT_REPRODUCED
    elif ends[0].negative and ends[1].positive:
        verdict = ClaimVerdict.REPRODUCED
    effects = {f"optimization failures, {name}": each for name, each in slow.items()}
    effects |= {f"WA + RTE, {name}": each for name, each in wrong.items()}
    effects |= {"optimization failures, low to full": ends[0], "WA + RTE, low to full": ends[1]}
    return SeedFinding(
        verdict=verdict,
        effects=effects,
        remark=f"against the trend by more than its interval: {', '.join(back) or 'no step'}",
    )


def flat_solve_rate(view: SeedView) -> SeedFinding:
    """Compare the change of the solve rate between both ends, under mixed limits, with a margin."""
    change = view.mixed.change(LOW, HIGH, SOLVED)
    moved = view.full.change(LOW, HIGH, *OPTIMIZATION)
    solving = all(view.mixed.at(alpha).outcomes[SOLVED].any() for alpha in (LOW, HIGH))
    verdict = ClaimVerdict.UNDECIDED
    if change.within(FLAT_MARGIN) and solving and (moved.negative or moved.positive):
        verdict = ClaimVerdict.REPRODUCED
    elif change.beyond(FLAT_MARGIN):
        verdict = ClaimVerdict.NOT_REPRODUCED
    rates = {alpha: float(view.mixed.at(alpha).rate(SOLVED).mean()) for alpha in _inside(view)}
    remark = f"solve rates in [0, 1], mixed limits: {min(rates.values()):.3f} to {max(rates.values()):.3f}"
    full = view.full.change(LOW, HIGH, SOLVED)
    effects = {
        "solve rate, mixed limits": change,
        "optimization failures, full limits": moved,
        "solve rate, full limits": full,
    }
    return SeedFinding(verdict=verdict, effects=effects, remark=remark)


def monotone_interpolation(view: SeedView) -> SeedFinding:
    """Look for steps in [0, 1] that go against the trend by more than their intervals."""
    alphas = _inside(view)
    if len(alphas) < 3:
        return SeedFinding(verdict=ClaimVerdict.UNDECIDED, remark="there is no alpha between 0 and 1")
    ends = [view.full.change(LOW, HIGH, *names) for names in (OPTIMIZATION, CORRECTNESS)]
    steps = {
        f"{first:g} to {second:g}": (
            view.full.change(first, second, *OPTIMIZATION),
            view.full.change(first, second, *CORRECTNESS),
        )
        for first, second in pairwise(alphas)
    }
    back = [name for name, (slow, wrong) in steps.items() if slow.positive or wrong.negative]
    highest = max((slow for slow, _ in steps.values()), key=lambda interval: interval.estimate)
    lowest = min((wrong for _, wrong in steps.values()), key=lambda interval: interval.estimate)
    verdict = ClaimVerdict.UNDECIDED
    if back:
        verdict = ClaimVerdict.NOT_REPRODUCED
    elif ends[0].negative and ends[1].positive:
        verdict = ClaimVerdict.REPRODUCED
    return SeedFinding(
        verdict=verdict,
        effects={
            "optimization failures, 0 to 1": ends[0],
            "correctness failures, 0 to 1": ends[1],
            "highest step of optimization failures": highest,
            "lowest step of correctness failures": lowest,
        },
        remark=f"against the trend by more than its interval: {', '.join(back) or 'none'} of {len(steps)} "
        "steps",
    )


def outside_findings(view: SeedView) -> list[GateFinding]:
    """Return the gate's decision about each extrapolated checkpoint."""
    return [gate(view.full, alpha) for alpha in view.full.alphas if not LOW <= alpha <= HIGH]


def extending_extrapolation(view: SeedView) -> SeedFinding:
    """Put the nearest extrapolated checkpoint on each side through the gate."""
    findings = outside_findings(view)
    below = [each for each in findings if each.alpha < LOW][-1:]
    above = [each for each in findings if each.alpha > HIGH][:1]
    nearest = below + above
    if not nearest:
        return SeedFinding(verdict=ClaimVerdict.UNDECIDED, remark="there is no alpha outside of [0, 1]")
    verdict = ClaimVerdict.UNDECIDED
    if any(each.verdict is GateVerdict.DAMAGE for each in nearest):
        verdict = ClaimVerdict.NOT_REPRODUCED
    elif below and above and all(each.verdict is GateVerdict.EXTENSION for each in nearest):
        verdict = ClaimVerdict.REPRODUCED
    effects = {}
    for each in nearest:
        effects[f"{each.watched} failures, {each.end:g} to {each.alpha:g}"] = each.watched_change
        effects[f"RTE + CE + no code, {each.end:g} to {each.alpha:g}"] = each.broken_change
    remark = "; ".join(f"alpha {each.alpha:g}: {each.verdict}" for each in findings)
    return SeedFinding(verdict=verdict, effects=effects, remark=remark)


def different_problems(view: SeedView) -> SeedFinding:
    """Compare the overlap between both ends with the overlap between halves of one end."""
    if view.mixed.budget < 2:
        return TOO_FEW_SAMPLES
    low, high = (view.mixed.at(alpha).solve_counts for alpha in (LOW, HIGH))
    gap = jaccard_gap(low, high, view.mixed.weights)
    return SeedFinding(verdict=_expect_positive(gap), effects={"Jaccard index, null minus measured": gap})


def complementary_ends(view: SeedView) -> SeedFinding:
    """Measure the lead of each end on the problems at which it is better.

    The samples that measure the lead are not the samples that choose the problems; otherwise chance would
    look like a lead.
    """
    if view.mixed.budget < 2:
        return TOO_FEW_SAMPLES
    low, high = (view.mixed.at(alpha).solve_counts for alpha in (LOW, HIGH))
    generator, weights = view.generator("complementary"), view.mixed.weights
    of_low = mean_interval(cross_fitted_lead(high, low, generator), weights)
    of_high = mean_interval(cross_fitted_lead(low, high, generator), weights)
    verdict = ClaimVerdict.UNDECIDED
    if of_low.positive and of_high.positive:
        verdict = ClaimVerdict.REPRODUCED
    elif of_low.negative or of_high.negative:
        verdict = ClaimVerdict.NOT_REPRODUCED
    return SeedFinding(
        verdict=verdict, effects={"lead of low coverage": of_low, "lead of high coverage": of_high}
    )


def gaining_ensemble(view: SeedView, limits: LimitSelection) -> SeedFinding:
    """Compare an ensemble with the best single checkpoint, on other problems than those that chose them."""
    frontier = view.full if limits is LimitSelection.FULL else view.mixed
    if frontier.budget < 2:
        return TOO_FEW_SAMPLES
    members = [frontier.at(alpha).solve_counts for alpha in frontier.alphas]
    found = ensemble_gain(members, frontier.budget, view.generator(f"ensemble {limits}"), frontier.weights)
    shares = zip(frontier.alphas, found.shares, strict=True)
    given = ", ".join(f"{alpha:g}: {share:.2f}" for alpha, share in shares if share >= 0.005)
    return SeedFinding(
        verdict=_expect_positive(found.gain),
        effects={
            f"gain in pass@{found.budget}": found.gain,
            "ensemble": found.ensemble,
            "best single checkpoint": found.single,
        },
        remark=f"mean share of the {found.budget} samples by alpha: {given}",
    )


def gaining_on_other_half(view: SeedView, limits: LimitSelection) -> SeedFinding:
    """Compare an ensemble with the best single checkpoint on one half of the problems; the other chose both.

    The halves are the same for every seed.
    """
    frontier = view.full if limits is LimitSelection.FULL else view.mixed
    if frontier.budget < 2:
        return TOO_FEW_SAMPLES
    problems = np.arange(len(frontier.problems))
    if problems.size < FEWEST_CLUSTERS:
        remark = f"there must be at least {FEWEST_CLUSTERS} problems"
        return SeedFinding(verdict=ClaimVerdict.UNDECIDED, remark=remark)
    members = [frontier.at(alpha).solve_counts for alpha in frontier.alphas]
    halving = np.random.default_rng([BOOTSTRAP_SEED, *b"halving"])
    found = matched_gain(members, frontier.budget, problems, halving)
    given = ", ".join(
        f"{alpha:g}: {share}"
        for alpha, share in zip(frontier.alphas, found.split.shares, strict=True)
        if share
    )
    return SeedFinding(
        verdict=_expect_positive(found.gain),
        effects={
            f"gain in pass@{found.budget}, other half": found.gain,
            "ensemble": found.ensemble,
            "best single checkpoint": found.single,
        },
        remark=f"{found.problems} problems; samples by alpha: {given}; best single alpha "
        f"{frontier.alphas[found.best]:g}; p = {found.test.p:.3f} ({found.test.method})",
    )


def _expect_positive(interval: Interval) -> ClaimVerdict:
    if interval.positive:
        return ClaimVerdict.REPRODUCED
    return ClaimVerdict.NOT_REPRODUCED if interval.negative else ClaimVerdict.UNDECIDED


def _expect_negative(interval: Interval) -> ClaimVerdict:
    if interval.negative:
        return ClaimVerdict.REPRODUCED
    return ClaimVerdict.NOT_REPRODUCED if interval.positive else ClaimVerdict.UNDECIDED


def _inside(view: SeedView) -> list[float]:
    return [alpha for alpha in view.full.alphas if LOW <= alpha <= HIGH]
