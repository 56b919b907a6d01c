"""Compare runs on the problems that they share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ..analysis.clustered import (
    MEAN_METHOD,
    SHARE_METHOD,
    cluster_variance,
    clustered_mean,
    clustered_share,
    numbered,
)
from ..analysis.paired import TestResult, holm, mcnemar, sign_flip, tie_letters
from ..analysis.power import Components, components, detectable_difference, noise_floor
from ..analysis.statistics import Floats, Interval, Ints, SolveCounts, pass_at_k
from ..analysis.tally import Truncated
from ..errors import BenchError
from .outcomes import Played, RunOutcomes

LEVEL = 0.05
"""Level at which two runs count as different, after the correction by Holm."""
SEED = 0
"""Seed of random sign flips, so that equal records give equal numbers."""
PASS_METHOD = "unbiased pass@k"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its interval and the names of the methods."""

    value: float
    interval: Interval | None
    """The 95 % interval; None with fewer than 2 clusters of problems, and for equal differences."""
    method: str


@dataclass(frozen=True, kw_only=True)
class RunRates:
    """The rates of a run on the shared problems."""

    run: str
    passes: Mapping[int, Estimate]
    """pass@k by k."""
    ties: Mapping[int, str]
    """Letters by k; runs that share a letter are not distinguishable."""
    samples: int
    """Number of episodes that count, on the shared problems."""
    truncated: int
    """Number of valid episodes on all problems that are not solved and whose last reply was cut."""
    invalid: int
    """Number of episodes on all problems that do not count, as infrastructure or a model failed."""
    other_problems: int
    """Number of problems of the run that not all runs share."""
    noise: float | None
    """Difference in pass@1 between two repeats of the run that 5 % of such pairs exceed; None with one
    sample."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The paired comparison of two runs."""

    first: str
    second: str
    k: int
    difference: Estimate
    """pass@k of `second` minus pass@k of `first`, over the problems that the two share."""
    test: TestResult
    p_holm: float
    """p value corrected for all pairs of the same k."""
    detectable: float | None
    """Smallest true difference that these samples would detect with probability 0.8; None where all
    differences are equal."""
    problems: int
    clusters: int
    left_out: int
    """Number of problems that both runs played and that lack k valid samples of one of them."""

    @property
    def different(self) -> bool:
        """Whether the runs differ after the correction for all pairs."""
        return self.p_holm <= LEVEL


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The comparison of runs on shared problems."""

    problems: int
    """Number of problems that all runs share and have enough valid samples of."""
    clusters: int
    left_out: int
    """Number of problems that all runs played and that lack valid samples of a run."""
    runs: tuple[RunRates, ...]
    """Runs, highest pass@k of the first k first."""
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]


ClusterOf = Callable[[Played], str]


def compare(
    runs: Sequence[RunOutcomes],
    *,
    ks: Sequence[int] = (1,),
    truncated: Truncated = "count",
    cluster_of: ClusterOf = lambda episode: episode.problem_digest,
) -> Comparison:
    """Compare runs on the problems that all of them share.

    Args:
        runs: Runs with different labels.
        ks: Numbers of samples k of pass@k.
        truncated: Whether truncated episodes count as not solved, or are left out.
        cluster_of: Name of the cluster of the problem of an episode.

    Raises:
        BenchError: The runs share no problem, or no shared problem has enough valid samples.
        ValueError: There are no runs, or a k is less than 1.
    """
    if not runs or not ks or min(ks) < 1:
        raise ValueError(f"there must be runs, and every k must be at least 1, got {len(runs)} runs, k {ks}")
    table = _Table(runs, truncated, cluster_of)
    most = max(ks)
    everywhere = table.played.all(axis=0)
    if not everywhere.any():
        raise BenchError(_unshared(runs, table))
    enough = everywhere & (table.samples >= most).all(axis=0)
    if not enough.any():
        raise BenchError(
            f"no shared problem has {most} valid samples of every run: the largest k that works is "
            f"{int(table.samples[:, everywhere].min(axis=0).max())}; pass a smaller --k"
        )
    rng = np.random.default_rng(SEED)
    pairs = tuple(pair for k in ks for pair in _pairs(runs, table, k, rng))
    order = sorted(
        range(len(runs)), key=lambda place: (-float(table.passes(place, ks[0], enough).mean()), place)
    )
    letters = {k: _letters([runs[place].label for place in order], pairs, k) for k in ks}
    rates = tuple(
        _rates(runs[place], table, place, enough, {k: letters[k][rank] for k in ks})
        for rank, place in enumerate(order)
    )
    clusters = len(np.unique(table.clusters[enough]))
    notes = [] if clusters > 1 else ["intervals need at least 2 clusters of problems"]
    return Comparison(
        problems=int(enough.sum()),
        clusters=clusters,
        left_out=int(everywhere.sum() - enough.sum()),
        runs=rates,
        pairs=pairs,
        notes=tuple(notes + _changed(runs)),
    )


def run_components(runs: Sequence[RunOutcomes]) -> list[Components]:
    """Estimate the variances of each pair of runs that shares at least 2 problems with 2 samples each."""
    table = _Table(runs, "count", lambda episode: episode.problem_digest)
    found = []
    for rows in combinations(range(len(runs)), 2):
        chosen = (table.samples[list(rows)] >= 2).all(axis=0)
        if chosen.sum() >= 2:
            one, two = (
                SolveCounts(samples=table.samples[row, chosen], solved=table.solved[row, chosen])
                for row in rows
            )
            found.append(components(one, two))
    return found


class _Table:
    """Counts of all runs on all problems: int64 [E, P]."""

    def __init__(self, runs: Sequence[RunOutcomes], truncated: Truncated, cluster_of: ClusterOf) -> None:
        places: dict[str, int] = {}
        names: list[str] = []
        for run in runs:
            for episode in _begun(run):
                if places.setdefault(episode.problem_digest, len(names)) == len(names):
                    names.append(cluster_of(episode))
        shape = (len(runs), len(names))
        self.samples, self.solved = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.played = np.zeros(shape, np.bool_)
        self.clusters = numbered(names)
        for row, run in enumerate(runs):
            for episode in _begun(run):
                place = places[episode.problem_digest]
                self.played[row, place] = True
                if episode.reward_valid and not (truncated == "drop" and episode.truncated):
                    self.samples[row, place] += 1
                    self.solved[row, place] += episode.solved

    def passes(self, row: int, k: int, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        """Return pass@k of a run on the chosen problems."""
        return pass_at_k(self.samples[row, chosen], self.solved[row, chosen], k)


def _begun(run: RunOutcomes) -> list[Played]:
    """Return the episodes whose problem is known; an episode that could not begin has no digest."""
    return [episode for episode in run.episodes if episode.problem_digest]


def _rates(
    run: RunOutcomes,
    table: _Table,
    row: int,
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ties: Mapping[int, str],
) -> RunRates:
    counts = SolveCounts(samples=table.samples[row, chosen], solved=table.solved[row, chosen])
    clusters, total = _compact(table.clusters[chosen]), int(counts.samples.sum())
    passes = {}
    for k in ties:
        values = table.passes(row, k, chosen)
        interval = clustered_share(values, clusters, max(1.0, total / k)) if clusters.max() else None
        method = f"{PASS_METHOD}; {SHARE_METHOD}"
        passes[k] = Estimate(value=float(values.mean()), interval=interval, method=method)
    return RunRates(
        run=run.label,
        passes=passes,
        ties=ties,
        samples=total,
        truncated=sum(episode.truncated for episode in run.valid),
        invalid=run.invalid,
        other_problems=int(table.played[row].sum() - table.played.all(axis=0).sum()),
        noise=noise_floor(counts) if counts.samples.min() > 1 else None,
    )


def _pairs(runs: Sequence[RunOutcomes], table: _Table, k: int, rng: np.random.Generator) -> list[Pair]:
    """Return the pairs of runs, with their p values corrected."""
    pairs = [
        _pair((runs[first].label, runs[second].label), table, (first, second), k, rng)
        for first, second in combinations(range(len(runs)), 2)
    ]
    adjusted = holm([pair.test.p for pair in pairs])
    return [replace(pair, p_holm=p) for pair, p in zip(pairs, adjusted, strict=True)]


def _pair(
    labels: tuple[str, str], table: _Table, rows: tuple[int, int], k: int, rng: np.random.Generator
) -> Pair:
    both = table.played[list(rows)].all(axis=0)
    chosen = both & (table.samples[list(rows)] >= k).all(axis=0)
    clusters = _compact(table.clusters[chosen])
    differences = table.passes(rows[1], k, chosen) - table.passes(rows[0], k, chosen)
    count = int(clusters.max(initial=-1)) + 1
    error = math.sqrt(cluster_variance(differences, clusters)) if count > 1 else 0.0
    samples = table.samples[list(rows)][:, chosen]
    if k == 1 and samples.max() == 1 and count == differences.size:
        test = mcnemar(int((differences < 0).sum()), int((differences > 0).sum()))
    else:
        scale = math.lcm(*np.unique(samples).tolist()) if k == 1 else None
        test = sign_flip(differences, clusters, rng, scale=scale)
    return Pair(
        first=labels[0],
        second=labels[1],
        k=k,
        difference=Estimate(
            value=float(differences.mean()),
            interval=clustered_mean(differences, clusters) if error > 0 else None,
            method=f"paired; {MEAN_METHOD}",
        ),
        test=test,
        p_holm=test.p,
        detectable=detectable_difference(error, count) if error > 0 else None,
        problems=differences.size,
        clusters=count,
        left_out=int(both.sum() - chosen.sum()),
    )


def _letters(labels: Sequence[str], pairs: Sequence[Pair], k: int) -> list[str]:
    different = np.zeros((len(labels), len(labels)), np.bool_)
    for pair in pairs:
        if pair.k == k and pair.different:
            one, two = labels.index(pair.first), labels.index(pair.second)
            different[one, two] = different[two, one] = True
    return tie_letters(different)


def _compact(clusters: Ints) -> Ints:
    """Number the clusters that are left from 0."""
    return np.unique(clusters, return_inverse=True)[1].astype(np.int64)


def _unshared(runs: Sequence[RunOutcomes], table: _Table) -> str:
    counts = ", ".join(f"{run.label} {int(row.sum())}" for run, row in zip(runs, table.played, strict=True))
    return f"the runs share no problem, so they cannot be compared (problems: {counts})"


def _changed(runs: Sequence[RunOutcomes]) -> list[str]:
    """Return a note if problems of one id differ between runs."""
    digests: dict[str, set[str]] = {}
    for run in runs:
        for episode in run.episodes:
            digests.setdefault(episode.problem_id, set()).add(episode.problem_digest)
    changed = sorted(name for name, found in digests.items() if len(found - {""}) > 1)
    if not changed:
        return []
    names = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
    return [f"{len(changed)} problem ids stand for different problems (other tests or limits): {names}"]
