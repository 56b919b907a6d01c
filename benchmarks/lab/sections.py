"""The tables and notes of a report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...agents import EpisodeRecord
from ..analysis.frontier import Frontier, PointSummary
from ..analysis.outcomes import OUTCOMES, SOLVED, TRUNCATED
from ..analysis.statistics import RESAMPLES, Interval
from .claims import JudgedClaim
from .control import Control
from .document import Block, Grid, Heading, Paragraph
from .findings import SeedView, outside_findings
from .results import HELDOUT, LabResults, SeedResults

MISSING = "n/a"
CLASS_COLUMNS = ("correctness failures", "optimization failures", "RTE + CE + no code")
COUNTED_OUTCOMES = tuple(name for name in OUTCOMES if name != TRUNCATED)
MERGE_COLUMNS = ("differing", "identical_to_low", "identical_to_high", "delta_norm", "largest_delta")


TRUNCATED_NOTES = {
    "count": "A reply that was cut by the token limit, of an episode that is not solved, is in no failure "
    "class. Such episodes count as not solved (--truncated count).",
    "drop": "A reply that was cut by the token limit, of an episode that is not solved, is in no failure "
    "class. Such episodes are left out of all rates (--truncated drop).",
}


def smoke_blocks(controls: Sequence[Control]) -> Iterator[Block]:
    """Return the first blocks of the report of a smoke run."""
    failed = [control.name for control in controls if not control.passed]
    yield Heading(level=2, text="This is a smoke run")
    yield Paragraph(
        text="A smoke run shows that all parts work together, and whether merging, coverage or the gate is "
        "broken: the controls below use inputs with known results. A smoke run cannot show whether a claim "
        "of the paper holds, because the model is trained too little: ignore the verdicts of the claims."
    )
    yield Grid(
        columns=("control", "result", "expected", "found"),
        rows=tuple(
            (each.name, "passed" if each.passed else "failed", each.expected, each.found) for each in controls
        ),
        text=True,
    )
    yield Paragraph(text=f"Failed: {', '.join(failed)}." if failed else "All controls passed.")


def claims_blocks(claims: Sequence[JudgedClaim]) -> Iterator[Block]:
    """Return the table of claims, then every claim with its test and its numbers."""
    yield Grid(
        columns=("claim", "verdict", "effect by seed, with 95 % interval"),
        rows=tuple(
            (judged.claim.statement, judged.verdict.value, "; ".join(_headlines(judged))) for judged in claims
        ),
        text=True,
    )
    yield Paragraph(
        text="Every test was fixed before the results were known. A verdict requires that all seeds agree. "
        "Undecided means that an interval contains zero or crosses the margin, or that the seeds differ; it "
        "does not mean that there is no effect. Several claims are tested, each at 95 %, without a "
        "correction for multiple tests."
    )
    for judged in claims:
        yield Heading(level=3, text=judged.claim.statement)
        yield Paragraph(text=judged.claim.test)
        yield _finding_grid(judged)


def _headlines(judged: JudgedClaim) -> Iterator[str]:
    """Return the first effect of every seed."""
    for seed, finding in judged.findings.items():
        name, interval = next(iter(finding.effects.items()), ("", None))
        yield f"seed {seed}: {name} {interval}" if interval else f"seed {seed}: {finding.remark}"


def _finding_grid(judged: JudgedClaim) -> Grid:
    rows = []
    for seed, finding in judged.findings.items():
        rows.append((f"seed {seed}", finding.verdict.value, finding.remark))
        rows += [("", name, str(interval)) for name, interval in finding.effects.items()]
    return Grid(
        columns=("seed", "verdict, effects", "estimate [95 % interval], remark"), rows=tuple(rows), text=True
    )


def settings_grid(settings: Mapping[str, Any]) -> Grid:
    """Return a table of the settings as JSON values."""
    rows = tuple((name, json.dumps(value, sort_keys=True)) for name, value in settings.items())
    return Grid(columns=("setting", "value"), rows=rows, text=True)


def outcome_grid(table: Sequence[PointSummary]) -> Grid:
    """Return a table of how episodes end, with a column per outcome and one for truncated replies."""
    rows = tuple(
        (
            *_names(row),
            str(row.episodes),
            str(row.invalid),
            str(row.truncated),
            *(_cell(row.rates[name]) for name in COUNTED_OUTCOMES),
        )
        for row in table
    )
    columns = ("checkpoint", "kind", "episodes", "invalid", "truncated replies", *COUNTED_OUTCOMES)
    return Grid(columns=columns, rows=rows)


def solving_grid(table: Sequence[PointSummary]) -> Grid:
    """Return a table of failure classes, pass@k, and the plans that programs state."""
    ks = list(table[0].pass_at)
    rows = tuple(
        (
            *_names(row),
            *(_cell(row.rates[name]) for name in ("correctness", "optimization", "broken")),
            *(_cell(row.pass_at[k]) for k in ks),
            _cell(row.share_fast),
            _cell(row.solved_given_fast),
        )
        for row in table
    )
    passes = (f"pass@{k}" for k in ks)
    return Grid(columns=("checkpoint", "kind", *CLASS_COLUMNS, *passes, "#fast", "P(AC | #fast)"), rows=rows)


def mixed_grid(table: Sequence[PointSummary]) -> Grid:
    """Return a table of solve rates, failure classes and the largest pass@k under mixed limits."""
    last = max(table[0].pass_at)
    names = (SOLVED, "correctness", "optimization", "broken")
    rows = tuple(
        (*_names(row), *(_cell(row.rates[name]) for name in names), _cell(row.pass_at[last])) for row in table
    )
    return Grid(columns=("checkpoint", "kind", "solved", *CLASS_COLUMNS, f"pass@{last}"), rows=rows)


def gate_grid(view: SeedView) -> Grid:
    """Return a table of the gate's decisions about the extrapolated checkpoints."""
    rows = tuple(
        (
            f"{each.alpha:g}",
            each.verdict.value,
            each.watched,
            _cell(each.watched_change),
            _cell(each.broken_change),
            _cell(each.solved_change),
            _cell(each.trend),
        )
        for each in outside_findings(view)
    )
    return Grid(
        columns=(
            "alpha",
            "verdict",
            "watched failures",
            "change of the watched failures",
            "change of RTE + CE + no code",
            "change of the solve rate",
            "change between the trained checkpoints",
        ),
        rows=rows,
    )


