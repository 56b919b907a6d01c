"""Everything that a report says in numbers, computed from records alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

import numpy as np

from ...agents import AgentIdentity
from ..analysis.clustered import clustered_mean, clustered_share
from ..analysis.complementarity import (
    half_pass,
    intersections,
    jaccard_gap,
    kappa_gap,
    overlap,
    pair_gain,
    split_half_overlap,
)
from ..analysis.frontier import CheckpointPoint, Frontier, GateFinding, GateVerdict, PointSummary, gate
from ..analysis.outcomes import CORRECTNESS, OPTIMIZATION, LimitSelection
from ..analysis.regions import (
    FEWEST_CLUSTERS,
    Region,
    confidence_region,
    hypervolume_gain,
    hypervolume_interval,
)
from ..analysis.statistics import Floats, Interval, Ints, ensemble_pass, resampling_weights
from ..analysis.tally import Truncated
from ..comparing import Comparison, RunOutcomes, collect, compare
from ..comparing.breakdowns import Breakdown, By, break_down
from ..comparing.facts import ProblemFacts
from .budgets import EnsembleRow, budgets, measure_ensembles
from .checkpoints import Line, in_order, line_of
from .counts import Counts, count
from .reading import Source

SEED = 2606
"""Seed of bootstraps, halves and sign flips, so that equal records give equal reports."""


_FEWEST_PARTS = {By.DIFFICULTY: 1, By.TAG: 1, By.MONTH: 1, By.MODE: 0, By.COVERAGE: -1}
"""Numbers of parts that say nothing; parts by coverage were asked for, so their notes are always shown."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a user may choose about a report."""

    ks: tuple[int, ...] = (1,)
    truncated: Truncated = "count"
    facts: ProblemFacts = field(default_factory=ProblemFacts)
    cutoff: str | None = None
    """Last month, as YYYY-MM, that the models may have seen in training."""
    coverage: bool = False
    """Whether to compare at other coverages, too; the sources must have the verdicts of tests."""
    alphas: Mapping[str, float] = field(default_factory=dict)
    """Places of runs on the line from low to high coverage, by label."""


@dataclass(frozen=True, kw_only=True)
class PairOverlap:
    """How much the problems that two runs solve differ, beside the same for halves of one run."""

    first: str
    second: str
    jaccard: Interval
    """Split-half Jaccard index minus the index between the runs."""
    kappa: Interval
    """Split-half kappa minus kappa between the runs."""
    only_first: float
    """Expected number of problems that half of the samples of the first run solve and half of those of the
    second do not."""
    only_second: float
    null_first: float
    """The same between two halves of the first run."""
    null_second: float
    budget: int
    gain: Interval
    """Gain of an equal split over the better run, in pass@budget."""


@dataclass(frozen=True, kw_only=True)
class Union:
    """Problems that at least one of all runs solves with equally many samples each."""

    each: int
    """Number of samples of each run."""
    solved: Interval
    """Expected share of problems that some run solves."""
    single: Interval
    """The same for the run that is best with this number of samples."""
    best: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings:
    """The content of a report."""

    sources: tuple[Source, ...] = field(repr=False)
    runs: tuple[RunOutcomes, ...] = field(repr=False)
    choices: Choices
    comparison: Comparison = field(repr=False)
    parts: Mapping[By, Breakdown] = field(repr=False)
    counts: Counts = field(repr=False)
    shared: Ints = field(repr=False)
    """Numbers of the problems that the sections after the comparison are about."""
    line: Line
    frontier: tuple[PointSummary, ...] = field(repr=False)
    regions: Mapping[str, Region] = field(repr=False)
    """Confidence regions by run."""
    gates: tuple[GateFinding, ...]
    areas: Mapping[str, Interval]
    """Dominated areas by what they are about."""
    sets: tuple[tuple[tuple[int, ...], int], ...] = field(repr=False)
    """Combinations of runs that solve a problem in half of their samples, with the numbers of problems."""
    overlaps: tuple[PairOverlap, ...] = field(repr=False)
    unions: tuple[Union, ...]
    ensembles: tuple[EnsembleRow, ...] = field(repr=False)
    notes: tuple[str, ...]

    @property
    def agents(self) -> dict[str, AgentIdentity]:
        """Agents by digest."""
        return {digest: agent for source in self.sources for digest, agent in source.agents.items()}


