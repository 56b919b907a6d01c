"""The tables of attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...analysis.statistics import Interval
from ..findings import SeedFinding
from .attempt import TESTED
from .verdicts import AttemptOutcome, SeedOutcome

_NAMES = (
    "attempt",
    f"gate at {TESTED:g}",
    "limit failures",
    "RTE + CE + no code",
    "all other failures",
    "paper's reading",
    "solve rate",
    "largest extending alpha",
    "ensemble gain",
    "chosen on one half",
)


def as_markdown(outcomes: Sequence[AttemptOutcome], confirmed: Mapping[str, AttemptOutcome]) -> str:
    """Return the tables of the attempts and of what was confirmed; a cell has a value for each seed."""
    lines = [f"| {' | '.join(_NAMES)} |", "|---" * len(_NAMES) + "|"]
    lines += [_line(each.attempt.name, each) for each in outcomes]
    lines += ["", "Chosen above, and played on untouched problems:", "", lines[0], lines[1]]
    lines += [_line(f"{claim}: {each.attempt.name}", each) for claim, each in confirmed.items()]
    return "\n".join(lines) + "\n"


def as_json(outcomes: Sequence[AttemptOutcome], confirmed: Mapping[str, AttemptOutcome]) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {
        "attempts": {each.attempt.name: _figures(each) for each in outcomes},
        "confirmed": {
            claim: {"attempt": each.attempt.name, **_figures(each)} for claim, each in confirmed.items()
        },
    }


def _line(name: str, outcome: AttemptOutcome) -> str:
    columns = [
        [each.tested.verdict.value for each in outcome.seeds],
        [_plain(each.tested.watched_change) for each in outcome.seeds],
        [_plain(each.tested.broken_change) for each in outcome.seeds],
        [_plain(each.other_failures) for each in outcome.seeds],
        ["continues" if each.continues else "does not" for each in outcome.seeds],
        [_plain(each.tested.solved_change) for each in outcome.seeds],
        [_reach(each) for each in outcome.seeds],
        [_first(each.ensemble) for each in outcome.seeds],
        [_first(each.one_half) for each in outcome.seeds],
    ]
    return f"| {name} | " + " | ".join("; ".join(cells) for cells in columns) + " |"


def _reach(seed: SeedOutcome) -> str:
    """Return the largest alpha up to which every merge above 1 is an extension; `-` if none is."""
    reached = "-"
    for each in seed.gates:
        if each.verdict.value != "extension":
            break
        reached = f"{each.alpha:g}"
    return reached


def _first(finding: SeedFinding) -> str:
    """Return the first effect of a finding; `-` if it has none."""
    return next((_plain(interval) for interval in finding.effects.values()), "-")


def _plain(interval: Interval) -> str:
    return f"{interval.estimate:+.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _figures(outcome: AttemptOutcome) -> dict[str, Any]:
    return {
        "seeds": len(outcome.seeds),
        "extending": outcome.extending,
        "continuing": outcome.continuing,
        "solving": outcome.solving,
        "gaining": outcome.gaining,
        "broken": round(outcome.broken, 4),
        "gain": round(outcome.gain, 4),
    }