def mode_grid(views: Sequence[SeedView]) -> Grid:
    """Return a table of the checkpoints that were trained in three modes, by the mode they were played in."""
    rows = tuple(
        (
            str(view.seed),
            mode,
            *_names(row),
            str(row.episodes),
            _cell(row.rates[SOLVED]),
            *(_cell(row.rates[name]) for name in ("correctness", "optimization", "broken")),
            _cell(row.share_fast),
        )
        for view in views
        for mode, frontier in view.modes.items()
        for row in frontier.table()
    )
    columns = ("seed", "mode", "checkpoint", "kind", "episodes", "solved", *CLASS_COLUMNS, "#fast")
    return Grid(columns=columns, rows=rows)


def served_grid(seeds: Sequence[SeedResults]) -> Grid:
    """Return a table that compares episodes played over HTTP with the same episodes played in-process."""
    rows = tuple(
        _served_row(each.seed, alpha, episodes, each.episodes[HELDOUT][alpha])
        for each in seeds
        for alpha, episodes in each.served.items()
    )
    return Grid(
        columns=("seed", "checkpoint", "episodes", "invalid", "same program", "same verdict"), rows=rows
    )


def _served_row(
    seed: int, alpha: float, served: Sequence[EpisodeRecord], evaluated: Sequence[EpisodeRecord]
) -> tuple[str, ...]:
    valid = [episode for episode in served if episode.reward_valid]
    in_process = {_key(episode): episode for episode in evaluated if episode.reward_valid}
    pairs = [(one, in_process[_key(one)]) for one in valid if _key(one) in in_process]
    programs = sum(one.submission == other.submission for one, other in pairs)
    verdicts = sum(_verdict(one) == _verdict(other) for one, other in pairs)
    counts = (len(valid), len(served) - len(valid), programs, verdicts)
    return (str(seed), f"alpha {alpha:g}", *map(str, counts))


