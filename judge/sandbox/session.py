"""The judge's end of a sandbox, of whatever kind: frames to the zygote and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from ..errors import SandboxError
from .inside import wire
from .request import RunReport, RunRequest

START_S = 30.0
_SLACK_S = 30.0


class TimedStream(wire.Stream, Protocol):
    """A stream whose operations can be limited in time."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Limit each operation that follows; None lifts the limit."""


class Sandbox(ABC):
    """A zygote at the other end of a stream. Not thread-safe: one request at a time.

    Args:
        stream: To and from the zygote, which has just started.
        end: Ends the sandbox; harmless when called twice.

    Raises:
        SandboxError: The zygote refuses to serve; the message says why.
    """

    kind: str
    """As a judge's identity calls it."""
    headers: Path | None = None
    """Where this host's precompiled headers are, at the same path inside; None if it shows none."""
    lifetime: int | None = None
    """After how many submissions to take another one; None is never."""

    def __init__(self, stream: TimedStream, end: Callable[[], object]) -> None:
        self._stream = stream
        self._end = end
        self.links_statically: dict[str, bool] = {}
        """Of each compiler that was asked, by its path: whether it has a C library to link statically."""
        answer, _ = self._exchange({}, [], time_limit_s=START_S, send=False)
        if not answer.get("ready"):
            self.close()
            raise SandboxError(f"no sandbox on this host: {answer.get('reason')}")
        self.host: dict[str, str] = answer["host"]

    @abstractmethod
    def find_executable(self, name: str) -> str | None:
        """Return the path in the sandbox of an executable, or None when there is none."""

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
        report = self._report(answer, blobs)
        if request.kind == "fresh" and report.exit_status and _lacked_memory(report.stderr):
            return replace(report, no_memory=True)
        return report

    def begin(self, request: RunRequest) -> None:
        """Begin a run that talks; what it says comes from `hear`, and its report at last."""
        blobs = [request.stdin, *request.files.values()]
        self._exchange(request.header(), blobs, time_limit_s=_SLACK_S, receive=False)

    def say(self, header: dict[str, Any], blob: bytes | None = None) -> None:
        """Send a frame into a conversation."""
        blobs = [] if blob is None else [blob]
        self._exchange(header, blobs, time_limit_s=_SLACK_S, receive=False)

    def hear(self) -> tuple[dict[str, Any], bytes] | RunReport:
        """Receive what comes next in a conversation: an event, with its blob, or the report of the run.

        Raises:
            SandboxError: The sandbox died, or the host is so overloaded that nothing came.
        """
        answer, blobs = self._exchange({}, [], time_limit_s=_SLACK_S, send=False)
        if "event" in answer:
            return answer, blobs[0] if blobs else b""
        return self._report(answer, blobs)

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when there is something to hear."""
        return self._stream.fileno()

    def _report(self, answer: dict[str, Any], blobs: list[bytes]) -> RunReport:
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
        self,
        header: dict[str, Any],
        blobs: list[bytes],
        *,
        time_limit_s: float,
        send: bool = True,
        receive: bool = True,
    ) -> tuple[dict[str, Any], list[bytes]]:
        try:
            self._stream.settimeout(time_limit_s)
            if send:
                wire.send(self._stream, header, blobs)
            answer, answer_blobs = wire.receive(self._stream) if receive else ({}, [])
        except (OSError, wire.WireError, ValueError) as error:
            self.close()
            raise SandboxError(f"the sandbox failed: {type(error).__name__}: {error}") from error
        if "failed" in answer:
            self.close()
            raise SandboxError(f"the sandbox failed: {answer['failed']}")
        return answer, answer_blobs


def _lacked_memory(stderr: bytes) -> bool:
    """Whether an interpreter's last line says so."""
    return stderr.rstrip().rsplit(b"\n", 1)[-1].startswith(b"MemoryError")
