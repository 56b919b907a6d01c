"""Documentation of the record schema: the tables of `docs/records.md`."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import fields

from ..agent import AgentIdentity, TokenSpan, Usage
from .record import (
    AnswerRecord,
    EarlierJudgement,
    EpisodeRecord,
    JudgementRecord,
    JudgeRecord,
    RunRecord,
    StepRecord,
)

MODELS: tuple[type, ...] = (
    EpisodeRecord,
    AgentIdentity,
    StepRecord,
    TokenSpan,
    Usage,
    JudgementRecord,
    RunRecord,
    JudgeRecord,
    AnswerRecord,
    EarlierJudgement,
)
_UNITS = {"_s": "s", "_mib": "MiB", "_usd": "US dollars", "_tokens": "tokens", "_size": "bytes"}


def schema_tables() -> str:
    """Return one table for each class of a record, in Markdown."""
    return "\n\n".join(_table(model) for model in MODELS) + "\n"


def field_notes(model: type) -> dict[str, str]:
    """Return the docstring below each field of a dataclass."""
    [body] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    notes: dict[str, str] = {}
    for node, following in zip(body.body, [*body.body[1:], None], strict=True):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        notes[node.target.id] = " ".join(str(following.value.value).split()) if is_text else ""  # type: ignore[union-attr]
    return notes


def _table(model: type) -> str:
    notes = field_notes(model)
    summary = (inspect.getdoc(model) or "").splitlines()[0]
    lines = [
        f"### {model.__name__}",
        "",
        summary,
        "",
        "| field | type | unit | meaning |",
        "|---|---|---|---|",
    ]
    for entry in fields(model):
        kind = str(entry.type).replace("|", "\\|")
        unit = next((unit for suffix, unit in _UNITS.items() if entry.name.endswith(suffix)), "")
        note = notes[entry.name].replace("|", "\\|")
        lines.append(f"| `{entry.name}` | `{kind}` | {unit} | {note} |")
    return "\n".join(lines)
