"""The tests of attempts: those of the lab's claims, at a fixed alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...analysis.frontier import GateFinding, GateVerdict, gate
from ...analysis.outcomes import CORRECTNESS, NO_CODE, LimitSelection
from ...analysis.statistics import Interval
from ..findings import ClaimVerdict, SeedFinding, gaining_ensemble, gaining_on_other_half, view_seed
from ..results import HIGH, SeedResults
from .attempt import TESTED, Attempt

_OTHER_FAILURES = (*CORRECTNESS, NO_CODE)


@dataclass(frozen=True, kw_only=True)
class SeedOutcome:
    """The tests of an attempt on one seed."""

    gates: tuple[GateFinding, ...]
    """The gate's decision at each alpha above 1, ascending."""
    other_failures: Interval
    """Change of all failures other than limits from alpha 1 to the tested alpha: the paper counts each of
    them as a failure of correctness."""
    ensemble: SeedFinding
    """The test of the ensemble under full limits."""
    one_half: SeedFinding
    """The same, chosen on one half of the problems and tested on the other."""

    @property
    def tested(self) -> GateFinding:
        """The gate's decision at the tested alpha."""
        return next(each for each in self.gates if each.alpha == TESTED)

    @property
    def continues(self) -> bool:
        """Whether the trend continues as the paper reads it: limit failures fall and all others rise."""
        return self.tested.watched_change.negative and self.other_failures.positive

    @property
    def gain(self) -> Interval:
        """The gain of the ensemble over the best single checkpoint."""
        return next(iter(self.ensemble.effects.values()))


@dataclass(frozen=True, kw_only=True)
class AttemptOutcome:
    """The tests of an attempt on all of its seeds."""

    attempt: Attempt
    seeds: tuple[SeedOutcome, ...]

    @property
    def extending(self) -> int:
        """The number of seeds on which extrapolation is an extension at the tested alpha."""
        return sum(each.tested.verdict is GateVerdict.EXTENSION for each in self.seeds)

    @property
    def continuing(self) -> int:
        """The number of seeds on which the trend continues as the paper reads it."""
        return sum(each.continues for each in self.seeds)

    @property
    def solving(self) -> int:
        """The number of seeds on which the solve rate at the tested alpha is above that at 1."""
        return sum(each.tested.solved_change.positive for each in self.seeds)

    @property
    def gaining(self) -> int:
        """The number of seeds on which the ensemble gains."""
        return sum(each.ensemble.verdict is ClaimVerdict.REPRODUCED for each in self.seeds)

    @property
    def broken(self) -> float:
        """The mean change of RTE + CE + no code from alpha 1 to the tested alpha."""
        return sum(each.tested.broken_change.estimate for each in self.seeds) / len(self.seeds)

    @property
    def gain(self) -> float:
        """The mean gain of the ensemble."""
        return sum(each.gain.estimate for each in self.seeds) / len(self.seeds)


def judge_attempt(attempt: Attempt, results: Sequence[SeedResults]) -> AttemptOutcome:
    """Apply the tests to the records of an attempt.

    Raises:
        ValueError: Episodes cannot be counted; see `view_seed`.
    """
    views = [view_seed(each) for each in results]
    return AttemptOutcome(
        attempt=attempt,
        seeds=tuple(
            SeedOutcome(
                gates=tuple(gate(view.full, alpha) for alpha in view.full.alphas if alpha > HIGH),
                other_failures=view.full.change(HIGH, TESTED, *_OTHER_FAILURES),
                ensemble=gaining_ensemble(view, LimitSelection.FULL),
                one_half=gaining_on_other_half(view, LimitSelection.FULL),
            )
            for view in views
        ),
    )


def chosen(outcomes: Sequence[AttemptOutcome]) -> dict[str, AttemptOutcome]:
    """Return the attempts to confirm on untouched problems.

    `extrapolation` extends on the largest share of seeds, and among those adds the fewest broken programs;
    `ensemble` gains most. Attempts with several seeds are preferred, because a single one decides little.
    """
    several = [each for each in outcomes if len(each.seeds) > 1] or list(outcomes)
    return {
        "extrapolation": max(several, key=lambda each: (each.extending / len(each.seeds), -each.broken)),
        "ensemble": max(several, key=lambda each: each.gain),
    }
