"""The judge's end of an embedded sandbox: starts the zygote, sends it requests, ends it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ...problems.testset_cache import default_cache
from ..errors import SandboxError
from .native_parts import native_parts
from .session import Sandbox

_INSIDE = Path(__file__).parent / "inside"
_BOOTSTRAP = (
    "import sys, types; p = types.ModuleType('inside'); p.__path__ = [sys.argv[1]]; "
    "sys.modules['inside'] = p; import inside.preload; from inside.zygote import main; main()"
)
_END_S = 2.0


class EmbeddedSandbox(Sandbox):
    """A sandbox in namespaces of this host. Not thread-safe: one request at a time.

    Args:
        work_mib: Size of the persistent folder /work; 0 makes none.
        toolchains: Folders to show besides, read-only, in whose `bin` executables are looked for first.

    Raises:
        SandboxError: The host refuses it; the message says what.
    """

    kind = "embedded"

    def __init__(self, *, work_mib: int = 0, toolchains: Sequence[str] = ()) -> None:
        interpreter = _interpreter()
        self._toolchain_path = [os.path.join(folder, "bin") for folder in toolchains]
        path = ":".join([*self._toolchain_path, _path()])
        self.headers = headers_folder()
        headers = [str(self.headers)] if self.headers else []
        native = native_parts(default_cache())
        try:
            ours, theirs, own_process = _descriptors()
        except OSError as error:
            raise SandboxError(f"a sandbox cannot be started: {error}") from error
        settings = {
            "stream": theirs.fileno(),
            "parent": own_process,
            "trees": ["/usr", *_library_trees(), *headers, *toolchains],
            # Installed into a shown tree, this package would show its reference solutions.
            "hidden": [str(_INSIDE.parents[2])],
            "work_mib": work_mib,
            "path": path,
            **native,
        }
        try:
            self._process = subprocess.Popen(
                [interpreter, "-S", "-s", "-P", "-B", "-c", _BOOTSTRAP, str(_INSIDE), json.dumps(settings)],
                env={
                    "PYTHONHASHSEED": "0",
                    "LANG": "C.UTF-8",
                    "PATH": path,
                    "HOME": "/tmp",
                    "LD_BIND_NOW": "1",
                },
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
        super().__init__(ours, weakref.finalize(self, _end, self._process, ours, os.getpid()))

    def find_executable(self, name: str) -> str | None:
        """Return the path of an executable of the host that the sandbox shows too, or None."""
        own = shutil.which(name, path=":".join(self._toolchain_path)) if self._toolchain_path else None
        return own or find_executable(name)


def _descriptors() -> tuple[socket.socket, socket.socket, int]:
    """Open what connects the two processes: both ends of a stream, and a handle of this one."""
    ours, theirs = socket.socketpair()
    try:
        return ours, theirs, os.pidfd_open(os.getpid())
    except OSError:
        ours.close()
        theirs.close()
        raise


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


def headers_folder() -> Path | None:
    """Return where this host keeps its precompiled headers, or None where it cannot."""
    cache_folder = default_cache()
    if cache_folder is None:
        return None
    folder = cache_folder / "headers"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # programs run as another user
    except OSError:  # no place for them: compiling is only slower
        return None
    return folder


def find_executable(name: str) -> str | None:
    """Return the path of an executable that the sandbox shows too, or None."""
    path = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
    if path is None or not path.startswith(("/usr/", "/bin/")):
        return None
    return os.path.join("/usr", path.removeprefix("/usr").lstrip("/"))
