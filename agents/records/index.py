"""An index of a file of records: location, table columns and words of each record.

The index is an SQLite file beside the records. It is created when missing, extended when the records have
grown, and rebuilt when the records have changed otherwise. It can be deleted at any time, as it holds nothing
but copies.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .lines import LineReader, RecordError, RecordLine, RecordLocation, read_line
from .record import EpisodeRecord
from .summary import COLUMNS, searchable, storable, summary

SUFFIX = ".index"
FILTERS = ("agent", "problem", "env", "failure_class", "stop_reason")
ORDERS = ("id", "problem", "agent", "reward", "cpu_time_s", "completion_tokens", "steps")
CLASSES = ("solved", "correctness", "optimization", "no_code")
PAGE = 500
"""Maximum number of rows of a page."""
_VERSION = 5
_TELL = 1000
_WAIT_S = 600
"""Seconds to wait for another process that writes the same index."""
_PROBE = 4096
_NAMES = ("about", "episodes", "faults", "words")
_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
_TABLES = (
    *(f"drop table if exists {name}" for name in _NAMES),
    "create table about (name text primary key, value text) without rowid",
    "create table episodes (id integer primary key, start integer, length integer, frame integer, "
    f"within integer, checksum integer, {_COLUMNS})",
    "create table faults (line integer, message text)",
    "create virtual table words using fts5(text, content='', detail=none)",
    *(
        f"create index episodes_{name} on episodes ({name})"
        for name in dict.fromkeys((*FILTERS, *ORDERS[1:]))
    ),
    f"pragma user_version = {_VERSION}",
)
# A full-text table without content cannot delete rows, only all of them.
_EMPTY = (
    *(f"delete from {name}" for name in _NAMES[:3]),
    "insert into words (words) values ('delete-all')",
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the episodes that match a query."""

    total: int
    """Number of all matching episodes."""
    rows: tuple[Mapping[str, Any], ...] = field(repr=False)
    """The columns of `summary` and `id`, the line number from 1, of each episode."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """Filters, order and page of a search.

    Raises:
        ValueError: A filter or an order is unknown, or a number out of range.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    """Values of columns in `FILTERS`; an empty value matches episodes without a value."""
    text: str = ""
    """Words that the episode must contain; the last may be the beginning of a word."""
    order: str = "id"
    """Column to sort by, one of `ORDERS`."""
    descending: bool = False
    offset: int = 0
    limit: int = 100

    def __post_init__(self) -> None:
        unknown = set(self.filters) - set(FILTERS)
        if unknown:
            raise ValueError(f"filters must be among {', '.join(FILTERS)}, got {sorted(unknown)}")
        if self.order not in ORDERS:
            raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {self.order!r}")
        if not 0 <= self.offset < 1 << 40:
            raise ValueError(f"offset must be at least 0, got {self.offset!r}")
        if not 1 <= self.limit <= PAGE:
            raise ValueError(f"limit must be in [1, {PAGE}], got {self.limit!r}")


