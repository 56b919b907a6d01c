"""Ensembles of the runs of a report, at numbers of samples that a single run can match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...agents import AgentIdentity
from ..analysis.ensembles import FEWEST_CLUSTERS, MatchedGain, matched_gain, parts_of
from ..analysis.paired import holm
from ..analysis.statistics import Ints, SolveCounts, best_single
from ..comparing import RunOutcomes
from .checkpoints import Line, groups_of
from .counts import Counts

PARTS = 2
"""Number of parts of the samples of one run that are the control by seeds."""


@dataclass(frozen=True, kw_only=True)
class EnsembleRow:
    """An ensemble with a number of samples, beside the best single run with as many."""

    name: str
    members: tuple[str, ...]
    """Labels of the runs that were members; for parts of one run, its label several times."""
    control: bool
    """Whether the members are the same model with other temperatures or seeds."""
    found: MatchedGain
    p_holm: float
    """p value corrected for all ensembles of the report."""
    token_ratio: float | None
    """Expected completion tokens of the ensemble over those of the single run; None without counts of
    tokens."""


def budgets(most: int) -> list[int]:
    """Return the powers of 2 from 2 up to the largest number of samples, and that number."""
    powers = [2**power for power in range(1, most.bit_length())]
    return sorted({*powers, most} - {0, 1})


def measure_ensembles(
    runs: Sequence[RunOutcomes],
    agents: Mapping[str, AgentIdentity],
    line: Line,
    counts: Counts,
    shared: Ints,
    rng: np.random.Generator,
) -> list[EnsembleRow]:
    """Compare ensembles with the best single run, on the problems that all runs share.

    Args:
        runs: Runs in the order of the counts.
        agents: Agents by digest.
        line: Places of the runs on the line of merges.
        counts: Counts of the runs.
        shared: Numbers of the shared problems.
        rng: Generator of halves and sign flips.
    """
    clusters = counts.clusters_of(shared)
    if int(clusters.max(initial=-1)) < FEWEST_CLUSTERS - 1:
        return []
    members = [counts.of(run, shared) for run in range(len(runs))]
    tokens = [
        float(counts.tokens[run, shared].sum()) / float(each.samples.sum())
        for run, each in enumerate(members)
    ]
    candidates = [
        _Candidate(
            name=group.name,
            labels=tuple(counts.labels[place] for place in group.members),
            members=tuple(members[place] for place in group.members),
            tokens=tuple(tokens[place] for place in group.members),
            control=group.control,
        )
        for group in groups_of(runs, agents, line)
    ]
    if candidates:
        candidates += _parts(counts.labels, members, tokens, rng)
    rows = [
        _row(candidate, budget, clusters, rng)
        for candidate in candidates
        for budget in budgets(min(int(each.samples.min()) for each in candidate.members))
    ]
    adjusted = holm([row.found.test.p for row in rows])
    return [replace(row, p_holm=p) for row, p in zip(rows, adjusted, strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """Members of an ensemble."""

    name: str
    labels: tuple[str, ...]
    members: tuple[SolveCounts, ...]
    tokens: tuple[float, ...]
    """Mean number of completion tokens of a sample of each member."""
    control: bool


def _parts(
    labels: Sequence[str], members: Sequence[SolveCounts], tokens: Sequence[float], rng: np.random.Generator
) -> list[_Candidate]:
    """Return the control by seeds: parts of the samples of the best run."""
    most = min(int(each.samples.min()) for each in members)
    if most < 2 * PARTS:
        return []
    best = best_single(members, most)
    return [
        _Candidate(
            name=f"seeds: halves of {labels[best]}",
            labels=(labels[best],) * PARTS,
            members=tuple(parts_of(members[best], PARTS, rng)),
            tokens=(tokens[best],) * PARTS,
            control=True,
        )
    ]


def _row(candidate: _Candidate, budget: int, clusters: Ints, rng: np.random.Generator) -> EnsembleRow:
    found = matched_gain(candidate.members, budget, clusters, rng)
    mixed = sum(share * tokens for share, tokens in zip(found.split.shares, candidate.tokens, strict=True))
    alone = budget * candidate.tokens[found.best]
    return EnsembleRow(
        name=candidate.name,
        members=candidate.labels,
        control=candidate.control,
        found=found,
        p_holm=found.test.p,
        token_ratio=mixed / alone if alone > 0 else None,
    )
