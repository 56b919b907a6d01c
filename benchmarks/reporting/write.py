"""Write a report: the page, Markdown, all numbers as JSON, and a file for each figure and table."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..analysis.drawing import FigurePaths, save
from ..comparing.sheets import Sheet, as_csv, markdown
from .drawings import drawings
from .exchange import lm_eval_results
from .findings import Findings
from .page import as_page
from .sections import Picture, Section, sections_of, summary_of, title_of

FIGURES, TABLES, LM_EVAL = "figures", "tables", "lm-eval"
LM_EVAL_FILE = "results_1970-01-01T00-00-00.json"
"""Name of a results file. lm-evaluation-harness looks for `results_` and the time of the evaluation, of which
records know nothing; of several files in a folder it takes that with the latest time."""
SHOWN_ROWS = 30
"""Largest number of rows of a table in the Markdown file; longer tables are in their CSV file."""


@dataclass(frozen=True, kw_only=True)
class ReportPaths:
    """The files of a report."""

    html: Path
    """The page; it needs no other file."""
    markdown: Path
    json: Path
    figures: tuple[FigurePaths, ...] = field(repr=False)
    tables: tuple[Path, ...] = field(repr=False)


def write_report(out: Path, findings: Findings) -> ReportPaths:
    """Write report.html, report.md, report.json, figures and tables to a folder, which is made if missing.

    The folder `lm-eval` has a file for each run in the form of lm-evaluation-harness.

    Equal records give equal bytes: nothing written contains a time or a path.

    Raises:
        BenchError: matplotlib is not installed.
        OSError: The folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    pictures, saved = [], []
    for name, caption, drawing in drawings(findings):
        saved.append(save(drawing, out / FIGURES, name))
        pictures.append(Picture(name=name, caption=caption))
    sections = sections_of(findings, pictures)
    title, summary = title_of(findings), summary_of(findings)
    paths = ReportPaths(
        html=out / "report.html",
        markdown=out / "report.md",
        json=out / "report.json",
        figures=tuple(saved),
        tables=tuple(_write_tables(out / TABLES, findings, sections)),
    )
    paths.html.write_text(as_page(findings, sections, title, summary), encoding="utf-8")
    paths.markdown.write_text(_as_markdown(findings, sections, title, summary), encoding="utf-8")
    _write_json(paths.json, document(findings))
    for name, results in lm_eval_results(findings).items():
        folder = out / LM_EVAL / name
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(folder / LM_EVAL_FILE, results)
    return paths


def document(findings: Findings) -> dict[str, Any]:
    """Return all numbers as JSON values."""
    counts = findings.counts
    return {
        "comparison": asdict(findings.comparison),
        "parts": {
            by.value: [{"value": part.value, "comparison": asdict(part.comparison)} for part in each.parts]
            for by, each in findings.parts.items()
        },
        "frontier": [
            {
                "run": row.point.name,
                "alpha": row.point.alpha,
                "rates": {k: asdict(v) for k, v in row.rates.items()},
            }
            for row in findings.frontier
        ],
        "gates": [asdict(each) for each in findings.gates],
        "areas": {name: asdict(interval) for name, interval in findings.areas.items()},
        "sets": [
            {"runs": [counts.labels[run] for run in members], "problems": number}
            for members, number in findings.sets
        ],
        "overlaps": [asdict(each) for each in findings.overlaps],
        "unions": [asdict(each) for each in findings.unions],
        "ensembles": [asdict(each) for each in findings.ensembles],
        "invalid": dict(zip(counts.labels, map(dict, counts.kinds), strict=True)),
        "truncated": dict(zip(counts.labels, counts.truncated.sum(axis=1).tolist(), strict=True)),
        "sources": [{"lines": source.lines, "sha256": source.sha256} for source in findings.sources],
        "notes": list(findings.notes),
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _write_tables(out: Path, findings: Findings, sections: Sequence[Section]) -> list[Path]:
    """Write a CSV file for each table; `compare.csv` is that of `codefrontier compare`."""
    out.mkdir(parents=True, exist_ok=True)
    parts = [part for each in findings.parts.values() for part in each.parts]
    paths = [out / "compare.csv"]
    paths[0].write_text(as_csv(findings.comparison, parts), encoding="utf-8")
    for section in sections:
        for number, sheet in enumerate(_sheets(section), start=1):
            path = out / _file_of(section, number)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows([sheet.columns, *sheet.rows])
            paths.append(path)
    return paths


def _as_markdown(findings: Findings, sections: Sequence[Section], title: str, summary: Sequence[str]) -> str:
    parts = [f"# {_plain(title)}", *map(_plain, (*summary, *findings.notes))]
    for section in sections:
        parts += [f"## {section.title}", section.text]
        number = 0
        for block in section.blocks:
            if isinstance(block, Picture):
                parts.append(f"![{block.caption}]({FIGURES}/{block.name}.png)")
                continue
            if block.rows:
                number += 1
            if len(block.rows) > SHOWN_ROWS:
                parts.append(
                    f"**{_plain(block.title)}**: {len(block.rows)} rows, in "
                    f"[{TABLES}/{_file_of(section, number)}]({TABLES}/{_file_of(section, number)})"
                )
            else:
                parts.append(markdown([block]).strip())
    return "\n\n".join(parts) + "\n"


def _sheets(section: Section) -> list[Sheet]:
    return [block for block in section.blocks if isinstance(block, Sheet) and block.rows]


def _file_of(section: Section, number: int) -> str:
    return f"{section.key}-{number}.csv"


def _plain(text: str) -> str:
    return text.replace("<", "\\<").replace("|", "\\|").replace("*", "\\*")