class RecordIndex:
    """Finds episodes of a file quickly; a thread-safe context manager.

    Args:
        path: File of records.
        folder: Folder of the index; by default the folder of the records. If that folder cannot be written,
            the index is in a temporary folder until it is closed.
        progress: Called now and then with the number of lines read so far.

    Raises:
        RecordError: The records cannot be read.
    """

    def __init__(
        self, path: Path, *, folder: Path | None = None, progress: Callable[[int], None] = lambda lines: None
    ) -> None:
        self._path = path
        self._progress = progress
        # The threads of a server share one connection.
        self._lock = threading.RLock()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._database = self._open(folder or path.parent)
        self.torn_line: int | None = None
        """Number of a last line that is incomplete, or not complete yet."""
        try:
            self.refresh()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index. A second call does nothing."""
        with self._lock:
            self._database.close()
            if self._scratch is not None:
                self._scratch.cleanup()

    def __len__(self) -> int:
        with self._lock:
            return int(self._database.execute("select count(*) from episodes").fetchone()[0])

    @property
    def faults(self) -> list[tuple[int, str]]:
        """The first 100 lines that are no records, each with what is wrong."""
        with self._lock:
            return self._database.execute("select line, message from faults limit 100").fetchall()

    def refresh(self) -> None:
        """Add records that were appended since, or rebuild the index when the file has changed otherwise.

        Raises:
            RecordError: The records cannot be read.
        """
        with self._lock:
            try:
                now = self._path.stat()
            except OSError as error:
                raise RecordError(f"{self._path}: cannot be read: {error.strerror}") from error
            # A file that was replaced has another inode, even with the same size and time.
            state = f"{now.st_size}:{now.st_mtime_ns}:{now.st_ino}"
            if self._about().get("state") != state:
                self._update(state, now.st_size)
            torn = self._about()["torn"]
            self.torn_line = int(torn) if torn else None

    def find(self, query: Query) -> Page:
        """Return a page of the episodes that a query finds."""
        where, values = _conditions(query)
        direction = "desc" if query.descending else "asc"
        columns, order = ", ".join(("id", *COLUMNS)), f"{query.order} {direction}, id {direction}"
        # SQLite answers the inner select from an index alone, so that pages with a large offset are fast,
        # too.
        chosen = f"select id as chosen from episodes {where} order by {order} limit ? offset ?"
        with self._lock:
            total = self._database.execute(f"select count(*) from episodes {where}", values).fetchone()[0]
            found = self._database.execute(
                f"select {columns} from ({chosen}) join episodes on id = chosen order by {order}",
                (*values, query.limit, query.offset),
            ).fetchall()
        rows = tuple(dict(zip(("id", *COLUMNS), row, strict=True)) for row in found)
        return Page(total=total, rows=rows)

    def values(self) -> dict[str, list[tuple[str | None, int]]]:
        """Return the 1000 most frequent values of each filter with their counts."""
        with self._lock:
            return {
                name: self._database.execute(
                    f"select {name}, count(*) from episodes group by {name} order by 2 desc, 1 limit 1000"
                ).fetchall()
                for name in FILTERS
            }

    def totals(self) -> list[dict[str, Any]]:
        """Return the counts of each agent: episodes by class, episodes not valid, episodes with truncated
        replies.

        An episode that is not valid counts in `invalid` only; an episode with a truncated reply counts in its
        class too.
        """
        sums = ", ".join(f"sum(reward_valid = 1 and failure_class = '{name}')" for name in CLASSES)
        with self._lock:
            found = self._database.execute(
                f"select agent, count(*), {sums}, sum(reward_valid = 0), sum(truncated_replies > 0) "
                "from episodes group by agent order by agent limit 1000"
            ).fetchall()
        names = ("agent", "episodes", *CLASSES, "invalid", "truncated")
        return [{name: value or 0 for name, value in zip(names, row, strict=True)} for row in found]

    def read(self, number: int) -> EpisodeRecord:
        """Read the episode on a line.

        Raises:
            KeyError: There is no record on that line.
            RecordError: The records cannot be read, or have changed since the last `refresh`.
        """
        with self._lock:
            row = self._database.execute(
                "select start, length, frame, within, checksum from episodes where id = ?", (number,)
            ).fetchone()
        if row is None:
            raise KeyError(number)
        offset, length, frame, within, checksum = row
        line = read_line(
            self._path, RecordLocation(offset=offset, length=length, frame_length=frame, within=within)
        )
        # The file may have been rewritten since the line was indexed.
        if zlib.crc32(line) != checksum:
            raise RecordError(f"{self._path}: was changed while it was read")
        return EpisodeRecord.from_json(line)

    def neighbours(self, number: int) -> tuple[int | None, int | None]:
        """Return the line numbers of the previous and the next record; None where there is no record."""
        # SQLite refuses integers beyond 64 bits.
        bounded = max(-(1 << 62), min(number, 1 << 62))
        with self._lock:
            found = self._database.execute(
                "select (select max(id) from episodes where id < ?), "
                "(select min(id) from episodes where id > ?)",
                (bounded, bounded),
            ).fetchone()
        return found[0], found[1]

    def numbers(self) -> Iterator[int]:
        """Yield the numbers of the lines that hold records."""
        with self._lock:
            found = self._database.execute("select id from episodes order by id").fetchall()
        return (number for (number,) in found)

    def _open(self, folder: Path) -> sqlite3.Connection:
        self.file = file = folder / f"{self._path.name}{SUFFIX}"
        """Path of the index."""
        try:
            return _connect(file)
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):  # the file is no SQLite database
                with suppress(OSError, sqlite3.OperationalError):
                    file.unlink()
                    return _connect(file)
        self._scratch = tempfile.TemporaryDirectory(prefix="codefrontier-index-")
        self.file = Path(self._scratch.name) / file.name
        return _connect(self.file)

    def _about(self) -> dict[str, str]:
        return dict(self._database.execute("select name, value from about").fetchall())

    def _update(self, state: str, size: int) -> None:
        """Update the index in one transaction; other processes wait for it."""
        # The write lock is taken before the state is read, so that two processes do not add the same lines.
        self._database.execute("begin immediate")
        try:
            about = self._about()
            end = int(about.get("end", 0))
            if end and (size <= end or about["probe"] != _probe(self._path, end)):
                for statement in _EMPTY:
                    self._database.execute(statement)
            self._extend(state)
            self._database.commit()
        except BaseException:
            self._database.rollback()
            raise

    def _extend(self, state: str) -> None:
        """Add the lines after the last indexed line."""
        about = self._about()
        start, last = int(about.get("end", 0)), int(about.get("lines", 0))
        reader = LineReader(self._path, start=start, number=last + 1)
        for line in reader:
            self._add(line)
            last = line.number
            if last % _TELL == 0:
                self._progress(last)
        values = {
            "state": state,
            "end": str(reader.end),
            "lines": str(last),
            "torn": str(reader.torn_line or ""),
            "probe": _probe(self._path, reader.end),
        }
        self._database.executemany("insert or replace into about values (?, ?)", values.items())

    def _add(self, line: RecordLine) -> None:
        try:
            episode = EpisodeRecord.from_json(line.data)
        except ValueError as error:
            self._database.execute("insert into faults values (?, ?)", (line.number, str(error)[:500]))
            return
        place = line.place
        found = summary(episode)
        values: Sequence[Any] = (
            line.number,
            place.offset,
            place.length,
            place.frame_length,
            place.within,
            zlib.crc32(line.data),
            *(storable(found[name]) for name in COLUMNS),
        )
        marks = ", ".join("?" * len(values))
        self._database.execute(f"insert into episodes values ({marks})", values)
        words = (line.number, storable(searchable(episode)))
        self._database.execute("insert into words (rowid, text) values (?, ?)", words)


def _connect(file: Path) -> sqlite3.Connection:
    """Open an index for writing, and create its tables if needed."""
    database = sqlite3.connect(file, check_same_thread=False, timeout=_WAIT_S)
    try:
        database.execute("pragma cache_size = -65536")
        database.execute("begin immediate")  # fails if the folder cannot be written
        if database.execute("pragma user_version").fetchone()[0] != _VERSION:
            for statement in _TABLES:
                database.execute(statement)
        database.commit()
    except BaseException:
        database.close()
        raise
    return database


def _conditions(query: Query) -> tuple[str, list[Any]]:
    """Return the condition of a query as SQL with its values."""
    conditions: list[str] = []
    values: list[Any] = []
    for name, value in query.filters.items():
        conditions.append(f"{name} = ?" if value else f"({name} is null or {name} = '')")
        values += [value] if value else []
    if query.text.strip():
        # Split like the tokenizer of the index: at everything except letters and digits.
        words = re.findall(r"[^\W_]+", query.text)
        if words:
            conditions.append("id in (select rowid from words where words match ?)")
            values.append(" ".join(f'"{word}"' for word in words) + "*")
        else:
            conditions.append("0")
    return (f"where {' and '.join(conditions)}" if conditions else ""), values


def _probe(path: Path, end: int) -> str:
    """Return a digest of the first and last indexed bytes, to detect that the file was rewritten."""
    try:
        with path.open("rb") as file:
            head = file.read(min(_PROBE, end))
            file.seek(max(0, end - _PROBE))
            tail = file.read(end - max(0, end - _PROBE))
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    return hashlib.sha256(head + b"\0" + tail).hexdigest()
