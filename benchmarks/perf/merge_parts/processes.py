"""Run a program, and measure its time and memory; put files into the page cache or out of it."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_POLL_S = 0.01
_PIECE = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The cost of one or several processes, one after the other."""

    wall_s: float
    cpu_s: float
    own_mib: float
    """Largest anonymous memory, without pages of files: what no other process can use."""

    def then(self, other: Cost) -> Cost:
        """Return the cost of this and another process."""
        return Cost(
            wall_s=self.wall_s + other.wall_s,
            cpu_s=self.cpu_s + other.cpu_s,
            own_mib=max(self.own_mib, other.own_mib),
        )


class ProgramError(Exception):
    """A measured program failed; the message ends with its output."""


def run(words: list[str], *, environment: dict[str, str] | None = None) -> Cost:
    """Run a program and return its cost.

    Raises:
        ProgramError: The program failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), False)
    largest, output = 0, b""
    while True:
        largest = max(largest, _anonymous(process.pid))
        output = (output + (process.stdout.read() or b""))[-4000:]
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(_POLL_S)
    wall = time.perf_counter() - began
    output = (output + (process.stdout.read() or b""))[-4000:]
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ProgramError(
            f"{words[0]} failed with status {process.returncode}:\n{output.decode(errors='replace')}"
        )
    return Cost(wall_s=wall, cpu_s=usage.ru_utime + usage.ru_stime, own_mib=largest / 1024)


def _anonymous(pid: int) -> int:
    """Return the anonymous memory of a process in KiB; 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")), 0)


def warm(folders: list[Path]) -> None:
    """Read all files, so that they are in the page cache."""
    for path in _files(folders):
        with path.open("rb") as file:
            while file.read(_PIECE):
                pass


def cool(folders: list[Path]) -> None:
    """Drop all files from the page cache."""
    for path in _files(folders):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _files(folders: list[Path]) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*.safetensors")]
