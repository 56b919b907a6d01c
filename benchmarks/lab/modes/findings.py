"""The test of the claim about the three modes, applied to the results of one seed."""

from __future__ import annotations

from ...analysis.outcomes import CORRECTNESS, OPTIMIZATION, SOLVED
from ..findings import ClaimVerdict, SeedFinding, SeedView
from ..results import HIGH, LOW

_WRONG = CORRECTNESS[:2]


def ordered_in_every_mode(view: SeedView) -> SeedFinding:
    """Compare how the failures of both ends differ in each mode."""
    if not view.modes:
        return SeedFinding(verdict=ClaimVerdict.UNDECIDED, remark="nothing was played in three modes")
    slow = {mode: each.change(LOW, HIGH, *OPTIMIZATION) for mode, each in view.modes.items()}
    wrong = {mode: each.change(LOW, HIGH, *_WRONG) for mode, each in view.modes.items()}
    verdict = ClaimVerdict.UNDECIDED
    if any(slow[mode].positive or wrong[mode].negative for mode in view.modes):
        verdict = ClaimVerdict.NOT_REPRODUCED
    elif all(slow[mode].negative and wrong[mode].positive for mode in view.modes):
        verdict = ClaimVerdict.REPRODUCED
    effects = {}
    for mode in view.modes:
        effects[f"optimization failures, {mode}"] = slow[mode]
        effects[f"WA + RTE, {mode}"] = wrong[mode]
    solved = "; ".join(
        f"{mode} {each.at(LOW).rate(SOLVED).mean():.3f} to {each.at(HIGH).rate(SOLVED).mean():.3f}"
        for mode, each in view.modes.items()
    )
    return SeedFinding(verdict=verdict, effects=effects, remark=f"solve rates, low to full: {solved}")
