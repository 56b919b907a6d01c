"""The results of a sweep: comparison of the merges, frontier and gate, as tables, figures and JSON.

Equal records give equal bytes: nothing here depends on times or on how often the sweep was interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ...agents.records.record import EpisodeRecord
from ...merging.checkpoints.checkpoint import MERGE
from ...system import write_file
from ..analysis.drawing import FigurePaths, save
from ..analysis.figures import frontier_figure, profile_figure
from ..analysis.frontier import CheckpointPoint, Frontier, GateFinding, PointSummary, gate, make_frontier
from ..analysis.tally import Truncated
from ..comparing import Comparison, collect, compare, played
from ..comparing.sheets import Sheet, as_csv, markdown, sheets
from ..errors import BenchError
from .plan import SweepPlan

RESULTS: Final = "results.json"
COLUMNS: Final = {
    "AC": "solved",
    "correctness": "correctness",
    "optimization": "optimization",
    "broken": "broken",
}
"""Rates of the frontier table with their headings."""


@dataclass(frozen=True, kw_only=True)
class EnvResult:
    """The results in one environment."""

    env_id: str
    comparison: Comparison | None
    frontier: Frontier | None
    findings: tuple[GateFinding, ...] = ()
    """Decisions of the gate about merges beyond the parents."""
    notes: tuple[str, ...] = ()
    figures: tuple[FigurePaths, ...] = field(default=(), repr=False)


def evaluate(
    plan: SweepPlan,
    episodes: Mapping[str, Sequence[EpisodeRecord]],
    *,
    ks: Sequence[int],
    truncated: Truncated,
) -> list[EnvResult]:
    """Compare the merges in each environment.

    Args:
        plan: The sweep.
        episodes: Records of each merge by name.
        ks: Numbers of samples k of pass@k.
        truncated: Whether truncated episodes count as not solved, or are left out.
    """
    assert plan.bench is not None
    return [
        _evaluate(plan, env_id, _of_env(episodes, env_id), ks=ks, truncated=truncated)
        for env_id in plan.bench.env
    ]


def _of_env(episodes: Mapping[str, Sequence[EpisodeRecord]], env_id: str) -> dict[str, list[EpisodeRecord]]:
    return {name: [each for each in found if each.env_id == env_id] for name, found in episodes.items()}


def _evaluate(
    plan: SweepPlan,
    env_id: str,
    episodes: Mapping[str, list[EpisodeRecord]],
    *,
    ks: Sequence[int],
    truncated: Truncated,
) -> EnvResult:
    notes: list[str] = []
    comparison = frontier = None
    runs = [
        replace(run, label=name)
        for name, found in episodes.items()
        for run in collect([(name, [played(episode) for episode in found])])
    ]
    try:
        comparison = compare(runs, ks=ks, truncated=truncated)
    except (BenchError, ValueError) as error:
        notes.append(f"no comparison: {error}")
    points = {_point(plan, name): found for name, found in episodes.items()}
    assert plan.bench is not None
    try:
        frontier = make_frontier(points, np.random.default_rng(plan.bench.seed), truncated=truncated)
    except ValueError as error:
        notes.append(f"no frontier: {error}")
    return EnvResult(
        env_id=env_id,
        comparison=comparison,
        frontier=frontier,
        findings=_findings(plan, frontier),
        notes=tuple(notes),
    )


def _point(plan: SweepPlan, name: str) -> CheckpointPoint:
    place = plan.places[name]
    return CheckpointPoint(name=name, alpha=place, trained=place in (0, 1))


def _findings(plan: SweepPlan, frontier: Frontier | None) -> tuple[GateFinding, ...]:
    places = [place for place in plan.places.values() if place is not None]
    if frontier is None or not {0.0, 1.0} <= set(places):
        return ()
    return tuple(gate(frontier, place) for place in sorted(places) if not 0 <= place <= 1)


def merge_sheet(plan: SweepPlan) -> Sheet:
    """Return a table of the merges, with what their merge.json says."""
    rows = []
    for name in plan.names:
        measured = json.loads((plan.merges / name / MERGE).read_bytes())["measured"]
        effective = (
            ["-"] if measured["effective"] is None else [f"{each:.4f}" for each in measured["effective"]]
        )
        shares = ", ".join(f"{share:.1%}" for share in measured["identical"])
        rows.append((name, ", ".join(effective), shares))
    columns = ("merge", "effective coefficients", "identical to each parent")
    return Sheet(title=f"Merges in {plan.merges}", columns=columns, rows=tuple(rows))


def result_sheets(result: EnvResult) -> list[Sheet]:
    """Return the tables of an environment: rates, paired tests, failures."""
    found = []
    if result.comparison is not None:
        title = f"{result.env_id}: {result.comparison.problems} problems that all merges share"
        found += sheets(result.comparison, title=title)
    if result.frontier is not None:
        found.append(_frontier_sheet(result, result.frontier.table()))
    if result.notes:
        found.append(Sheet(title=result.env_id, columns=("note",), rows=(), notes=result.notes))
    return found


def _frontier_sheet(result: EnvResult, table: Sequence[PointSummary]) -> Sheet:
    rows = tuple(
        (
            row.point.name,
            str(row.episodes),
            *(str(row.rates[name]) for name in COLUMNS),
        )
        for row in table
    )
    notes = tuple(
        f"gate at {finding.alpha:g}: {finding.verdict.value} (broken {finding.broken_change.estimate:+.3f}, "
        f"{finding.watched} failures {finding.watched_change.estimate:+.3f} beyond {finding.end:g})"
        for finding in result.findings
    )
    columns = ("merge", "episodes", *(f"{name} [95 %]" for name in COLUMNS.values()))
    return Sheet(
        title=f"{result.env_id}: share of episodes by failure", columns=columns, rows=rows, notes=notes
    )


def write_results(plan: SweepPlan, results: Sequence[EnvResult]) -> list[Path]:
    """Write tables, figures and JSON to the folder of the sweep, and return the paths.

    Raises:
        BenchError: matplotlib is not installed.
        OSError: A file cannot be written.
    """
    paths = []
    for result in results:
        if result.frontier is not None:
            table = result.frontier.table()
            paths.append(
                save(frontier_figure(table, result.env_id), plan.out, f"frontier-{result.env_id}").png
            )
            if any(row.point.alpha is not None for row in table):
                profile = profile_figure(table, result.env_id)
                paths.append(save(profile, plan.out, f"profile-{result.env_id}").png)
        if result.comparison is not None:
            paths.append(plan.out / f"comparison-{result.env_id}.csv")
            write_file(paths[-1], as_csv(result.comparison))
    texts = [merge_sheet(plan), *(sheet for result in results for sheet in result_sheets(result))]
    for name, text in (
        ("results.md", markdown(texts)),
        (RESULTS, json.dumps(document(plan, results), indent=1) + "\n"),
    ):
        paths.append(plan.out / name)
        write_file(paths[-1], text)
    return paths


def document(plan: SweepPlan, results: Sequence[EnvResult]) -> dict[str, Any]:
    """Return the results as values of JSON."""
    merges = {}
    for name, value in zip(plan.names, plan.values, strict=True):
        content = json.loads((plan.merges / name / MERGE).read_bytes())
        digest, measured = content["output"]["digest"], content["measured"]
        merges[name] = {plan.parameter: value, "place": plan.places[name], "digest": digest, **measured}
    return {
        "parameter": plan.parameter,
        "merges": merges,
        "environments": {
            result.env_id: {
                "comparison": asdict(result.comparison) if result.comparison else None,
                "frontier": [_summary(row) for row in result.frontier.table()] if result.frontier else None,
                "gate": [asdict(finding) for finding in result.findings],
                "notes": list(result.notes),
            }
            for result in results
        },
    }


def _summary(row: PointSummary) -> dict[str, Any]:
    return {
        "merge": row.point.name,
        "place": row.point.alpha,
        "problems": row.problems,
        "episodes": row.episodes,
        "invalid": row.invalid,
        "truncated": row.truncated,
        "rates": {name: asdict(interval) for name, interval in row.rates.items()},
        "pass_at": {str(k): asdict(interval) for k, interval in row.pass_at.items()},
    }
