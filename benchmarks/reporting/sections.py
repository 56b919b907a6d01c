"""The sections of a report, from which the page and the Markdown file are made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..comparing.compare import LEVEL
from ..comparing.outcomes import source_name
from ..comparing.sheets import Sheet
from . import tables
from .findings import Findings
from .provenance import provenance_sheets


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure, which the page draws itself and Markdown takes from its file."""

    name: str
    """Name of the files in the folder of figures, and of the drawing of the page."""
    caption: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section with tables and figures."""

    key: str
    """Anchor of the section."""
    title: str
    text: str
    blocks: tuple[Sheet | Picture, ...]


def title_of(findings: Findings) -> str:
    """Return the title of a report."""
    names = [source_name(source.name) for source in findings.sources]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"Report on {shown}"


def summary_of(findings: Findings) -> list[str]:
    """Return the sentences that a report begins with."""
    comparison = findings.comparison
    first = comparison.runs[0]
    k = next(iter(first.passes))
    tied = [run.run for run in comparison.runs[1:] if set(run.ties[k]) & set(first.ties[k])]
    invalid = sum(run.invalid for run in findings.runs)
    sentences = [
        f"{_number(len(findings.runs), 'run')} on {_number(comparison.problems, 'shared problem')} in "
        f"{_number(comparison.clusters, 'cluster')}; {int(findings.counts.samples.sum())} episodes count, "
        f"{invalid} are invalid.",
        f"Highest pass@{k}: {first.run} with {first.passes[k].value:.3f}"
        + (f"; it cannot be told apart from {', '.join(tied)}." if tied else "."),
    ]
    gains = [row for row in findings.ensembles if not row.control and row.p_holm <= LEVEL]
    better = [row for row in gains if row.found.gain.positive]
    if better:
        row = max(better, key=lambda each: each.found.gain.estimate)
        sentences.append(
            f"The ensemble of {row.name} gains {row.found.gain.estimate:+.3f} in pass@{row.found.budget} "
            "over the best single run with as many samples."
        )
    elif any(not row.control for row in findings.ensembles):
        sentences.append("No ensemble is shown to beat the best single run with as many samples.")
    return sentences


def sections_of(findings: Findings, pictures: Collection[Picture]) -> list[Section]:
    """Return the sections, without those that have nothing to show.

    Args:
        findings: The content.
        pictures: The figures that were drawn.
    """
    drawn = {picture.name: (picture,) for picture in pictures}
    made = [
        Section(
            key="rates",
            title="Rates",
            text="Runs that share a letter cannot be told apart. All intervals are 95 % intervals for other "
            "problems of the same kind; problems of one contest count as one cluster.",
            blocks=tuple(tables.comparison_sheets(findings)),
        ),
        Section(
            key="outcomes",
            title="Outcomes",
            text="How the episodes of each run ended, each verdict apart.",
            blocks=(*drawn.get("outcomes", ()), *_filled(tables.outcome_sheet(findings))),
        ),
        Section(
            key="frontier",
            title="Frontier",
            text="Correctness failures against optimization failures. On a dotted line the solve rate is "
            "equal, as far as no reply is without code or cut: down and left is better.",
            blocks=(
                *drawn.get("frontier", ()),
                *_filled(
                    tables.frontier_sheet(findings), tables.gate_sheet(findings), tables.area_sheet(findings)
                ),
            ),
        ),
        Section(
            key="problems",
            title="Problems",
            text="The solve rate of each problem by run.",
            blocks=(*drawn.get("heatmap", ()), tables.problem_sheet(findings)),
        ),
        Section(
            key="sets",
            title="Solved sets",
            text="Problems that exactly these runs solve.",
            blocks=drawn.get("sets", ()),
        ),
        Section(
            key="complementarity",
            title="Complementarity",
            text="Whether runs solve different problems, beyond what chance makes two samples of one run "
            "differ.",
            blocks=(
                *drawn.get("complementarity", ()),
                *_filled(tables.overlap_sheet(findings), tables.union_sheet(findings)),
            ),
        ),
        Section(
            key="ensembles",
            title="Ensembles",
            text="Whether samples of several runs together solve more than as many samples of the best run.",
            blocks=(*drawn.get("ensembles", ()), *_filled(tables.ensemble_sheet(findings))),
        ),
        Section(
            key="parts",
            title="Parts",
            text="The rates on parts of the problems, and at other coverages of the hidden tests.",
            blocks=tuple(tables.part_sheets(findings)),
        ),
        Section(
            key="left-out",
            title="Left out",
            text="Episodes that say nothing about a run.",
            blocks=tuple(tables.left_out_sheets(findings)),
        ),
        Section(
            key="provenance",
            title="Provenance",
            text="Where the numbers come from.",
            blocks=tuple(provenance_sheets(findings)),
        ),
    ]
    return [section for section in made if section.blocks]


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _filled(*sheets: Sheet) -> tuple[Sheet, ...]:
    return tuple(sheet for sheet in sheets if sheet.rows)
