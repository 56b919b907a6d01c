"""The journal of a synthesis: each request and each decision as a line, on the disk before what follows it.

Lines are JSON objects with `kind`, `lineage` and `turn`:

    asked      a request to the teacher is about to be made
    answered   its reply and usage, or its error
    executed   the computed outputs, or why the proposal was rejected before the student
    ended      what became of the turn

A turn has at most one line of each kind but `asked`: a process that is killed while a request is in flight
leaves an `asked` without an `answered`, and the request is made again. Episodes of the student are in
`records.jsonl`, also one line each.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...system import FolderInUseError, explain_full_disk
from ..errors import AgentError

KINDS = ("asked", "answered", "executed", "ended")
Event = dict[str, Any]


class JournalError(AgentError):
    """The journal is damaged: a complete line is not what this module writes."""


class Journal:
    """Appends events durably, and knows those of earlier processes; a context manager. Thread-safe.

    An incomplete last line, which a crash leaves, is removed when the file is opened.

    Args:
        path: File of the journal, created if needed.

    Raises:
        JournalError: A line is damaged.
        FolderInUseError: Another process writes to the file.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._events: dict[tuple[str, int, int], Event] = {}
        self.asked: Counter[tuple[int, int]] = Counter()
        """Number of `asked` lines by lineage and turn."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FolderInUseError(f"{path}: another synthesis is writing to it") from error
            self._read()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def find(self, kind: str, lineage: int, turn: int) -> Event | None:
        """Return the event of a kind of a turn; None if it did not happen."""
        return self._events.get((kind, lineage, turn))

    def events(self, kind: str) -> list[Event]:
        """Return all events of a kind, in the order of the file."""
        with self._lock:
            return [event for (name, _, _), event in self._events.items() if name == kind]

    @property
    def repeated(self) -> int:
        """Number of requests to the teacher whose reply was lost by a crash, and which were made again."""
        with self._lock:
            return sum(count - 1 for count in self.asked.values() if count > 1)

    def append(self, kind: str, lineage: int, turn: int, **details: Any) -> Event:
        """Append an event and wait until it is on the disk.

        Raises:
            JournalError: The turn has an event of this kind already.
            OSError: The file cannot be written.
        """
        event = {"kind": kind, "lineage": lineage, "turn": turn, **details}
        line = json.dumps(event, allow_nan=False).encode() + b"\n"
        with self._lock:
            self._note(event)
            before = os.lseek(self._file, 0, os.SEEK_END)
            with explain_full_disk(self._path, len(line)):
                written = os.write(self._file, line)
                if written < len(line):
                    os.ftruncate(self._file, before)
                    raise OSError(f"{self._path}: only {written} of {len(line)} bytes fit")
                os.fsync(self._file)
        return event

    def _note(self, event: Event) -> None:
        place = (event["lineage"], event["turn"])
        if event["kind"] == "asked":
            self.asked[place] += 1
            return
        key = (event["kind"], *place)
        if key in self._events:
            raise JournalError(f"{self._path}: lineage {place[0]}, turn {place[1]} has {key[0]!r} twice")
        self._events[key] = event

    def _read(self) -> None:
        with self._path.open("rb") as file:
            *lines, rest = file.read().split(b"\n")
        for number, line in enumerate(lines, start=1):
            try:
                event = json.loads(line)
                if event["kind"] not in KINDS or not all(type(event[n]) is int for n in ("lineage", "turn")):
                    raise ValueError(f"kind {event['kind']!r}")
            except (ValueError, KeyError, TypeError) as error:
                raise JournalError(
                    f"{self._path}, line {number}: not a line of a journal: {error}"
                ) from error
            self._note(event)
        if rest:
            os.ftruncate(self._file, self._path.stat().st_size - len(rest))
