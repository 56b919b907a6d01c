"""The compiled parts of a sandbox, where the judge could build them (see the folder `native`).

They do what `child.confine` and `programs.execute` do, at a fraction of the CPU time.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
from collections.abc import Callable, Sequence
from functools import lru_cache

from . import kernel
from .child import CLEAR_OF_TARGETS as _CLEAR_OF_TARGETS
from .child import Caps, Confinement, limits_of
from .pids import PidSpaces
from .root import Identity

_MAX_LIMITS = 16
_MAX_DIRECTORY = 256
_STREAM = 3
_ANSWER_BYTES = 4


class _Limit(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int64), ("value", ctypes.c_uint64))


class _How(ctypes.Structure):
    """`struct confinement` of native/confine.h."""

    _fields_ = (
        ("uid", ctypes.c_int64),
        ("limit_count", ctypes.c_int64),
        ("limits", _Limit * _MAX_LIMITS),
        ("directory", ctypes.c_char * _MAX_DIRECTORY),
    )


_Files = ctypes.c_int * 8


@lru_cache(maxsize=16)
def _how(identity: Identity, caps: Caps, directory: str) -> _How:
    limits = limits_of(caps)
    return _How(
        uid=identity.uid if identity.privileged else -1,
        limit_count=len(limits),
        limits=(_Limit * _MAX_LIMITS)(*(_Limit(kind, value) for kind, value in limits)),
        directory=directory.encode(),
    )


class Library:
    """Confines a child of the zygote in one call.

    Args:
        path: Of the shared library.

    Raises:
        OSError: It cannot be loaded.
    """

    def __init__(self, path: str) -> None:
        self._confine = ctypes.CDLL(path, use_errno=True).confine
        self._confine.restype = ctypes.c_char_p

    def confining(
        self, confinement: Confinement, caps: Caps, directory: str, files: Sequence[int]
    ) -> Callable[[], None]:
        """Return what does in a child what `child.confine` does; before the fork, as it takes time.

        It raises OSError when the kernel refuses a step; the message names the step.
        """
        how = ctypes.byref(_how(confinement.identity, caps, directory))
        program = ctypes.byref(confinement.filter)
        listed, count = _Files(*files), len(files)

        def confine() -> None:
            failed = self._confine(how, program, listed, count)
            if failed:
                number = ctypes.get_errno()
                raise OSError(number, f"{failed.decode()}: {os.strerror(number)}")

        return confine


class Spawner:
    """A small process that starts executables, as children of the zygote in the shared PID namespace.

    Args:
        executable: Descriptor of the spawner.
        spaces: Has the namespace.
        confinement: Of everything it starts.

    Raises:
        OSError: It does not start, or the host refuses it a step.
    """

    def __init__(self, executable: int, spaces: PidSpaces, confinement: Confinement) -> None:
        self._confinement = confinement
        self._stream, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        spaces.enter_own()
        self.pid = os.fork()
        if not self.pid:
            _become_spawner(executable, theirs.fileno(), spaces)
        theirs.close()
        self._ask(confinement.filter.instructions, [])

    def start(
        self,
        caps: Caps,
        directory: str,
        argv: Sequence[str],
        environment: dict[str, str],
        files: Sequence[int],
    ) -> int:
        """Start an executable and return its process id.

        Args:
            caps: Of the process.
            directory: Where it starts.
            argv: Of the executable.
            environment: Its variables.
            files: Standard input, output and error, where a byte is written once it is confined, and
                the executable itself.

        Raises:
            OSError: There is no such process.
        """
        how = _how(self._confinement.identity, caps, directory)
        variables = [f"{name}={value}" for name, value in environment.items()]
        counts = len(argv).to_bytes(8, "little") + len(variables).to_bytes(8, "little")
        strings = b"".join(text.encode() + b"\0" for text in (*argv, *variables))
        return self._ask(bytes(how) + counts + strings, files)

    def _ask(self, message: bytes, files: Sequence[int]) -> int:
        socket.send_fds(self._stream, [message], files)
        answer = int.from_bytes(self._stream.recv(_ANSWER_BYTES), "little", signed=True)
        if answer <= 0:
            raise OSError(-answer, f"the spawner: {os.strerror(-answer)}")
        return answer


def _become_spawner(executable: int, stream: int, spaces: PidSpaces) -> None:
    try:
        spaces.enter_shared()  # its children, that is; it may not have the right once it is the spawner
        copies = [
            fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, _CLEAR_OF_TARGETS) for file in (stream, executable)
        ]
        os.dup2(copies[0], _STREAM, inheritable=True)
        os.dup2(copies[1], _STREAM + 1, inheritable=False)
        kernel.close_from(_STREAM + 2)
        os.execve(_STREAM + 1, ["spawner"], {})
    finally:
        os._exit(127)
