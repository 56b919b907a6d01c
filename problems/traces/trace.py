"""A trace: the events of one run of a Python program, as the recorder of the judge's sandbox writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self, get_args

SCHEMA_VERSION = 1
End = Literal["normal", "error", "never"]
"""How a program ends: by itself, by an uncaught error or a limit other than time, or not within its time."""
Cut = Literal["", "events", "bytes", "locals", "detached", "killed"]
"""Why a trace lacks events or variables; empty if it is whole."""


class EventKind(StrEnum):
    """What happened."""

    CALL = "call"
    """A function begins, or a generator goes on."""
    LINE = "line"
    """A line is about to run."""
    RETURN = "return"
    """A function returns, or a generator yields."""
    EXCEPTION = "exception"
    """An exception is raised in a frame, or passes into it."""


@dataclass(frozen=True, kw_only=True)
class TraceTarget:
    """What is run: a whole program, or one call of a function.

    Raises:
        ValueError: There are arguments without a function, or its name is no identifier.
    """

    id: str
    source: str = field(repr=False)
    entry: str | None = None
    """Function that is called; None runs the program, whose trace then begins at its first line."""
    arguments: str = ""
    """Arguments of the function, as between the parentheses of a call."""
    input: str = field(default="", repr=False)
    """Standard input."""

    def __post_init__(self) -> None:
        if self.entry is None and self.arguments:
            raise ValueError(f"{self.id}: arguments need an entry, got {self.arguments!r:.80}")
        if self.entry is not None and not self.entry.isidentifier():
            raise ValueError(f"{self.id}: entry must be the name of a function, got {self.entry!r:.80}")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of the program's own code.

    Raises:
        ValueError: A field has a value that no recorder writes.
    """

    kind: EventKind
    depth: int
    """Number of the program's own frames below this one; 0 for the first."""
    line: int
    """Line of the source, from 1; 0 before the first line of a program."""
    function: str
    changed: Mapping[str, str | None] = field(repr=False)
    """Texts of the variables that have changed since the last event of the frame; None for deleted ones. A
    call has all variables."""
    argument: str | None = None
    """Text of the value that is returned or of the exception; None for other events."""

    def __post_init__(self) -> None:
        whole = type(self.depth) is int and type(self.line) is int
        if not whole or self.depth < 0 or self.line < 0:
            raise ValueError(
                f"depth and line must be whole numbers from 0, got {self.depth!r}, {self.line!r}"
            )
        texts = isinstance(self.function, str) and isinstance(self.argument, str | None)
        named = isinstance(self.changed, dict) and all(
            isinstance(name, str) and isinstance(text, str | None) for name, text in self.changed.items()
        )
        if not texts or not named:
            raise ValueError(f"function, variables and argument must be texts, got {self!r:.200}")
        if (self.argument is None) is (self.kind in (EventKind.RETURN, EventKind.EXCEPTION)):
            raise ValueError(f"a return or an exception, and nothing else, has an argument: {self!r:.200}")

    @classmethod
    def of(cls, line: Any) -> Self:
        """Make an event of the list that stands for it in a file.

        Raises:
            ValueError: The list is no event.
        """
        if not isinstance(line, list) or len(line) != 6:
            raise ValueError(f"an event must be a list of 6 items, got {line!r:.200}")
        kind, depth, number, function, changed, argument = line
        return cls(
            kind=EventKind(kind),
            depth=depth,
            line=number,
            function=function,
            changed=changed,
            argument=argument,
        )

    @property
    def plain(self) -> list[Any]:
        """The list that stands for the event in a file."""
        return [self.kind.value, self.depth, self.line, self.function, dict(self.changed), self.argument]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The events of one run, and how it ended.

    Raises:
        ValueError: The events cannot be those of one run.
    """

    target: TraceTarget
    events: tuple[Event, ...] = field(repr=False)
    end: End
    error: str | None = None
    """Text of the uncaught exception, or how the program was killed."""
    result: str | None = None
    """Text of what the function returned."""
    output: str = field(default="", repr=False)
    """First bytes of standard output, as text."""
    output_bytes: int = 0
    """Bytes that the program has written to standard output."""
    cut: Cut = ""
    python: str = ""
    """Version of Python; events differ between versions, for example in comprehensions."""

    def __post_init__(self) -> None:
        if self.end not in get_args(End) or self.cut not in get_args(Cut):
            raise ValueError(f"end and cut must be known, got {self.end!r} and {self.cut!r}")
        texts = (self.error or "", self.result or "", self.output, self.python)
        if not all(isinstance(text, str) for text in texts) or type(self.output_bytes) is not int:
            raise ValueError("error, result, output and python must be texts, output_bytes a whole number")
        depth = -1
        for place, event in enumerate(self.events):
            begins = event.kind is EventKind.CALL
            # A frame is entered by a call only, one at a time; any number of frames may be left at once.
            if event.depth > depth + 1 or (event.depth == depth + 1 and not begins):
                raise ValueError(
                    f"event {place} is at depth {event.depth} after depth {depth}: {event!r:.200}"
                )
            depth = event.depth

    @property
    def whole(self) -> bool:
        """Whether every event up to the end of the program was recorded."""
        return self.cut in ("", "locals") and self.end != "never" and bool(self.events)

    def to_json(self) -> str:
        """Return the line that stands for the trace in a file."""
        fields = {name: getattr(self, name) for name in ("end", "error", "result", "output", "output_bytes")}
        document = {
            "schema_version": SCHEMA_VERSION,
            **asdict(self.target),
            **fields,
            "cut": self.cut,
            "python": self.python,
            "events": [event.plain for event in self.events],
        }
        return json.dumps(document, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str | bytes) -> Self:
        """Make a trace of a line of a file.

        Raises:
            ValueError: The line is no trace.
        """
        document = json.loads(line)
        if not isinstance(document, dict) or document.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"a trace must be an object with schema_version {SCHEMA_VERSION}")
        try:
            target = TraceTarget(
                **{name: document[name] for name in ("id", "source", "entry", "arguments", "input")}
            )
            names = ("end", "error", "result", "output", "output_bytes", "cut", "python")
            events = tuple(Event.of(event) for event in document["events"])
            return cls(target=target, events=events, **{name: document[name] for name in names})
        except (KeyError, TypeError) as error:
            raise ValueError(f"a trace lacks a field or has a wrong type: {error!r}") from error
