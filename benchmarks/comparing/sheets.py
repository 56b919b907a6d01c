"""Write comparisons as tables: for a terminal, Markdown, LaTeX and CSV. This module does not print."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.markup import escape
from rich.table import Table

from .breakdowns import Part
from .compare import LEVEL, Comparison, Estimate, Pair

FIELDS = (
    "part",
    "value",
    "kind",
    "run",
    "other",
    "measure",
    "estimate",
    "low",
    "high",
    "method",
    "p",
    "p_holm",
    "test",
    "ties",
    "detectable",
    "noise",
    "problems",
    "clusters",
    "samples",
    "left_out",
    "truncated",
    "invalid",
)
"""Columns of the CSV: a row for each rate and for each pair."""
_SPECIAL = {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$", "{": r"\{", "}": r"\}"}
_SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {"−": "$-$", "–": "--", "…": r"\ldots{}"}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table of texts, and notes below it."""

    title: str
    columns: tuple[str, ...]
    """Headings; the columns after the first `names` columns are numbers."""
    rows: tuple[tuple[str, ...], ...]
    names: int = 1
    notes: tuple[str, ...] = ()


def sheets(comparison: Comparison, *, title: str = "", pairs: bool = True) -> list[Sheet]:
    """Return the table of rates and, for each k, the table of pairs."""
    ks = tuple(comparison.runs[0].passes)
    found = [_rates_sheet(comparison, ks, title)]
    for k in ks if pairs else ():
        chosen = [pair for pair in comparison.pairs if pair.k == k]
        if chosen:
            found.append(_pairs_sheet(chosen, k))
    return found


def part_sheet(parts: Sequence[Part]) -> Sheet:
    """Return one table of the rates of all parts of a breakdown."""
    ks = tuple(parts[0].comparison.runs[0].passes)
    rows = [
        (
            part.value if number == 0 else "",
            run.run,
            str(part.comparison.problems),
            *(f"{_shown(run.passes[k])} {run.ties[k]}" for k in ks),
        )
        for part in parts
        for number, run in enumerate(part.comparison.runs)
    ]
    columns = (parts[0].by.value, "run", "problems", *(f"pass@{k} [95 %] ties" for k in ks))
    return Sheet(title=f"By {parts[0].by}", columns=columns, rows=tuple(rows), names=2)


