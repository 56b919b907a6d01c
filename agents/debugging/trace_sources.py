"""What can be recorded: functions of the families, files, problem sets and records."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ...judge import Verdict
from ...problems import Label, Problem, ProblemError, ProblemNotFoundError, TestCase, load_problems
from ...problems.traces import TraceTarget, family_rows, read_crux_rows
from ..records import final_episodes
from ..records.files import RECORDS, find_records
from ..records.lines import SUFFIX, RecordError
from ..records.record import read_episodes
from ..regrading.problem_source import ProblemSource

FUNCTIONS = "functions"
_LARGEST_INPUT = 4096
"""Largest input in bytes with which a program of a problem is recorded: traces of larger inputs are cut."""


def targets_of(
    source: str, *, count: int, seed: int = 0, bug_share: float = 0.0, held_out: bool = False
) -> Iterator[TraceTarget]:
    """Yield at most `count` targets of a source.

    Args:
        source: `functions` (programs of the micro families as functions), a file of rows in the format of
            CruxEval (`.jsonl`), a folder of Python programs (`NAME.py`, with its input in `NAME.in`, if any),
            a file of records or the folder of a run (accepted Python submissions on the samples of their
            problems), or else the name or path of a problem set (its accepted Python programs on samples).
        count: Most targets.
        seed: Seed of the functions.
        bug_share: Share of the functions with a bug.
        held_out: Whether the functions are of the held-out combinations.

    Raises:
        ProblemError: There is no such source, or it holds nothing that can be recorded.
        RecordError: The records cannot be read.
        ValueError: `count` is below 1.
        OSError: A file cannot be read.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count!r}")
    return islice(_all(source, seed=seed, bug_share=bug_share, held_out=held_out), count)


def _all(source: str, *, seed: int, bug_share: float, held_out: bool) -> Iterator[TraceTarget]:
    path = Path(source)
    if source == FUNCTIONS:
        return (row.target for row in family_rows(seed, bug_share=bug_share, held_out=held_out))
    if path.is_dir() and any((path / f"{RECORDS}{suffix}").is_file() for suffix in ("", SUFFIX)):
        return _of_records(path)
    if path.is_dir() and any(path.glob("*.py")):
        return _of_folder(path)
    if path.is_file() and path.suffix == ".jsonl":
        return _of_lines(path)
    try:
        problems = load_problems(source)
    except ProblemNotFoundError as error:
        others = "`functions`, rows in the format of CruxEval, a folder of Python programs, or records"
        raise ProblemNotFoundError(f"{error}; or else give {others}") from error
    return (
        target
        for problem in problems
        for place, program in enumerate(_accepted(problem))
        for target in _on_cases(f"{problem.id}/{place}", program, _samples(problem))
    )


def _of_lines(path: Path) -> Iterator[TraceTarget]:
    """Take a file as rows of functions, or else as records."""
    try:
        return (row.target for row in read_crux_rows(path))
    except ProblemError as no_rows:
        try:
            return _of_records(path)
        except RecordError as error:
            raise ProblemError(f"{no_rows}; nor are there records: {error}") from error


def _of_folder(folder: Path) -> Iterator[TraceTarget]:
    for path in sorted(folder.glob("*.py")):
        data = path.with_suffix(".in")
        text = data.read_text(encoding="utf-8") if data.is_file() else ""
        yield TraceTarget(id=path.stem, source=path.read_text(encoding="utf-8"), input=text)


def _of_records(path: Path) -> Iterator[TraceTarget]:
    episodes = final_episodes(read_episodes(find_records(path)).episodes)
    problems = ProblemSource()
    return (
        target
        for episode in episodes
        if episode.judgement is not None
        and episode.judgement.verdict is Verdict.ACCEPTED
        and episode.language == "python"
        and episode.submission is not None
        for target in _on_cases(
            f"{episode.problem_id}#{episode.sample}", episode.submission, _samples(problems.find(episode))
        )
    )


def _accepted(problem: Problem) -> list[str]:
    # A method is called by the judge with values, so such a program does nothing by itself.
    if problem.functional is not None:
        return []
    programs = [each for each in problem.submissions if each.label is Label.ACCEPTED]
    return [each.source.decode() for each in programs if each.name.endswith(".py")]


def _samples(problem: Problem) -> list[TestCase]:
    if problem.functional is not None:
        return []
    return [case for case in problem.samples if case.input_size <= _LARGEST_INPUT]


def _on_cases(name: str, program: str, cases: list[TestCase]) -> Iterator[TraceTarget]:
    for case in cases:
        text = case.input().decode("utf-8", "replace")
        yield TraceTarget(id=f"{name}/{case.name}", source=program, input=text)