def find(sources: Sequence[Source], choices: Choices | None = None) -> Findings:
    """Compute everything that a report says.

    Raises:
        BenchError: The runs share no problem with enough valid samples, or an alpha fits no run.
        ValueError: There are no runs, or a k is less than 1.
    """
    choices = choices or Choices()
    runs = collect((source.name, source.episodes) for source in sources)
    compared = partial(compare, ks=choices.ks, truncated=choices.truncated, cluster_of=choices.facts.cluster)
    comparison = compared(runs)
    agents = {digest: agent for source in sources for digest, agent in source.agents.items()}
    runs, line = in_order(runs, line_of(runs, agents, choices.alphas))
    counts = count(runs, choices.facts, choices.truncated)
    divided = (By.DIFFICULTY, By.MODE, By.MONTH, By.TAG, *((By.COVERAGE,) if choices.coverage else ()))
    parts = {by: break_down(by, runs, compared, choices.facts, cutoff=choices.cutoff) for by in divided}
    measured = _Measured(counts, line, choices)
    return Findings(
        sources=tuple(sources),
        runs=tuple(runs),
        choices=choices,
        comparison=comparison,
        parts={by: each for by, each in parts.items() if len(each.parts) > _FEWEST_PARTS[by]},
        counts=counts,
        shared=measured.shared,
        line=line,
        frontier=tuple(measured.frontier.table()) if measured.frontier else (),
        regions=measured.regions(),
        gates=tuple(measured.gates()),
        areas=measured.areas(),
        sets=tuple(intersections(counts.mostly_solved[:, measured.shared])),
        overlaps=tuple(measured.overlaps()),
        unions=tuple(measured.unions()),
        ensembles=tuple(
            measure_ensembles(runs, agents, line, counts, measured.shared, np.random.default_rng(SEED))
        ),
        notes=(*line.notes, *measured.notes),
    )


