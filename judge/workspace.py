"""A directory in a sandbox of its own, with a persistent shell: what an agent works in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .errors import SandboxError
from .sandbox import Kind, RunRequest, SandboxChoice, make_source

ROOT = "/work"
MAX_FILE_BYTES = 8 << 20
_SIZE_MIB = 256
_OUTPUT_BYTES = 1 << 16
_REFUSED = 65
_ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07)")


class WorkspaceFileError(Exception):
    """A file of the workspace cannot be read or written; the message is for the agent."""


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """What a shell command did."""

    output: str
    """Standard output and standard error as they came, decoded with replacement characters.

    More than 64 KiB is cut in the middle, with a line that says how much was left out.
    """
    exit_status: int | None
    """None when the command was interrupted."""
    timed_out: bool = False
    restarted: bool = False
    """The shell ended (by `exit`, or as it did not yield) and the next command starts a new one."""


class Workspace:
    """A sandboxed directory `/work` with a persistent bash: no network, nothing of the host, gone at close.

    Every method raises `SandboxError` when the sandbox itself fails. Not thread-safe.

    Args:
        sandbox: As that of a judge.
    """

    def __init__(self, *, sandbox: SandboxChoice = "embedded") -> None:
        self._sandbox = make_source(sandbox).open(work_mib=_SIZE_MIB)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def host(self) -> dict[str, str]:
        """What the start-up probe of the sandbox found."""
        return self._sandbox.host

    def close(self) -> None:
        """End every process and drop the files. A second call does nothing."""
        self._sandbox.close()

    def run(self, command: str, *, time_limit_s: float = 30.0) -> CommandResult:
        """Run a command in the persistent shell (state such as `cd` and variables is kept).

        A command over `time_limit_s` (wall) is interrupted; the shell is restarted when it does not yield.
        """
        answer, output = self._sandbox.shell(command, time_limit_s=time_limit_s, output_bytes=_OUTPUT_BYTES)
        return CommandResult(
            output=_ESCAPES.sub(b"", output).decode("utf-8", "replace"),
            exit_status=answer["exit_status"],
            timed_out=answer["timed_out"],
            restarted=answer["restarted"],
        )

    def read_file(self, path: str) -> bytes:
        """Return a file's bytes; a relative path starts at `/work`.

        Raises:
            WorkspaceFileError: There is no such readable regular file, or it is over 8 MiB.
        """
        return self._file_operation("read", [path, MAX_FILE_BYTES])

    def write_file(self, path: str, data: bytes) -> None:
        """Create or replace a file, and its folders.

        Raises:
            WorkspaceFileError: The path cannot be written.
        """
        self._file_operation("write", [path], data)

    def snapshot(self) -> bytes:
        """Return the files of `/work` as an uncompressed tar. Running processes are not part of it.

        Raises:
            WorkspaceFileError: A file changed or vanished meanwhile.
        """
        return self._file_operation("tar", [])

    def restore(self, snapshot: bytes) -> None:
        """Replace the files of `/work` by those of a snapshot and restart the shell.

        Raises:
            WorkspaceFileError: The snapshot is not one of ours.
        """
        self._sandbox.shell(None, time_limit_s=5, output_bytes=0)
        self._file_operation("untar", [], snapshot)

    def _file_operation(self, kind: Kind, argv: Sequence[str | int], data: bytes = b"") -> bytes:
        if any("\0" in part for part in argv if isinstance(part, str)):
            raise WorkspaceFileError("a path cannot hold a NUL character")
        report = self._sandbox.run(
            RunRequest(
                kind=kind,
                argv=argv,
                stdin=data,
                profile="tools",
                directory=ROOT,
                cpu_s=30,
                memory_mib=1024,
                output_bytes=2 * _SIZE_MIB << 20,
            )
        )
        if report.exit_status == _REFUSED:
            raise WorkspaceFileError(report.stderr.decode("utf-8", "replace"))
        if report.exit_status != 0:
            words = report.stderr.decode("utf-8", "replace")[-500:]
            raise SandboxError(f"the file operation {kind!r} ended with {report.exit_status}: {words}")
        return report.result