def _key(episode: EpisodeRecord) -> tuple[str, int]:
    return episode.problem_digest, episode.sample


def _verdict(episode: EpisodeRecord) -> str | None:
    return episode.judgement.verdict.value if episode.judgement else None


def merge_grid(seeds: Sequence[SeedResults]) -> Grid:
    """Return a table of the figures in the merge reports, without digests and paths; n/a where missing."""
    rows = tuple(
        (str(each.seed), *_merge_cells(report)) for each in seeds for report in each.merges if report
    )
    columns = ("seed", "alpha", "effective alpha", *(name.replace("_", " ") for name in MERGE_COLUMNS))
    return Grid(columns=columns, rows=rows)


def _merge_cells(report: Mapping[str, Any]) -> Iterator[str]:
    recipe, measured = report.get("recipe") or {}, report.get("measured") or {}
    values = [recipe.get("alpha"), measured.get("effective_alpha")]
    for value in [*values, *(measured.get(name) for name in MERGE_COLUMNS)]:
        yield MISSING if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def notes(results: LabResults, views: Mapping[str, Sequence[SeedView]]) -> tuple[str, ...]:
    """Return the notes that a reader needs to interpret the numbers."""
    frontiers = [(split, view.seed, view.full) for split, each in views.items() for view in each]
    texts = [
        f"Intervals are percentiles of {RESAMPLES} resamples of the problems. They estimate how results "
        "would vary over other problems of this kind, not over other training runs; the results of each seed "
        "are shown separately for that reason.",
        "An interval of width 0 means that all problems agree, for example on an outcome that never "
        "occurred. It does not mean that the outcome is impossible.",
        "WA, RTE, CE, TLE, MLE and OLE stand for the verdict that decides the failure class of an episode: "
        "the first WA or RTE in the order of the tests, or else the first verdict other than AC.",
        TRUNCATED_NOTES[results.truncated],
        "Broken programs reduce both classes of failures that the claims are about, so a damaged checkpoint "
        "may seem to follow the trend. RTE + CE + no code are therefore shown for every extrapolated "
        "checkpoint.",
        "Ensembles and single checkpoints are compared at the same number of samples; the samples of "
        "different checkpoints may differ in length.",
        "A model of this size on generated problems shows whether an effect exists, not how large it is for "
        "other models and problems.",
    ]
    if len(results.seeds) == 1:
        texts.append("There is one seed, so no verdict in this report has been repeated.")
    texts += [
        f"Seed {each.seed}: both trained checkpoints have the same weights, so no results can differ."
        for each in results.seeds
        if _equal_parents(each)
    ]
    texts += [note for split, seed, each in frontiers for note in _lost(f"{split}, seed {seed}", each)]
    return (*texts, *results.notes)


def _equal_parents(results: SeedResults) -> bool:
    shares = [(report.get("measured") or {}).get("differing") for report in results.merges]
    return bool(shares) and all(share == 0 for share in shares)


def _lost(where: str, frontier: Frontier) -> Iterator[str]:
    invalid = sum(counts.invalid for counts in frontier.counts.values())
    if invalid:
        yield (
            f"{where}: {invalid} episodes failed because of infrastructure or model and are left out "
            "everywhere."
        )
    truncated = sum(counts.truncated for counts in frontier.counts.values())
    if truncated:
        yield f"{where}: the token limit cut the last reply of {truncated} episodes that are not solved."
    if frontier.dropped:
        yield (
            f"{where}: {len(frontier.dropped)} problems have no episode that counts at some checkpoint and "
            f"are left out at all checkpoints: {', '.join(frontier.dropped)}."
        )


def _names(row: PointSummary) -> tuple[str, str]:
    if row.point.trained:
        return row.point.name, "trained"
    return row.point.name, "extrapolated" if row.point.extrapolated else "merged"


def _cell(interval: Interval | None) -> str:
    return MISSING if interval is None else str(interval)
