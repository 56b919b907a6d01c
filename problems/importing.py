"""Bring problems of other formats into the common on-disk form, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .catalog import problem_entries
from .errors import ProblemError
from .lcb_rows import Row, make_problem, read_rows, row_tests
from .model import Problem
from .store import Stored, store_problem
from .testset import TestCase, Testset


def import_problems(source: str | Path, to: Path) -> Iterator[Stored]:
    """Write every problem of a source below a folder, and yield where, as each is done.

    Only one problem's tests are in memory at a time. What was written before an error is complete and stays,
    so the same import can be done again and goes on.

    Args:
        source: A JSONL file of LiveCodeBench rows, a problem package, a folder of packages, or the name of a
            set.
        to: The folder, made if need be.

    Raises:
        ProblemNotFoundError: There is no such source.
        ProblemError: A problem is broken or there already and different; the message has its file or line.
        OSError: Something cannot be written.
    """
    path = Path(source)
    problems = _rows(path) if path.is_file() and path.suffix == ".jsonl" else _entries(source)
    for problem in problems:
        yield store_problem(problem, to)


def _entries(source: str | Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for entry in problem_entries(source):
        if entry.id in seen:
            raise ProblemError(f"duplicate problem id {entry.id!r} in {source}")
        seen.add(entry.id)
        yield entry.load()


def _rows(file: Path) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for row in read_rows(file):
        if row.id in seen:
            raise ProblemError(f"{row.place}: duplicate problem id {row.id!r}, first in line {seen[row.id]}")
        seen[row.id] = row.place.line
        # The row is in memory: its tests are decoded from it, not read from the file once more.
        yield replace(make_problem(row), tests=Testset(_tests(row)))
    if not seen:
        raise ProblemError(f"{file}: no problems in it")


def _tests(row: Row) -> list[TestCase]:
    return [
        TestCase(name=f"test/{number}", index=number - 1, input_size=len(data.input_bytes), data=data)
        for number, data in enumerate(row_tests(row), start=1)
    ]
