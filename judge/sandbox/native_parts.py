"""Builds the compiled parts of a sandbox, once per host, if there is a C compiler."""

from __future__ import annotations

import logging
import subprocess
from functools import cache
from pathlib import Path

from ...system.compiled import built_folder

_LOG = logging.getLogger(__name__)
_SOURCES = Path(__file__).parent / "native"
CONFINE, SPAWNER, FORK_POINT = "confine.so", "spawner", "fork_point.o"
THREAD_STACKS = "thread_stacks.o"
# These objects are linked into submitted programs and run before the C library is set up: no stack protector,
# which would read thread-local memory, and no calls that the compiler inserts.
_ALONE = ["-ffreestanding", "-fno-stack-protector", "-fcf-protection=none", "-fPIE"]
_BUILDS: dict[str, list[str]] = {
    CONFINE: ["-shared", "-fPIC", "confine.c"],
    SPAWNER: ["-static", "spawner.c", "confine.c"],
    FORK_POINT: [*_ALONE, "-c", "fork_point.c"],
    THREAD_STACKS: [*_ALONE, "-c", "thread_stacks.c"],
}


@cache
def native_parts(cache_folder: Path) -> dict[str, str]:
    """Return the paths of the compiled parts as settings of the zygote: `confine` and `spawner`.

    They are built at the first call on a host. If they cannot be built, the result is empty, and the sandbox
    uses Python code instead, which takes more CPU time for each run.

    Args:
        cache_folder: Folder for the compiled parts. Only this user may write to the subfolder that is made.
    """
    try:
        folder = built_folder(cache_folder, _SOURCES, _BUILDS)
    except (OSError, subprocess.SubprocessError) as error:
        _LOG.info("the compiled parts of the sandbox cannot be built: %s", error)
        return {}
    return {"confine": str(folder / CONFINE), "spawner": str(folder / SPAWNER)}


def fork_point(parts: dict[str, str]) -> bytes:
    """Return the object file that gives a program a fork point; empty if no parts were built.

    Args:
        parts: Result of `native_parts`.

    Raises:
        OSError: The file cannot be read.
    """
    return _object(parts, FORK_POINT)


def thread_stacks(parts: dict[str, str]) -> bytes:
    """Return the object file that bounds the stacks of a program's threads; empty if no parts were built.

    Args:
        parts: Result of `native_parts`.

    Raises:
        OSError: The file cannot be read.
    """
    return _object(parts, THREAD_STACKS)


def _object(parts: dict[str, str], name: str) -> bytes:
    return _contents(Path(parts["spawner"]).with_name(name)) if "spawner" in parts else b""


@cache
def _contents(path: Path) -> bytes:
    return path.read_bytes()
