"""Counts of all runs on all problems, by outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..analysis.clustered import numbered
from ..analysis.outcomes import OUTCOMES, SOLVED, PointCounts
from ..analysis.statistics import Floats, Ints, SolveCounts
from ..analysis.tally import Truncated
from ..comparing import RunOutcomes
from ..comparing.facts import ProblemFacts
from ..errors import BenchError
from .reading import Told, is_told


@dataclass(frozen=True, kw_only=True)
class ProblemRow:
    """A problem that a run has played."""

    id: str
    digest: str
    difficulty: str | None
    month: str | None
    tags: tuple[str, ...]
    cluster: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Numbers of episodes of E runs on P problems."""

    labels: tuple[str, ...]
    problems: tuple[ProblemRow, ...] = field(repr=False)
    """Problems of all runs, by id."""
    played: NDArray[np.bool_] = field(repr=False)
    """bool [E, P]: whether the run has an episode of the problem, valid or not."""
    outcomes: Mapping[str, Ints] = field(repr=False)
    """int64 [E, P] for each of OUTCOMES: episodes that count."""
    invalid: Ints = field(repr=False)
    """int64 [E, P]: episodes in which infrastructure or a model failed."""
    truncated: Ints = field(repr=False)
    """int64 [E, P]: valid episodes that are not solved and whose last reply was cut."""
    tokens: Floats = field(repr=False)
    """float64 [E, P]: completion tokens of the episodes that count."""
    kinds: tuple[Mapping[str, int], ...]
    """Number of invalid episodes of each run by what failed."""
    clusters: Ints = field(repr=False)
    """int64 [P]: number of the cluster of each problem."""

    @property
    def samples(self) -> Ints:
        """int64 [E, P]: episodes that count."""
        return np.asarray(sum(self.outcomes.values()), np.int64)

    @property
    def solved(self) -> Ints:
        """int64 [E, P]: solved episodes."""
        return self.outcomes[SOLVED]

    @property
    def mostly_solved(self) -> NDArray[np.bool_]:
        """bool [E, P]: whether at least half of the samples, and at least one, are solved."""
        return np.asarray((2 * self.solved >= self.samples) & (self.solved > 0))

    @property
    def shared(self) -> Ints:
        """int64: numbers of the problems with an episode of every run that counts."""
        return np.flatnonzero((self.samples > 0).all(axis=0))

    def of(self, run: int, problems: Ints) -> SolveCounts:
        """Return the counts of a run on some of the problems."""
        return SolveCounts(samples=self.samples[run, problems], solved=self.solved[run, problems])

    def point(self, run: int, problems: Ints) -> PointCounts:
        """Return the outcomes of a run on some of the problems."""
        return PointCounts(
            problems=tuple(self.problems[place].id for place in problems),
            digests=tuple(self.problems[place].digest for place in problems),
            samples=self.samples[run, problems],
            outcomes={name: counts[run, problems] for name, counts in self.outcomes.items()},
            fast=None,
            fast_solved=None,
            invalid=int(self.invalid[run].sum()),
            truncated=int(self.truncated[run].sum()),
        )

    def clusters_of(self, problems: Ints) -> Ints:
        """Return the clusters of some of the problems, numbered from 0."""
        return np.unique(self.clusters[problems], return_inverse=True)[1].astype(np.int64)


def count(runs: Sequence[RunOutcomes], facts: ProblemFacts, truncated: Truncated) -> Counts:
    """Count the episodes of runs.

    Args:
        runs: Runs with episodes that `read_source` has read.
        facts: Contests, dates and tags of problems.
        truncated: Whether truncated episodes count as not solved, or are left out of the counts but for
            `Counts.truncated`.
    """
    found = [_told(run) for run in runs]
    problems = _problems(found, facts)
    places = {problem.digest: place for place, problem in enumerate(problems)}
    shape = (len(runs), len(problems))
    outcomes = {name: np.zeros(shape, np.int64) for name in OUTCOMES}
    played, invalid, cut = np.zeros(shape, np.bool_), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    tokens = np.zeros(shape)
    kinds: list[dict[str, int]] = [{} for _ in runs]
    for row, episodes in enumerate(found):
        for episode in episodes:
            place = places.get(episode.problem_digest)
            if not episode.reward_valid:
                kind = episode.failure_kind or "unknown"
                kinds[row][kind] = kinds[row].get(kind, 0) + 1
            if place is None:
                continue  # the episode could not begin, so its problem is not known
            played[row, place] = True
            if not episode.reward_valid:
                invalid[row, place] += 1
                continue
            cut[row, place] += episode.truncated
            if not (truncated == "drop" and episode.truncated):
                outcomes[episode.outcome][row, place] += 1
                tokens[row, place] += episode.usage.completion_tokens
    return Counts(
        labels=tuple(run.label for run in runs),
        problems=problems,
        played=played,
        outcomes=outcomes,
        invalid=invalid,
        truncated=cut,
        tokens=tokens,
        kinds=tuple(dict(sorted(each.items())) for each in kinds),
        clusters=numbered([problem.cluster for problem in problems]),
    )


def _told(run: RunOutcomes) -> tuple[Told, ...]:
    episodes = run.episodes
    assert is_told(episodes), "the runs of a report are read by its own reader"
    return episodes


def _problems(found: Sequence[Sequence[Told]], facts: ProblemFacts) -> tuple[ProblemRow, ...]:
    problems: dict[str, ProblemRow] = {}
    for episodes in found:
        for episode in episodes:
            digest = episode.problem_digest
            if digest and digest not in problems:
                problems[digest] = ProblemRow(
                    id=episode.problem_id,
                    digest=digest,
                    difficulty=episode.difficulty,
                    month=facts.months.get(episode.problem_id),
                    tags=facts.tags.get(episode.problem_id, ()),
                    cluster=facts.cluster(episode),
                )
    if not problems:
        raise BenchError("the records hold no episode of a known problem")
    return tuple(sorted(problems.values(), key=lambda problem: (problem.id, problem.digest)))
