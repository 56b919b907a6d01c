"""A directory in a sandbox of its own, with a persistent shell: what an agent works in."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self


class WorkspaceFileError(Exception):
    """A file of the workspace cannot be read or written; the message is for the agent."""


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """What a shell command did."""

    output: str
    """Standard output and standard error as they came, decoded with replacement characters."""
    exit_status: int | None
    """None when the command was interrupted."""
    timed_out: bool = False


class Workspace:
    """A sandboxed directory `/work` with a persistent bash: no network, nothing of the host, gone at close.

    Every method raises `SandboxError` when the sandbox itself fails.
    """

    def __init__(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process and drop the files. A second call does nothing."""

    def run(self, command: str, *, time_limit_s: float = 30.0) -> CommandResult:
        """Run a command in the persistent shell (state such as `cd` and variables is kept).

        A command over `time_limit_s` (wall) is interrupted; the shell is restarted when it does not yield.
        """
        raise NotImplementedError

    def read_file(self, path: str) -> bytes:
        """Return a file's bytes; a relative path starts at `/work`.

        Raises:
            WorkspaceFileError: There is no such readable regular file, or it is over 8 MiB.
        """
        raise NotImplementedError

    def write_file(self, path: str, data: bytes) -> None:
        """Create or replace a file, and its folders.

        Raises:
            WorkspaceFileError: The path cannot be written.
        """
        raise NotImplementedError

    def snapshot(self) -> bytes:
        """Return the files of `/work` as an uncompressed tar. Running processes are not part of it."""
        raise NotImplementedError

    def restore(self, snapshot: bytes) -> None:
        """Replace the files of `/work` by those of a snapshot and restart the shell."""
        raise NotImplementedError