class _Measured:
    """Measures on the problems that all runs share."""

    def __init__(self, counts: Counts, line: Line, choices: Choices) -> None:
        self.counts, self.line = counts, line
        self.shared = counts.shared
        self.clusters = counts.clusters_of(self.shared)
        self.notes: list[str] = []
        self.frontier: Frontier | None = None
        if int(self.clusters.max(initial=-1)) < 1:
            self.notes.append(
                "the frontier, overlaps and ensembles need 2 clusters of problems that all runs share"
            )
            return
        self.weights = resampling_weights(
            self.shared.size, np.random.default_rng(SEED), clusters=self.clusters
        )
        self.frontier = Frontier(
            limits=LimitSelection.FULL,
            truncated=choices.truncated,
            problems=tuple(counts.problems[place].id for place in self.shared),
            dropped=(),
            counts={point: counts.point(run, self.shared) for run, point in enumerate(line.points)},
            weights=self.weights,
        )

    def regions(self) -> dict[str, Region]:
        """Return the confidence region of each run; none with fewer than 3 clusters."""
        if self.frontier is None or int(self.clusters.max()) + 1 < FEWEST_CLUSTERS:
            return {}
        return {
            point.name: confidence_region(
                counts.rate(*CORRECTNESS), counts.rate(*OPTIMIZATION), self.clusters
            )
            for point, counts in self.frontier.counts.items()
        }

    def gates(self) -> list[GateFinding]:
        """Return the gate's decisions about the checkpoints beyond the trained ends."""
        frontier = self.frontier
        if frontier is None or not {0.0, 1.0} <= set(frontier.alphas):
            return []
        return [gate(frontier, alpha) for alpha in frontier.alphas if not 0 <= alpha <= 1]

    def areas(self) -> dict[str, Interval]:
        """Return the areas that checkpoints dominate, and what merges add to the trained ends."""
        frontier = self.frontier
        if frontier is None:
            return {}
        x = np.stack([counts.rate(*CORRECTNESS) for counts in frontier.counts.values()])
        y = np.stack([counts.rate(*OPTIMIZATION) for counts in frontier.counts.values()])
        found = {"all runs": hypervolume_interval(x, y, self.weights)}
        points = list(frontier.counts)
        trained = [place for place, point in enumerate(points) if point.trained]
        if len(trained) < 2:
            return found
        inside = [place for place, point in enumerate(points) if _inside(point)]
        passed = {each.alpha for each in self.gates() if each.verdict is GateVerdict.EXTENSION}
        extended = [place for place, point in enumerate(points) if point.alpha in passed]
        found["trained ends"] = hypervolume_interval(x[trained], y[trained], self.weights)
        if len(inside) > 2:
            found["gain of interpolation"] = _gain(x, y, inside, trained, self.weights)
        if extended:
            found["gain of extrapolation that passes the gate"] = _gain(
                x, y, [*inside, *extended], inside, self.weights
            )
        return found

    def overlaps(self) -> list[PairOverlap]:
        """Return the overlap of each pair of runs; none if a problem has a single sample of a run."""
        most = self._budget()
        if self.frontier is None or most < 2:
            return []
        members = [self.counts.of(run, self.shared) for run in range(len(self.counts.labels))]
        alone = [split_half_overlap(member) for member in members]
        nulls = [float(np.sum(each.either - each.both) / 2) for each in alone]
        found = []
        for one, two in combinations(range(len(members)), 2):
            first, second = members[one], members[two]
            cross = overlap(first, second)
            # P(one half solves) is the mean of both and either, shifted by the difference of the runs.
            lead = float(np.sum(half_pass(first) - half_pass(second)))
            apart = float(np.sum(cross.either - cross.both))
            found.append(
                PairOverlap(
                    first=self.counts.labels[one],
                    second=self.counts.labels[two],
                    jaccard=jaccard_gap(first, second, self.weights),
                    kappa=kappa_gap(first, second, self.weights),
                    only_first=(apart + lead) / 2,
                    only_second=(apart - lead) / 2,
                    null_first=nulls[one],
                    null_second=nulls[two],
                    budget=most,
                    gain=clustered_mean(pair_gain(first, second, most), self.clusters),
                )
            )
        return found

    def unions(self) -> list[Union]:
        """Return the share of problems that any run solves, with growing numbers of samples."""
        labels = self.counts.labels
        if self.frontier is None or len(labels) < 2:
            return []
        members = [self.counts.of(run, self.shared) for run in range(len(labels))]
        total = float(self.counts.samples[:, self.shared].sum())
        found = []
        for each in (1, *budgets(self._budget())):
            rates = [ensemble_pass([member], [each]) for member in members]
            best = int(np.argmax([round(float(rate.mean()), 12) for rate in rates]))
            solved = ensemble_pass(members, [each] * len(members))
            found.append(
                Union(
                    each=each,
                    solved=clustered_share(solved, self.clusters, max(1.0, total / each / len(members))),
                    single=clustered_share(
                        rates[best], self.clusters, max(1.0, float(members[best].samples.sum()) / each)
                    ),
                    best=labels[best],
                )
            )
        return found

    def _budget(self) -> int:
        return int(self.counts.samples[:, self.shared].min())


def _inside(point: CheckpointPoint) -> bool:
    return point.alpha is not None and not point.extrapolated


def _gain(x: Floats, y: Floats, chosen: list[int], base: list[int], weights: Floats) -> Interval:
    places = np.array([chosen.index(place) for place in base], np.int64)
    return hypervolume_gain(x[chosen], y[chosen], places, weights)
