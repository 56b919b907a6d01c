"""Processes within limits, as another user if the verifier is root's."""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
NEAR_LIMIT = 1.1
"""A run over the time limit by less than this factor is repeated."""
MIB = 1 << 20
CXX = ["g++", "-O2", "-pipe", "-std=gnu++20", "-o"]


class VerifierError(Exception):
    """There is no verdict: the verifier or the checker of the problem failed."""


@dataclass
class Ending:
    """How a process ended."""

    status: int
    """Exit status, or minus the number of the signal."""
    cpu_s: float
    memory_mib: float
    late: bool
    """Whether the process was stopped because its wall time was over."""


@dataclass
class Bounds:
    """Limits of a process."""

    time_s: float
    memory_mib: float
    output_bytes: int
    environment: dict[str, str]
    """Further environment variables."""


def folder_for_program(path: Path) -> Path:
    """Make a folder that the user of the program can write to."""
    path.mkdir()
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    return path


def run(
    command: list[str],
    folder: Path,
    bounds: Bounds,
    *,
    given: Path | None = None,
    output: Path | None = None,
    errors: Path | None = None,
) -> Ending:
    """Run a command within limits, as another user if this process is root's, and wait for its end."""
    seconds = math.ceil(bounds.time_s * NEAR_LIMIT) + 1
    wall_s = 2 * bounds.time_s + 1

    def restrict() -> None:
        size = bounds.output_bytes + 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        memory = int((bounds.memory_mib + 1024) * MIB)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, most = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (most, most))
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    late = threading.Event()
    with (
        open(given or os.devnull, "rb") as source,
        open(output or os.devnull, "wb") as target,
        open(errors or os.devnull, "wb") as words,
    ):
        usual = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONHASHSEED": "0", "HOME": str(folder)}
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=source,
            stdout=target,
            stderr=words,
            start_new_session=True,
            preexec_fn=restrict,
            env=usual | bounds.environment,
        )

        def stop() -> None:
            late.set()
            kill(process.pid)

        timer = threading.Timer(wall_s, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        kill(process.pid)  # what the program left behind
    return Ending(
        status=process.returncode,
        cpu_s=usage.ru_utime + usage.ru_stime,
        memory_mib=usage.ru_maxrss / 1024,
        late=late.is_set(),
    )


def kill(group: int) -> None:
    """Kill a process group, if it is still there."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
