"""The claims of the paper, each with a test that was fixed before the results were known.

A claim is reproduced, or not reproduced, when the 95 % interval of every seed says so; otherwise it is
undecided. Not seeing an effect does not refute it: an interval that contains zero decides nothing.

References:
    Correctness-efficiency frontiers and extrapolative weight averaging: arXiv 2605.28751. The tests are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..analysis.outcomes import LimitSelection
from .findings import (
    FLAT_MARGIN,
    ClaimVerdict,
    SeedFinding,
    SeedView,
    complementary_ends,
    different_problems,
    extending_extrapolation,
    fewer_optimization_failures,
    flat_solve_rate,
    gaining_ensemble,
    gaining_on_other_half,
    monotone_coverage,
    monotone_interpolation,
    more_correctness_failures,
    view_seed,
)
from .modes.findings import ordered_in_every_mode
from .results import HELDOUT, LabResults


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of the paper and its test."""

    key: str
    statement: str
    test: str
    """The rule of the test in words, as the report shows it."""
    judge: Callable[[SeedView], SeedFinding] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim with the finding of every seed."""

    claim: Claim
    findings: Mapping[int, SeedFinding]
    """Findings by seed."""

    @property
    def verdict(self) -> ClaimVerdict:
        """The common verdict of all seeds; undecided when they differ."""
        verdicts = {finding.verdict for finding in self.findings.values()}
        return verdicts.pop() if len(verdicts) == 1 else ClaimVerdict.UNDECIDED


def judge_claims(results: LabResults, split: str = HELDOUT) -> list[JudgedClaim]:
    """Test every claim on a split.

    Raises:
        ValueError: There is no such split, or its episodes cannot be counted; see `view_seed`.
    """
    return judge_views([view_seed(each, split, truncated=results.truncated) for each in results.seeds])


def judge_views(views: list[SeedView]) -> list[JudgedClaim]:
    """Test every claim on seeds whose episodes are counted already.

    Raises:
        ValueError: There are no seeds.
    """
    if not views:
        raise ValueError("claims need results of at least one seed")
    return [
        JudgedClaim(claim=each, findings={view.seed: each.judge(view) for view in views}) for each in CLAIMS
    ]


_ENSEMBLE_TEST = (
    "The allocation of samples over all checkpoints and the best single checkpoint are chosen on half of the "
    "problems. They are compared on the other half at the same number of samples. This is averaged over 20 "
    "random halves. Reproduced if the interval of the gain is above 0, not reproduced if it is below 0."
)

_ONE_HALF_TEST = (
    "One random half of the problems, the same for every seed, chooses the allocation and the best single "
    "checkpoint; they are compared on the other half, with a t interval over its problems. The mean over 20 "
    "halves in the claim above uses all problems, but its nominal 95 % intervals cover 91 to 93 % in "
    "simulations; those of one half cover 95 %. Reproduced if the interval of the gain is above 0, not "
    "reproduced if it is below 0."
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        key="fewer-optimization-failures",
        statement="Higher coverage gives fewer optimization failures.",
        test="Change of the share of TLE, MLE and OLE from low to high coverage, paired by "
        "problem. Reproduced if its interval is below 0, not reproduced if it is above 0.",
        judge=fewer_optimization_failures,
    ),
    Claim(
        key="more-correctness-failures",
        statement="Higher coverage gives more correctness failures.",
        test="Change of the share of WA and RTE from low to high coverage, paired by problem. Reproduced "
        "if its interval is above 0, not reproduced if it is below 0. WA, RTE and CE are also shown singly.",
        judge=more_correctness_failures,
    ),
    Claim(
        key="monotone-coverage",
        statement="Both failure rates change step by step with low, middle and full coverage.",
        test="From low to middle and from middle to full coverage, paired by problem, TLE, MLE and OLE must "
        "not rise, and WA and RTE must not fall, by more than the interval of the step. From low to full "
        "coverage, TLE, MLE and OLE must fall and WA and RTE must rise by more than their intervals. Not "
        "reproduced if a step goes against the trend. Otherwise reproduced if both ends differ so.",
        judge=monotone_coverage,
    ),
    Claim(
        key="flat-solve-rate",
        statement="The solve rate is nearly flat under mixed limits.",
        test="Every second problem accepts a correct but slow program. Change of the solve rate from low to "
        f"high coverage. Reproduced if its interval lies within plus or minus {FLAT_MARGIN:.2f}, both ends "
        "solve something, and optimization failures change by more than their interval (without such a "
        "change, a flat solve rate says nothing). Not reproduced if the interval lies outside of the margin.",
        judge=flat_solve_rate,
    ),
    Claim(
        key="monotone-interpolation",
        statement="Interpolation recovers the frontier.",
        test="Between neighbouring alphas in [0, 1], optimization failures must not rise and correctness "
        "failures must not fall by more than the interval of the step. From 0 to 1, optimization failures "
        "must fall and correctness failures must rise by more than their intervals. Not reproduced if a step "
        "goes against the trend.",
        judge=monotone_interpolation,
    ),
    Claim(
        key="extending-extrapolation",
        statement="Extrapolation extends the frontier beyond both ends.",
        test="The test looks at the nearest extrapolated checkpoint on each side. The checkpoint is damage "
        "if RTE + CE + no code increase by more than their interval. Otherwise it is an extension if the "
        "failures that are rarer at that end (optimization failures above 1, correctness failures below 0) "
        "fall further by more than their interval. Reproduced if both sides are extensions, not reproduced "
        "if one side is damage.",
        judge=extending_extrapolation,
    ),
    Claim(
        key="different-problems",
        statement="The two ends solve different problems.",
        test="Mixed limits. The Jaccard index of the problems solved by half of the samples of each end is "
        "compared with the Jaccard index of two halves of the samples of one end (the null). Reproduced if "
        "the interval of null minus measured is above 0, not reproduced if it is below 0. The claim also "
        "holds when one end solves everything that the other end solves, and more; the next claim tells "
        "these cases apart.",
        judge=different_problems,
    ),
    Claim(
        key="complementary-ends",
        statement="Each end solves some problems more often than the other end.",
        test="Mixed limits. Half of the samples choose the problems at which an end is better; the other "
        "half of the samples measure its lead on these problems. Reproduced if the intervals of both leads "
        "are above 0, not reproduced if one of them is below 0.",
        judge=complementary_ends,
    ),
    Claim(
        key="gaining-ensemble",
        statement="Ensembles gain over the best single checkpoint at a matched budget.",
        test=f"Full limits. {_ENSEMBLE_TEST}",
        judge=lambda view: gaining_ensemble(view, LimitSelection.FULL),
    ),
    Claim(
        key="gaining-ensemble-mixed",
        statement="Ensembles gain over the best single checkpoint at a matched budget, under mixed limits.",
        test=f"Mixed limits. {_ENSEMBLE_TEST}",
        judge=lambda view: gaining_ensemble(view, LimitSelection.MIXED),
    ),
    Claim(
        key="gaining-ensemble-one-half",
        statement="Ensembles gain over the best single checkpoint, chosen on one half of the problems.",
        test=f"Full limits. {_ONE_HALF_TEST}",
        judge=lambda view: gaining_on_other_half(view, LimitSelection.FULL),
    ),
    Claim(
        key="gaining-ensemble-one-half-mixed",
        statement="Ensembles gain over the best single checkpoint, chosen on one half, under mixed limits.",
        test=f"Mixed limits. {_ONE_HALF_TEST}",
        judge=lambda view: gaining_on_other_half(view, LimitSelection.MIXED),
    ),
    Claim(
        key="three-modes",
        statement="Coverage trades the same failures in the modes single, tool and agentic.",
        test="Runs in a mixture of the three modes; both ends are played in each mode. Changes from low to "
        "high coverage, paired by problem: in every mode, TLE, MLE and OLE must fall and WA and RTE must "
        "rise, each by more than its interval. Reproduced if all six do, not reproduced if one of them "
        "changes the other way by more than its interval.",
        judge=ordered_in_every_mode,
    ),
)
