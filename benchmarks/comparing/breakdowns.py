"""Comparisons on parts of the problems, in other modes, and at other coverages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from ...problems import Difficulty
from ..analysis.tally import COVERAGES
from ..errors import BenchError
from .compare import Comparison
from .facts import ProblemFacts
from .outcomes import Played, RunOutcomes

Compare = Callable[[Sequence[RunOutcomes]], Comparison]


class By(StrEnum):
    """What a breakdown divides by."""

    DIFFICULTY = "difficulty"
    TAG = "tag"
    MONTH = "month"
    MODE = "mode"
    COVERAGE = "coverage"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A comparison on one part."""

    by: By
    value: str
    """Difficulty, tag, month, name of the agent that played several modes, or coverage."""
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """The parts, and a note for each part that cannot be compared."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...]


def break_down(
    by: By, runs: Sequence[RunOutcomes], compare: Compare, facts: ProblemFacts, *, cutoff: str | None = None
) -> Breakdown:
    """Compare runs on each part.

    Args:
        by: What to divide by.
        runs: Runs of a comparison.
        compare: Comparison of some runs.
        facts: Dates and tags of problems.
        cutoff: Last month, as YYYY-MM, that the models may have seen in training; adds the parts up to and
            after this month.
    """
    divided: dict[By, Callable[[Sequence[RunOutcomes]], Groups]] = {
        By.DIFFICULTY: _by_difficulty,
        By.TAG: partial(_by_tag, facts=facts),
        By.MONTH: partial(_by_month, facts=facts, cutoff=cutoff),
        By.MODE: _by_mode,
    }
    if by is By.COVERAGE:
        return _by_coverage(runs, compare)
    groups = divided[by](runs)
    if not groups:
        return Breakdown(parts=(), notes=(_MISSING[by],))
    parts, notes = [], []
    for value, members in groups:
        try:
            parts.append(Part(by=by, value=value, comparison=compare(members)))
        except BenchError as error:
            notes.append(f"{by} {value}: {error}")
    return Breakdown(parts=tuple(parts), notes=tuple(notes))


_NO_FACTS = "records carry no {}: name a file of `codefrontier problems list --json` with --problem-facts"
_MISSING = {
    By.DIFFICULTY: "the records carry no difficulty",
    By.TAG: _NO_FACTS.format("tags"),
    By.MONTH: _NO_FACTS.format("dates"),
    By.MODE: "no agent played in several modes, so there is no gain from tools or turns to show",
}
Groups = list[tuple[str, list[RunOutcomes]]]


def _by_difficulty(runs: Sequence[RunOutcomes]) -> Groups:
    return _divided(runs, [word.value for word in Difficulty], lambda episode: {episode.difficulty or ""})


def _by_tag(runs: Sequence[RunOutcomes], *, facts: ProblemFacts) -> Groups:
    words = sorted({tag for tags in facts.tags.values() for tag in tags})
    return _divided(runs, words, lambda episode: set(facts.tags.get(episode.problem_id, ())))


def _by_month(runs: Sequence[RunOutcomes], *, facts: ProblemFacts, cutoff: str | None) -> Groups:
    def months(episode: Played) -> set[str]:
        month = facts.months.get(episode.problem_id)
        if month is None:
            return set()
        side = {f"up to {cutoff}" if month <= cutoff else f"after {cutoff}"} if cutoff else set()
        return {month} | side

    sides = [f"up to {cutoff}", f"after {cutoff}"] if cutoff else []
    return _divided(runs, [*sides, *sorted(set(facts.months.values()))], months)


def _by_mode(runs: Sequence[RunOutcomes]) -> Groups:
    agents: dict[str, list[RunOutcomes]] = {}
    for run in runs:
        agents.setdefault(run.digest, []).append(run)
    return [
        (members[0].agent, members)
        for members in agents.values()
        if len({member.mode for member in members}) > 1
    ]


def _divided(
    runs: Sequence[RunOutcomes], values: Sequence[str], values_of: Callable[[Played], set[str]]
) -> Groups:
    """Return the runs with the episodes of each value that occurs."""
    found: Groups = []
    marked = [[(episode, values_of(episode)) for episode in run.episodes] for run in runs]
    for value in values:
        members = [
            replace(run, episodes=tuple(episode for episode, own in episodes if value in own))
            for run, episodes in zip(runs, marked, strict=True)
        ]
        if any(member.episodes for member in members):
            found.append((value, members))
    return found


def _by_coverage(runs: Sequence[RunOutcomes], compare: Compare) -> Breakdown:
    parts, notes = [], []
    for coverage in COVERAGES:
        try:
            members = [
                replace(run, episodes=tuple(episode.at(coverage) for episode in run.episodes)) for run in runs
            ]
            parts.append(Part(by=By.COVERAGE, value=f"{coverage:g}", comparison=compare(members)))
        except BenchError as error:
            notes.append(f"coverage {coverage:g}: {error}")
    return Breakdown(parts=tuple(parts), notes=tuple(notes))
