"""Rows in the format of CruxEval: code with a function `f`, its input and its output, as texts.

References:
    CRUXEval, arXiv 2401.03065: `input` stands between the parentheses of a call of `f`, and `output` is what
    `repr` shows of the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..errors import ProblemError
from .trace import TraceTarget

FUNCTION = "f"
_FIELDS = ("code", "input", "output")


@dataclass(frozen=True, kw_only=True)
class CruxRow:
    """A function with one input and its output.

    Raises:
        ValueError: A field is no text, or the code has no function `f`.
    """

    code: str = field(repr=False)
    """Source with a function `f`."""
    input: str
    """Arguments, as between the parentheses of a call."""
    output: str
    """Text of the result, as `repr` shows it."""
    id: str

    def __post_init__(self) -> None:
        for name in (*_FIELDS, "id"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be a text, got {getattr(self, name)!r:.80}")
        if f"def {FUNCTION}(" not in self.code:
            raise ValueError(f"the code must define the function {FUNCTION}, got {self.code!r:.80}")

    @property
    def target(self) -> TraceTarget:
        """The call of the function."""
        return TraceTarget(id=self.id, source=self.code, entry=FUNCTION, arguments=self.input)


def read_crux_rows(path: Path) -> list[CruxRow]:
    """Read rows of JSON lines; a row without an `id` gets its number as one, as `sample_0`.

    Raises:
        ProblemError: A line is no row, or there is none.
        OSError: The file cannot be read.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
            if not isinstance(document, dict):
                raise ValueError(f"a row must be an object, got {line!r:.80}")
            missing = [name for name in _FIELDS if name not in document]
            if missing:
                raise ValueError(f"a row needs {', '.join(_FIELDS)}; {', '.join(missing)} is missing")
            fields = {name: document[name] for name in _FIELDS}
            rows.append(CruxRow(**fields, id=document.get("id", f"sample_{number}")))
        except ValueError as error:
            raise ProblemError(f"{path}, line {number + 1}: {error}") from error
    if not rows:
        raise ProblemError(f"{path}: there are no rows in it")
    return rows


def write_crux_rows(path: Path, rows: Iterable[CruxRow]) -> int:
    """Write rows as JSON lines to a new file, and return their number.

    Raises:
        OSError: The file exists or cannot be written.
    """
    count = 0
    with path.open("x", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            count += 1
    return count
