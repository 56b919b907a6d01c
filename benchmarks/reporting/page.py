"""The page of a report: one HTML file with its style, script and data, which loads nothing from elsewhere.

Text of records is escaped, the data are JSON, and a content security policy lets the browser run only the
script of the page, so that no name of a model or a problem can become markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np

from ...agents import viewer
from ..analysis.outcomes import OUTCOMES
from ..comparing.sheets import Sheet
from .drawings import by_difficulty
from .findings import Findings
from .sections import Picture, Section

FOLDED = 25
"""Number of rows above which a table is folded, except the table of problems."""
LONG = 40
"""Number of characters of a cell above which its text is broken into lines."""
_SCRIPTS = ("charts.js", "sets.js", "tables.js", "report.js")
_MODULE_WORDS = re.compile(r"^import .*?;\n|^export (?=const|function|class|async)", re.MULTILINE | re.DOTALL)


def as_page(findings: Findings, sections: Sequence[Section], title: str, summary: Sequence[str]) -> str:
    """Return the page.

    Args:
        findings: The numbers that the page draws.
        sections: The sections.
        title: Title of the page.
        summary: Sentences below the title.
    """
    script, style = _script(), _static("report.css")
    policy = (
        f"default-src 'none'; script-src '{_source_hash(script)}'; style-src '{_source_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    items = "".join(f'<li><a href="#{each.key}">{_text(each.title)}</a></li>' for each in sections)
    lead = "".join(f"<p>{_text(sentence)}</p>" for sentence in (*summary, *findings.notes))
    body = "\n".join(_section(section) for section in sections)
    # "<" could end the script element that holds the data.
    data = json.dumps(_data(findings), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return Template(_static("report.html")).substitute(
        policy=policy,
        title=_text(title),
        style=style,
        items=items,
        lead=lead,
        body=body,
        data=data,
        script=script,
    )


def _section(section: Section) -> str:
    blocks = "\n".join(
        _picture(block) if isinstance(block, Picture) else _table(block, section.key)
        for block in section.blocks
    )
    return (
        f'<section id="{section.key}">\n<h2><a href="#{section.key}">{_text(section.title)}</a></h2>\n'
        f"<p>{_text(section.text)}</p>\n{blocks}\n</section>"
    )


def _picture(picture: Picture) -> str:
    links = ", ".join(
        f'<a href="figures/{picture.name}.{kind}">{kind.upper()}</a>' for kind in ("png", "svg", "csv")
    )
    return (
        f'<figure data-chart="{picture.name}"><div class="plot"></div>'
        f'<figcaption>{_text(picture.caption)}. <span class="files">Files: {links}</span></figcaption>'
        "</figure>"
    )


def _table(sheet: Sheet, key: str) -> str:
    notes = "".join(f"<li>{_text(note)}</li>" for note in sheet.notes)
    listed = f'<ul class="notes">{notes}</ul>' if notes else ""
    if not sheet.rows:
        return f"<h3>{_text(sheet.title)}</h3>{listed}"
    problems = key == "problems"
    head = "".join(
        f'<th scope="col"{_class(place < sheet.names)}>{_text(column)}</th>'
        for place, column in enumerate(sheet.columns)
    )
    rows = "\n".join(f"<tr>{_cells(row, sheet)}</tr>" for row in sheet.rows)
    name = ' id="problem-table"' if problems else ""
    table = (
        f'<div class="wide"><table{name}>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>{listed}"
    )
    heading = f"<h3>{_text(sheet.title)}</h3>"
    if len(sheet.rows) > FOLDED and not problems:
        return f"{heading}<details><summary>{len(sheet.rows)} rows</summary>{table}</details>"
    return f"{heading}{table}"


def _cells(row: Sequence[str], sheet: Sheet) -> str:
    return "".join(
        f"<td{_class(place < sheet.names, len(cell) > LONG)}>{_text(cell)}</td>"
        for place, cell in enumerate(row)
    )


def _class(is_name: bool, is_long: bool = False) -> str:
    words = [word for word, used in (("name", is_name), ("long", is_long)) if used]
    return f' class="{" ".join(words)}"' if words else ""


def _data(findings: Findings) -> Mapping[str, Any]:
    counts, regions = findings.counts, findings.regions
    names = [name for name in OUTCOMES if any(row.rates[name].estimate for row in findings.frontier)]
    points = [
        {
            "run": row.point.name,
            "alpha": row.point.alpha,
            "kind": "trained"
            if row.point.trained
            else "extrapolated"
            if row.point.extrapolated
            else "merged",
            "x": _round(row.rates["correctness"].estimate),
            "y": _round(row.rates["optimization"].estimate),
            "outline": [[_round(x), _round(y)] for x, y in regions[row.point.name].outline().tolist()]
            if row.point.name in regions
            else [],
            "outcomes": [_round(row.rates[name].estimate) for name in names],
        }
        for row in findings.frontier
    ]
    return {
        "runs": list(counts.labels),
        "outcomes": [{"name": name, "place": OUTCOMES.index(name)} for name in names],
        "points": points,
        "problems": [{"id": each.id, "difficulty": each.difficulty} for each in counts.problems],
        "order": by_difficulty(findings),
        "shared": findings.shared.tolist(),
        "solved": counts.solved.tolist(),
        "samples": counts.samples.tolist(),
        "overlaps": [
            [counts.labels.index(each.first), counts.labels.index(each.second), _round(each.kappa.estimate)]
            for each in findings.overlaps
        ],
        "ensembles": [
            {
                "name": each.name,
                "control": each.control,
                "k": each.found.budget,
                "gain": [_round(value) for value in _ends(each.found.gain)],
            }
            for each in findings.ensembles
        ],
    }


def _ends(interval: Any) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _round(value: float) -> float:
    return float(np.round(value, 4)) + 0.0


def _script() -> str:
    shared = (files(viewer) / "static" / "drawing.js").read_text(encoding="utf-8")
    parts = [shared, *(_static(name) for name in _SCRIPTS)]
    # One script instead of modules, which a page without a server cannot load. Strict mode as in modules.
    return '"use strict";\n' + "\n".join(_MODULE_WORDS.sub("", part) for part in parts)


def _static(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")


def _source_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(text: str) -> str:
    return html.escape(text)