def terminal_table(sheet: Sheet) -> Table:
    """Return a table for a terminal."""
    table = Table(
        title=sheet.title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for place, column in enumerate(sheet.columns):
        name = place < sheet.names
        table.add_column(
            escape(column),
            justify="left" if name else "right",
            vertical="bottom",
            no_wrap=not name,
            overflow="fold",
        )
    for row in sheet.rows:
        table.add_row(*map(escape, row))
    return table


def markdown(found: Sequence[Sheet]) -> str:
    """Return tables as Markdown."""
    lines: list[str] = []
    for sheet in found:
        marks = [" --- " if place < sheet.names else " ---: " for place in range(len(sheet.columns))]
        lines += [f"**{sheet.title}**", ""]
        if sheet.rows:
            lines += [_bars(sheet.columns), f"|{'|'.join(marks)}|", *map(_bars, sheet.rows), ""]
        lines += [*(f"- {note}" for note in sheet.notes), *([""] if sheet.notes else [])]
    return "\n".join(lines)


def latex(found: Sequence[Sheet]) -> str:
    """Return tables as LaTeX with the rules of the package booktabs."""
    lines = []
    for sheet in found:
        if not sheet.rows:
            lines += [f"% {note}" for note in (sheet.title, *sheet.notes)]
            continue
        aligned = "l" * sheet.names + "r" * (len(sheet.columns) - sheet.names)
        lines += [
            r"\begin{table}",
            rf"\caption{{{_escaped(sheet.title)}}}",
            rf"\begin{{tabular}}{{{aligned}}}",
        ]
        lines += [r"\toprule", _ampersands(sheet.columns), r"\midrule"]
        lines += [_ampersands(row) for row in sheet.rows]
        lines += [r"\bottomrule", r"\end{tabular}"]
        lines += [rf"\par {_escaped(note)}" for note in sheet.notes] + [r"\end{table}", ""]
    return "\n".join(lines)


def as_csv(comparison: Comparison, parts: Sequence[Part] = ()) -> str:
    """Return all rates and pairs as CSV with the columns `FIELDS`."""
    file = io.StringIO()
    writer = csv.DictWriter(file, FIELDS, restval="", lineterminator="\n")
    writer.writeheader()
    for by, value, each in [("", "", comparison), *((p.by.value, p.value, p.comparison) for p in parts)]:
        for row in _csv_rows(each):
            writer.writerow({"part": by, "value": value, **row})
    return file.getvalue()


def _rates_sheet(comparison: Comparison, ks: Sequence[int], title: str) -> Sheet:
    rows = [
        (
            run.run,
            *(cell for k in ks for cell in (_shown(run.passes[k]), run.ties[k])),
            "–" if run.noise is None else f"{run.noise:.3f}",
            str(run.samples),
            str(run.truncated),
            str(run.invalid),
        )
        for run in comparison.runs
    ]
    columns = ("run", *(cell for k in ks for cell in (f"pass@{k} [95 %]", "ties")))
    problems = f"{comparison.problems} shared problems in {comparison.clusters} clusters"
    method = comparison.runs[0].passes[ks[0]].method
    notes = [
        f"pass@k: {method}; runs that share a letter do not differ (Holm, {LEVEL:.0%})",
        "noise: difference in pass@1 that 5 % of repeats of the run exceed (split halves)",
    ]
    others = [f"{run.run} {run.other_problems}" for run in comparison.runs if run.other_problems]
    notes += [f"problems that not all runs played are left out: {', '.join(others)}"] if others else []
    if comparison.left_out:
        notes.append(f"{comparison.left_out} shared problems are left out: too few valid samples of a run")
    return Sheet(
        title=title or f"Rates on {problems}",
        columns=(*columns, "noise", "samples", "trunc.", "invalid"),
        rows=tuple(rows),
        notes=(*notes, *comparison.notes),
    )


def _pairs_sheet(pairs: Sequence[Pair], k: int) -> Sheet:
    rows = [
        (
            pair.first,
            pair.second,
            _shown(pair.difference, signed=True),
            _p(pair.test.p),
            _p(pair.p_holm),
            "–" if pair.detectable is None else f"{pair.detectable:.3f}",
            str(pair.problems),
        )
        for pair in pairs
    ]
    tests = "; ".join(dict.fromkeys(pair.test.method for pair in pairs))
    notes = [
        f"difference: second minus first, {pairs[0].difference.method}",
        f"p: {tests}; Holm: corrected for {len(pairs)} pairs",
        "–: fewer than 2 clusters of problems, or all differences are equal",
        "detect.: smallest true difference found with probability 0.8 by these samples",
    ]
    left_out = sum(pair.left_out for pair in pairs)
    if left_out:
        notes.append(
            f"{left_out} invalid pairs (a problem of two runs without {k} valid samples) are left out"
        )
    columns = ("first", "second", "difference [95 %]", "p", "Holm", "detect.", "problems")
    return Sheet(title=f"Pairs: pass@{k}", columns=columns, rows=tuple(rows), names=2, notes=tuple(notes))


def _csv_rows(comparison: Comparison) -> list[dict[str, object]]:
    common: dict[str, object] = {"problems": comparison.problems, "clusters": comparison.clusters}
    rates = [
        common
        | {"kind": "rate", "run": run.run, "measure": f"pass@{k}", "ties": run.ties[k], "noise": run.noise}
        | {"samples": run.samples, "truncated": run.truncated, "invalid": run.invalid}
        | {"left_out": comparison.left_out}
        | _ends(estimate)
        for run in comparison.runs
        for k, estimate in run.passes.items()
    ]
    pairs: list[dict[str, object]] = [
        {"kind": "difference", "run": pair.second, "other": pair.first, "measure": f"pass@{pair.k}"}
        | {"p": pair.test.p, "p_holm": pair.p_holm, "test": pair.test.method, "detectable": pair.detectable}
        | {"problems": pair.problems, "clusters": pair.clusters, "left_out": pair.left_out}
        | _ends(pair.difference)
        for pair in comparison.pairs
    ]
    return rates + pairs


def _ends(estimate: Estimate) -> dict[str, object]:
    ends = estimate.interval
    return {
        "estimate": estimate.value,
        "low": ends.low if ends else None,
        "high": ends.high if ends else None,
        "method": estimate.method,
    }


def _shown(estimate: Estimate, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    # Adding 0 turns a rounded -0.0 into 0.0.
    value = format(round(estimate.value, 3) + 0.0, f"{sign}.3f")
    if estimate.interval is None:
        return f"{value} [–]"
    low, high = (
        format(round(end, 3) + 0.0, f"{sign}.3f") for end in (estimate.interval.low, estimate.interval.high)
    )
    return f"{value} [{low}, {high}]"


def _p(value: float) -> str:
    return "<.0001" if value < 1e-4 else f"{value:.4f}"


def _bars(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _ampersands(cells: Sequence[str]) -> str:
    return " & ".join(map(_escaped, cells)) + r" \\"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
