"""Files of traces: JSON lines, one trace per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ProblemError
from .trace import Trace

NAME = "traces.jsonl"


@dataclass(frozen=True, kw_only=True)
class TraceFiles:
    """What was written."""

    path: Path
    traces: int
    events: int
    cut: int
    """Number of traces that lack events."""


def write_traces(folder: Path, traces: Iterable[Trace]) -> TraceFiles:
    """Write traces to `traces.jsonl` in a new or empty folder.

    Raises:
        FileExistsError: The folder holds a file of traces already.
        OSError: The file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    count = events = cut = 0
    with path.open("x", encoding="utf-8", newline="\n") as file:
        for trace in traces:
            file.write(trace.to_json() + "\n")
            count, events, cut = count + 1, events + len(trace.events), cut + (not trace.whole)
    return TraceFiles(path=path, traces=count, events=events, cut=cut)


def read_traces(path: Path) -> Iterator[Trace]:
    """Yield the traces of a file, or of the `traces.jsonl` of a folder.

    Raises:
        ProblemError: A line is no trace.
        OSError: The file cannot be read.
    """
    path = path / NAME if path.is_dir() else path
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield Trace.from_json(line)
            except ValueError as error:
                raise ProblemError(f"{path}, line {number}: {error}") from error
