"""Data sets whose problems are rows of files: what all of them have in common.

A format says how a row becomes a problem, and how the tests of a row are decoded when they are opened.
"""

from __future__ import annotations

import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from ...errors import NoTestsError, ProblemError
from ...model import Label, LabelledSubmission, Limits, Problem
from ...selection import RAISE, Faults, LeftOut, Selection
from ...testset import InlineData, Testset
from .files import Record, RowLocation, read_records, record_files
from .hub import DownloadFolder, hub_folder
from .tests import RowTests, tests_in_memory

UNSTATED = Limits(time_s=6.0, memory_mib=1024, output_mib=64)
"""Limits of problems whose row states none."""
SUFFIXES = {"python": ".py", "cpp": ".cpp", "java": ".java"}
"""File name suffix of each language of which programs are kept."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_ID = 200
"""Most characters of an id, which names the folder of a stored problem."""
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class RowFormat(ABC):
    """How rows of one data set become problems."""

    limits: Limits | None = None
    """Limits of all problems, in place of those that rows state; None takes those, or `UNSTATED`."""
    check_tests: bool = False
    """Open the tests of each row while loading, and leave out rows whose tests are broken or missing. Without
    it, such a row is an error when its tests are opened."""

    name: ClassVar[str]
    """Name of the set."""
    listed: ClassVar[tuple[str, ...]]
    """Fields that a problem is made of."""
    required: ClassVar[tuple[str, ...]]
    """Fields that every row has."""
    repeated: ClassVar[Literal["refused", "numbered", "numbered if different"]] = "refused"
    """Treatment of an id that occurs again: some sets have no ids, or names that several problems share."""

    @property
    @abstractmethod
    def tested(self) -> tuple[str, ...]:
        """Fields that tests are decoded from."""

    @property
    def hub_files(self) -> tuple[str, ...]:
        """Names of the files to download from the Hub; empty for all files of the set."""
        return ()

    def files(self, data: str | Path) -> list[Path]:
        """List the files of rows at a path, in their order.

        Raises:
            ProblemNotFoundError: There are none.
        """
        return record_files(data)

    @abstractmethod
    def make(self, record: Record, tests: Testset) -> Problem | LeftOut:
        """Turn a row into a problem with these tests.

        Raises:
            ValueError: A field is malformed.
        """

    @abstractmethod
    def decode(self, fields: Mapping[str, object]) -> Sequence[InlineData]:
        """Return every hidden test case of a row.

        Raises:
            ValueError: The test cases are malformed.
        """

    def limits_of(self, time_s: float | None, memory_mib: float | None) -> Limits:
        """Return the limits of a row that states these; None is a limit that the row does not state."""
        if self.limits is not None:
            return self.limits
        return replace(
            UNSTATED,
            time_s=UNSTATED.time_s if time_s is None else time_s,
            # Rounded up to whole MiB.
            memory_mib=UNSTATED.memory_mib if memory_mib is None else max(1, -int(-memory_mib // 1)),
        )


@dataclass(frozen=True, kw_only=True)
class SolvedRowFormat(RowFormat):
    """A format of rows that hold programs, too."""

    solutions: int = 2
    """Number of accepted and number of wrong programs to keep of each row; some rows have a thousand."""

    def __post_init__(self) -> None:
        if type(self.solutions) is not int or self.solutions < 0:
            raise ValueError(f"solutions must be an integer of 0 or more, got {self.solutions!r}")


def select_rows(
    data: str | Path | None, row_format: RowFormat, *, download: DownloadFolder | None = None
) -> Selection:
    """Load the problems of a data set in the order of its files. Tests are decoded when they are opened.

    Args:
        data: A file of rows, or a folder with such files; None downloads them from the Hub.
        row_format: How rows become problems.
        download: Fetches the files of the data set, in place of the Hub's client.

    Raises:
        ProblemNotFoundError: There are no files.
        ProblemError: A row is malformed, or two rows have the same id.
    """
    if data is None:
        data = hub_folder(row_format.name, files=row_format.hub_files, download=download)
    problems: list[Problem] = []
    excluded: dict[str, str] = {}
    for found in _stream(data, row_format, whole=row_format.check_tests):
        if isinstance(found, LeftOut):
            excluded[found.id] = found.reason
        else:
            problem, place = found
            tests = RowTests(place=place, decoder=row_format, problem_id=problem.id)
            problems.append(replace(problem, tests=Testset(tests.open)))
    return Selection(problems=tuple(problems), excluded=excluded)


def stream_rows(
    data: str | Path | None, row_format: RowFormat, faults: Faults = RAISE
) -> Iterator[Problem | LeftOut]:
    """Yield problem after problem, each with its tests in memory; rows without tests are left out.

    Arguments and errors as for `select_rows`; `faults` says what happens with broken rows and files.
    """
    if data is None:
        data = hub_folder(row_format.name, files=row_format.hub_files)
    for found in _stream(data, row_format, whole=True, faults=faults):
        yield found if isinstance(found, LeftOut) else found[0]


def _stream(
    data: str | Path, row_format: RowFormat, *, whole: bool, faults: Faults = RAISE
) -> Iterator[LeftOut | tuple[Problem, RowLocation]]:
    names = dict.fromkeys((*row_format.listed, *(row_format.tested if whole else ())))
    seen = _Seen(
        refuse=row_format.repeated == "refused",
        refuse_same=row_format.repeated == "numbered if different",
    )
    for file in row_format.files(data):
        with faults.at(file):
            for record in read_records(file, names, faults):
                with faults.at(record.place):
                    yield _row(record, row_format, seen, whole=whole)
    if not seen.places and not faults.count:
        raise ProblemError(f"{data}: no problems in it")


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """The ids of the rows so far."""

    refuse: bool
    """Refuse every id that occurs twice."""
    refuse_same: bool
    """Refuse an id that occurs twice with the same statement."""
    places: dict[str, RowLocation] = field(default_factory=dict)
    """Place of the row of each id."""
    statements: dict[str, int] = field(default_factory=dict)
    """CRC-32 of the statement of each id."""

    def name(self, made: Problem | LeftOut, place: RowLocation) -> str:
        """Return the id of a row: its own id, or its own id with a number."""
        # Checksums, as the statements of a large set would fill the memory.
        statement = zlib.crc32(made.statement.encode()) if isinstance(made, Problem) else 0
        same = self.refuse_same and self.statements.get(made.id) == statement
        identifier = _unused(made.id, self.places, place, self.refuse or same)
        self.places[identifier], self.statements[identifier] = place, statement
        return identifier


def _row(
    record: Record, row_format: RowFormat, seen: _Seen, *, whole: bool
) -> LeftOut | tuple[Problem, RowLocation]:
    made = _make(record, row_format)
    identifier = seen.name(made, record.place)
    made = replace(made, id=identifier)
    if isinstance(made, Problem) and whole:
        made = _with_tests(made, record, row_format)
    return made if isinstance(made, LeftOut) else (made, record.place)


def _make(record: Record, row_format: RowFormat) -> Problem | LeftOut:
    needed = dict.fromkeys((*row_format.required, *row_format.tested))
    missing = [name for name in needed if name not in record.names]
    if missing:
        raise ProblemError(f"{record.place}: fields are missing: {', '.join(missing)}")
    try:
        return row_format.make(record, Testset(()))
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"{record.place}: {error}") from error


def _with_tests(problem: Problem, record: Record, row_format: RowFormat) -> Problem | LeftOut:
    tests = RowTests(place=record.place, decoder=row_format, problem_id=problem.id)
    try:
        decoded = tests.decode(record.fields)
    except ProblemError as error:
        # Data sets have rows without tests, which are left out. Broken tests are an error unless asked for.
        if not row_format.check_tests and not isinstance(error, NoTestsError):
            raise
        return LeftOut(id=problem.id, reason=str(error))
    return replace(problem, tests=Testset(tests_in_memory(decoded)))


def _unused(wanted: str, places: Mapping[str, RowLocation], place: RowLocation, refused: bool) -> str:
    if wanted not in places:
        return wanted
    if refused:
        raise ProblemError(f"{place}: duplicate problem id {wanted!r}, first in {places[wanted]}")
    number = 2
    while f"{wanted}-{number}" in places:
        number += 1
    return f"{wanted}-{number}"


def slug(*words: object) -> str:
    """Join words to an id of letters, digits, '.', '_' and '-', which can name a folder.

    Raises:
        ValueError: The words have no such character.
    """
    text = _UNSAFE.sub("-", "-".join(str(word) for word in words if word not in (None, ""))).strip("-.")
    if not text:
        raise ValueError(f"no id can be made of {words!r}")
    return text[:_LONGEST_ID]


def labelled(programs: Sequence[tuple[str, str]], label: Label, most: int) -> tuple[LabelledSubmission, ...]:
    """Keep the first few programs of a row.

    Args:
        programs: Language and source of each program. Languages that are no key of `SUFFIXES` are skipped.
        label: Label of all of them.
        most: Number of programs to keep.
    """
    known = [(SUFFIXES[language], source) for language, source in programs if language in SUFFIXES]
    return tuple(
        LabelledSubmission(name=f"{number}{suffix}", label=label, source=source.encode())
        for number, (suffix, source) in enumerate(known[:most], start=1)
    )


def field_of(fields: Mapping[str, object], name: str, kind: type[_T], default: _T) -> _T:
    """Return a field of one kind; the default stands for a field that is missing or null.

    Raises:
        ValueError: The field is of another kind, or a text that holds half of a surrogate pair.
    """
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} must be of the kind {kind.__name__}, got {value!r:.80}")
    if isinstance(value, str):
        value.encode()  # JSON can spell half of a surrogate pair, which no text may hold
    return value
