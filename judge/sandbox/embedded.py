"""The judge's end of an embedded sandbox: starts the zygote, sends it requests, ends it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..errors import SandboxError
from .inside import wire
from .inside.child import MIB, Caps

_INSIDE = Path(__file__).parent / "inside"
_BOOTSTRAP = (
    "import sys, types; p = types.ModuleType('inside'); p.__path__ = [sys.argv[1]]; "
    "sys.modules['inside'] = p; import inside.preload; from inside.zygote import main; main()"
)
_START_S = 30.0
_END_S = 2.0
_SLACK_S = 30.0
_ROOM_MIB = 512
_NATIVE_ROOM_MIB = 2560
"""Memory that may be reserved above the limit, used or not: the threads of a native program get stacks as
large as its main one."""
_ADDRESS_ROOM_MIB = 4096
_WALL_FACTOR = 20
_WALL_EXTRA_S = 60.0

Kind = Literal["python", "call", "compile", "loaded", "executable", "read", "write", "tar", "untar"]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run in a sandbox."""

    kind: Kind
    """`python`, `call` and `loaded` run the loaded program; `executable` runs `argv[0]`."""
    argv: Sequence[str | int] = ()
    stdin: bytes = field(default=b"", repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Put into the working directory first, by relative name."""
    collect: Sequence[str] = ()
    """Files of the working directory to bring back, where they exist."""
    profile: Literal["program", "tools"] = "program"
    directory: str = "/tmp"
    cpu_s: float
    """The run is ended at this much CPU time."""
    idle_s: float | None = None
    """The run is ended when it neither ran nor waited for a processor this long; default `2 * cpu_s + 1`."""
    cost: int | None = None
    """The run of a Python program is ended at this many line events; None counts none."""
    memory_mib: int
    output_bytes: int
    """Standard output beyond this is refused; so is any file."""
    processes: int = 64
    """Threads, and processes where the profile allows them."""
    scratch_mib: int = 64
    """Size of /tmp."""

    def header(self) -> dict[str, Any]:
        """Return what the zygote reads, without the blobs."""
        idle_s = 2 * self.cpu_s + 1 if self.idle_s is None else self.idle_s
        room_mib = _NATIVE_ROOM_MIB if self.kind == "loaded" else _ROOM_MIB
        caps = Caps(
            cpu_s=self.cpu_s,
            memory_mib=self.memory_mib,
            data_bytes=(self.memory_mib + room_mib) * MIB,
            address_space=(self.memory_mib + _ADDRESS_ROOM_MIB) * MIB,
            file_bytes=self.output_bytes,
            processes=self.processes,
        )
        return {
            "op": "run",
            "kind": self.kind,
            "argv": list(self.argv),
            "files": list(self.files),
            "collect": list(self.collect),
            "profile": self.profile,
            "directory": self.directory,
            "caps": asdict(caps),
            "idle_s": idle_s,
            "cost": self.cost if self.kind in ("python", "call") else None,
            "wall_s": _WALL_FACTOR * idle_s + _WALL_EXTRA_S,
            "scratch_mib": self.scratch_mib,
        }


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """What the zygote reports of a run."""

    cpu_s: float
    wall_s: float
    memory_mib: float
    memory_floor_mib: float
    """A peak up to this may be that of the process which the run started as a copy of."""
    exit_status: int | None
    signal: int | None
    ended: Literal["cpu", "idle", "cost", "memory"] | None
    """The limit at which the run was ended."""
    cost: int | None
    """Line events, when they were limited."""
    no_memory: bool
    """A Python program ended by a MemoryError."""
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)
    result: bytes = field(repr=False)
    collected: Mapping[str, bytes] = field(repr=False)


class EmbeddedSandbox:
    """A sandbox in namespaces of this host. Not thread-safe: one request at a time.

    Args:
        work_mib: Size of the persistent folder /work; 0 makes none.

    Raises:
        SandboxError: The host refuses it; the message says what.
    """

    def __init__(self, *, work_mib: int = 0) -> None:
        ours, theirs = socket.socketpair()
        own_process = os.pidfd_open(os.getpid())
        interpreter, path = _interpreter(), _path()
        settings = {
            "stream": theirs.fileno(),
            "parent": own_process,
            "trees": ["/usr", *_library_trees()],
            # Installed into a shown tree, this package would show its reference solutions.
            "hidden": [str(_INSIDE.parents[2])],
            "work_mib": work_mib,
            "path": path,
        }
        try:
            self._process = subprocess.Popen(
                [interpreter, "-S", "-s", "-P", "-B", "-c", _BOOTSTRAP, str(_INSIDE), json.dumps(settings)],
                env={"PYTHONHASHSEED": "0", "LANG": "C.UTF-8", "PATH": path, "HOME": "/tmp"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                pass_fds=(theirs.fileno(), own_process),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise SandboxError(f"cannot start {interpreter!r}: {error}") from error
        finally:
            theirs.close()
            os.close(own_process)
        self._stream = ours
        self._end = weakref.finalize(self, _end, self._process, ours, os.getpid())
        answer, _ = self._exchange({}, [], time_limit_s=_START_S, send=False)
        if not answer.get("ready"):
            self.close()
            raise SandboxError(f"no sandbox on this host: {answer.get('reason')}")
        self.host: dict[str, str] = answer["host"]

    def load(self, program: bytes, *, executable: bool) -> None:
        """Keep a program, bytecode or an executable, for the runs that follow."""
        self._exchange({"op": "load", "executable": executable}, [program], time_limit_s=_SLACK_S)

    def run(self, request: RunRequest) -> RunReport:
        """Run once.

        Raises:
            SandboxError: The sandbox died, or the host is so overloaded that the run got no processor.
        """
        header = request.header()
        answer, blobs = self._exchange(
            header, [request.stdin, *request.files.values()], time_limit_s=header["wall_s"] + _SLACK_S
        )
        if answer["ended"] == "wall":
            used, wall = answer["cpu_s"], answer["wall_s"]
            raise SandboxError(f"a run got {used:.2f} s of CPU time in {wall:.0f} s: the host is overloaded")
        stdout, stderr, result, *collected = blobs
        if not answer["confined"]:
            raise SandboxError(f"a run could not be set up: {stderr.decode(errors='replace')}")
        return RunReport(
            cpu_s=answer["cpu_s"],
            wall_s=answer["wall_s"],
            memory_mib=answer["memory_kib"] / 1024,
            memory_floor_mib=answer["memory_floor_kib"] / 1024,
            exit_status=answer["exit_status"],
            signal=answer["signal"],
            ended=answer["ended"],
            cost=answer["cost"],
            no_memory=answer["no_memory"],
            stdout=stdout,
            stderr=stderr,
            result=result,
            collected=dict(zip(answer["collected"], collected, strict=True)),
        )

    def shell(
        self, command: str | None, *, time_limit_s: float, output_bytes: int
    ) -> tuple[dict[str, Any], bytes]:
        """Type a command into the workspace's shell, or end it (None); return its answer and output."""
        header = {
            "op": "shell",
            "command": command,
            "time_limit_s": time_limit_s,
            "output_bytes": output_bytes,
        }
        answer, blobs = self._exchange(header, [], time_limit_s=time_limit_s + _SLACK_S)
        return answer, blobs[0]

    def cpu_time_s(self) -> float:
        """Return the CPU seconds of the zygote and everything it has run, for measurements."""
        answer, _ = self._exchange({"op": "usage"}, [], time_limit_s=_SLACK_S)
        return float(answer["cpu_s"])

    def close(self) -> None:
        """End the sandbox and everything in it. A second call does nothing."""
        self._end()

    def _exchange(
        self, header: dict[str, Any], blobs: list[bytes], *, time_limit_s: float, send: bool = True
    ) -> tuple[dict[str, Any], list[bytes]]:
        try:
            self._stream.settimeout(time_limit_s)
            if send:
                wire.send(self._stream, header, blobs)
            answer, answer_blobs = wire.receive(self._stream)
        except (OSError, wire.WireError, ValueError) as error:
            self.close()
            raise SandboxError(f"the sandbox failed: {type(error).__name__}: {error}") from error
        if "failed" in answer:
            self.close()
            raise SandboxError(f"the sandbox failed: {answer['failed']}")
        return answer, answer_blobs


def _end(process: subprocess.Popen[bytes], stream: socket.socket, owner: int) -> None:
    stream.close()  # the sandbox ends by itself
    if os.getpid() != owner:  # a forked copy: the sandbox belongs to the process that started it
        process.returncode = 0
        return
    try:
        process.wait(timeout=_END_S)
    except subprocess.TimeoutExpired:
        process.kill()  # the zygote dies with the process that stands by for it
        process.wait()


@cache
def _interpreter() -> str:
    """The interpreter itself, not a virtual environment's link or a version manager's shim."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return os.path.realpath(base)


@cache
def _library_trees() -> tuple[str, ...]:
    return tuple(sorted({sys.base_prefix, sys.base_exec_prefix}))


@cache
def _path() -> str:
    folders = [os.path.dirname(_interpreter()), "/usr/local/bin", "/usr/bin", "/bin"]
    return ":".join(dict.fromkeys(folders))


def find_executable(name: str) -> str | None:
    """Return the path of an executable that the sandbox shows too, or None."""
    path = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
    return path and os.path.join("/usr/bin", name) if path and path.startswith(("/usr/", "/bin/")) else None
