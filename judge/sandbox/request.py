"""The request for a run in a sandbox, and the report that comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .protocol.paths import TMP

Kind = Literal[
    "python", "fresh", "call", "compile", "loaded", "executable", "read", "write", "pack", "unpack", "gather"
]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run in a sandbox."""

    kind: Kind
    """What to run. `python`, `fresh`, `call` and `loaded` run the loaded program; `executable` runs
    `argv[0]`; `compile` compiles standard input as `argv` says, as a `program` or a `method`; the others are
    operations on the files of a session."""
    argv: Sequence[str | int] = ()
    """Arguments of what is run."""
    stdin: bytes = field(default=b"", repr=False)
    """Standard input."""
    stdin_comes_again: bool = False
    """Whether later requests are likely to have this very `stdin` object, so that the sandbox keeps it."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Files to put into the working directory first, by relative name."""
    collect: Sequence[str] = ()
    """Names of files of the working directory to bring back, where they exist."""
    profile: Literal["program", "tools"] = "program"
    """Which system calls are allowed: those of a judged program, or also those of compilers and shells."""
    directory: str = TMP
    """Working directory."""
    cpu_s: float
    """CPU seconds at which the run is ended."""
    idle_s: float | None = None
    """Seconds of neither running nor waiting for a processor at which the run is ended; None is
    `2 * cpu_s + 1`."""
    still_s: float | None = None
    """Seconds of sleep of all its processes at once, as in a deadlock, at which the run is ended; None is no
    limit."""
    cost: int | None = None
    """Line events at which the run of a Python program is ended; None does not count them."""
    memory_mib: int
    """Memory limit."""
    reserve_mib: int | None = None
    """Memory that the run may reserve above the limit without touching it; None is the usual for the kind."""
    output_bytes: int
    """Size limit of standard output and of any other file."""
    stream_bytes: int | None = None
    """Bytes of standard output and of standard error to bring back; None is all."""
    processes: int = 96
    """Limit on threads, and on processes where the profile allows any."""
    scratch_mib: int | None = 64
    """Size of a new, empty /tmp; None keeps /tmp as it is."""
    bundle: int | None = None
    """Number of the bundle for a file operation to fill; None makes it fill the result of the run."""
    dialect: str = "strict"
    """Dialect in which a Python program is compiled, run or called."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables in addition to the usual ones."""
    interactive: bool = False
    """Whether standard input and output are passed on to the judge during the run. If so, idle time is not
    limited: the judge notices deadlocks."""


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """The zygote's report of a run."""

    cpu_s: float
    """CPU seconds used, of user and system together."""
    wall_s: float
    """Wall time from start to end."""
    memory_mib: float
    """Peak of resident memory."""
    memory_floor_mib: float
    """Resident memory of the process that the run is a copy of: a peak up to this may be that process's."""
    exit_status: int | None
    """Exit status; None if a signal ended the run."""
    signal: int | None
    """Signal that ended the run; None if it exited."""
    ended: Literal["cpu", "idle", "stillness", "cost", "memory", "output", "conversation"] | None
    """The limit at which the run was ended; None if it ended by itself."""
    cost: int | None
    """Line events, if they were limited."""
    no_memory: bool
    """Whether a Python program ended by a MemoryError."""
    stdout: bytes = field(repr=False)
    """Standard output."""
    stderr: bytes = field(repr=False)
    """Standard error."""
    result: bytes = field(repr=False)
    """Result outside of the standard streams: bytecode, the value of a call, or file contents."""
    collected: Mapping[str, bytes] = field(repr=False)
    """Files that were asked for by `collect`, by name."""
