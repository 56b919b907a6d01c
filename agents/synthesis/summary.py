"""The yield funnel of a synthesis: how many requests led to how many problems, and where the others went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from ...problems.synthesis import Reject
from ..agent import Usage
from .journal import Event, Journal
from .lineages import KEPT, MEMBER


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run has made so far."""

    seeds: int
    """Seeds with at least one request."""
    requests: int
    """Requests to the teacher with a reply or a refusal."""
    repeated_requests: int
    """Requests that were made again, as a crash lost their reply."""
    measured: int
    """Problems with a pass rate."""
    mean_rate: float
    """Mean pass rate of the problems that have one; 0 without any."""
    kept: int
    """Problems of the set."""
    chains: int
    """Complete chains."""
    rejected: dict[str, int]
    """Number of proposals by the reason of their rejection."""
    bins: dict[str, int]
    """Number of kept problems by bin; `none` is outside of all bins."""
    attempts: int
    """Attempts of the student, counted or not."""
    invalid_attempts: int
    """Attempts that do not count, as infrastructure failed."""
    teacher_usage: Usage
    student_usage: Usage
    seconds: float
    """Wall seconds of all processes of the run, up to the last event."""
    stopped: str | None = None
    """Limit of the budget that ended the run; None at the end of the seeds."""
    missing: tuple[str, ...] = ()
    """Kept problems whose folders are gone."""

    @property
    def yielded(self) -> float:
        """Kept problems per request to the teacher."""
        return self.kept / self.requests if self.requests else 0.0

    def document(self) -> dict[str, Any]:
        """Return the summary as JSON values."""
        return {**asdict(self), "yield_per_request": round(self.yielded, 6)}


def kept_ids(journal: Journal) -> list[str]:
    """Return the ids of the problems of the set, in the order of the journal."""
    ended = journal.events("ended")
    complete = {lineage for lineage, members in _chains(ended).items() if members == 3}
    return [
        str(event["problem"])
        for event in ended
        if event["outcome"] == KEPT or (event["outcome"] == MEMBER and event["lineage"] in complete)
    ]


def summarise(
    journal: Journal,
    *,
    student_usage: Usage,
    attempts: tuple[int, int],
    stopped: str | None,
) -> Summary:
    """Count the events of a run.

    Args:
        journal: The journal.
        student_usage: Usage of the student.
        attempts: Number of attempts, and of those that do not count.
        stopped: Limit that ended the run.
    """
    ended, answered = journal.events("ended"), journal.events("answered")
    chains = _chains(ended)
    kept = set(kept_ids(journal))
    rates = [float(event["rate"]) for event in ended if event["rate"] is not None]
    rejected = Counter(str(event["outcome"]) for event in ended if event["outcome"] not in (KEPT, MEMBER))
    incomplete = sum(event["outcome"] == MEMBER and event["problem"] not in kept for event in ended)
    if incomplete:
        rejected[Reject.INCOMPLETE_CHAIN.value] = incomplete
    return Summary(
        seeds=len({event["lineage"] for event in answered}),
        requests=len(answered),
        repeated_requests=journal.repeated,
        measured=len(rates),
        mean_rate=sum(rates) / len(rates) if rates else 0.0,
        kept=len(kept),
        chains=sum(members == 3 for members in chains.values()),
        rejected={each.value: rejected[each.value] for each in Reject if rejected[each.value]},
        bins=dict(Counter(str(event["bin"] or "none") for event in ended if event["problem"] in kept)),
        attempts=attempts[0],
        invalid_attempts=attempts[1],
        teacher_usage=teacher_usage(answered),
        student_usage=student_usage,
        seconds=round(max((float(event["seconds"]) for event in ended), default=0.0), 3),
        stopped=stopped,
    )


def teacher_usage(answered: Sequence[Event]) -> Usage:
    """Return the usage of all requests to the teacher."""
    names = {each.name for each in fields(Usage)}
    total = Usage()
    for event in answered:
        total += Usage(**{name: value for name, value in event["usage"].items() if name in names})
    return total


def _chains(ended: Sequence[Event]) -> Counter[int]:
    return Counter(int(event["lineage"]) for event in ended if event["outcome"] == MEMBER)
