"""Bring problems of other formats into the common on-disk form, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from .catalog import problem_entries
from .errors import ProblemError
from .formats import ROW_FORMATS, SetFormat, SetOptions, guess_format, row_format
from .icpc import load_package
from .lcb_rows import Row, make_problem, read_rows, row_tests
from .livecodebench import find_files
from .model import Problem
from .polygon import load_polygon
from .row_hub import hub_folder
from .row_sets import stream_rows
from .row_tests import tests_in_memory
from .selection import LeftOut
from .store import Stored, load_stored, store_problem
from .testset import Testset

Report = Callable[[LeftOut], None]
_PACKAGES: dict[str, Callable[[Path], Problem]] = {
    "icpc": load_package,
    "polygon": load_polygon,
    "stored": load_stored,
}


def import_problems(
    source: str | Path,
    to: Path,
    *,
    set_format: SetFormat | None = None,
    left_out: Report | None = None,
    **options: Unpack[SetOptions],
) -> Iterator[Stored]:
    """Write every problem of a source below a folder, and yield where, as each is done.

    Only one problem's tests are in memory at a time. What was written before an error is complete and stays,
    so the same import can be done again and goes on.

    Args:
        source: A file of rows or a folder of such files, a problem package (ICPC or Polygon, which may be a
            zip archive), a folder of packages, or the name of a set.
        to: The folder, made if need be.
        set_format: Of the source; None tells it from the content.
        left_out: Told about each row that makes no problem, as it has no tests, for example.
        options: Of a set in rows; a Polygon package has one of them, `testlib`.

    Raises:
        ValueError: An option is bad, or the source has no use for it.
        ProblemNotFoundError: There is no such source.
        ProblemError: A problem is broken or there already and different; the message has its file or line.
        OSError: Something cannot be written.
    """
    for problem in _problems(source, set_format, options):
        if isinstance(problem, Problem):
            yield store_problem(problem, to)
        elif left_out is not None:
            left_out(problem)


def _problems(
    source: str | Path, set_format: SetFormat | None, options: SetOptions
) -> Iterator[Problem | LeftOut]:
    path = Path(source)
    known = set_format or guess_format(path)
    name = str(source).lower()
    if known is None and not path.exists() and name in ROW_FORMATS:
        return stream_rows(hub_folder(name), row_format(name, options))
    if known in ROW_FORMATS:
        return stream_rows(path, row_format(known, options))
    if known == "polygon" and set(options) == {"testlib"}:
        return iter([load_polygon(path, testlib=options["testlib"])])
    if options:
        raise ValueError(f"{min(options)!r} is an option of sets in rows only, not of {str(source)!r}")
    if known == "lcb":
        return _rows(path)
    if set_format is not None:
        return iter([_PACKAGES[set_format](path)])
    return _entries(source)


def _entries(source: str | Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for entry in problem_entries(source):
        if entry.id in seen:
            raise ProblemError(f"duplicate problem id {entry.id!r} in {source}")
        seen.add(entry.id)
        yield entry.load()


def _rows(data: Path) -> Iterator[Problem]:
    seen: dict[str, Row] = {}
    for file in find_files(data, None, None):
        for row in read_rows(file):
            if row.id in seen:
                first = seen[row.id].place
                known = f"line {first.line}" if first.file == file else str(first)
                raise ProblemError(f"{row.place}: duplicate problem id {row.id!r}, first in {known}")
            seen[row.id] = replace(row, fields={"question_id": row.id})
            # The row is in memory: its tests are decoded from it, not read from the file once more.
            yield replace(make_problem(row), tests=Testset(tests_in_memory(row_tests(row))))
    if not seen:
        raise ProblemError(f"{data}: no problems in it")
