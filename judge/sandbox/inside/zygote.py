"""The process inside the sandbox that forks a confined child for each run.

It answers frames (see `wire`): `load` keeps a program, `run` runs one, `shell` types into a
workspace's shell. It holds nothing secret, since every child inherits its memory: programs and
inputs pass from the stream into memory files through a wiped buffer.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from typing import NoReturn

from . import kernel, programs, root, seccomp, wire
from .child import Confinement
from .pids import PidSpaces
from .runs import Runner


def main() -> NoReturn:
    """Enter the sandbox and serve; `sys.argv` is the bootstrap's: folder of this package, then JSON."""
    settings = json.loads(sys.argv[2])
    stream = socket.socket(fileno=settings["stream"])
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        identity = root.enter_namespaces()
    except OSError as error:
        _refuse(stream, f"cannot enter namespaces: {error}")
    zygote = os.fork()
    if zygote:
        _outlive(stream, zygote)
    try:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        socket.sethostname("sandbox")
        spaces = PidSpaces()
        root.build(identity, settings["trees"], settings["hidden"], work_mib=settings["work_mib"])
        confinements = {
            "program": Confinement(identity=identity, filter=seccomp.program_filter()),
            "tools": Confinement(identity=identity, filter=seccomp.tools_filter()),
        }
    except (OSError, seccomp.UnsupportedMachineError) as error:
        _refuse(stream, str(error))
    programs.prepare()
    runner = Runner(stream, settings["parent"], spaces, confinements, settings["path"])
    gc.collect()
    gc.freeze()
    gc.disable()
    host = {
        "user": "root" if identity.privileged else "user namespace",
        "kernel": os.uname().release,
        "seccomp": "filter",
        "python": sys.version.split()[0],
    }
    wire.send(stream, {"ready": True, "host": host})
    _serve(stream, settings["parent"], runner)


def _serve(stream: socket.socket, parent: int, runner: Runner) -> NoReturn:
    operations = {"load": runner.load, "run": runner.run, "shell": runner.shell, "usage": runner.usage}
    waiting = select.poll()
    waiting.register(stream, select.POLLIN)
    waiting.register(parent, select.POLLIN)
    try:
        while True:
            if any(file == parent for file, _ in waiting.poll()):
                os._exit(0)
            header, sizes = wire.receive_header(stream)
            operations[header["op"]](header, sizes)
    except (wire.WireError, ConnectionError):  # the judge has gone
        os._exit(0)
    except Exception:  # noqa: BLE001  # this sandbox is no longer to be trusted: say why and end
        wire.send(stream, {"failed": traceback.format_exc()})
        os._exit(1)


def _outlive(stream: socket.socket, zygote: int) -> NoReturn:
    """Stand by until the zygote, the first process of the new PID namespace, ends."""
    stream.close()
    _, status = os.waitpid(zygote, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _refuse(stream: socket.socket, reason: str) -> NoReturn:
    wire.send(stream, {"ready": False, "reason": reason})
    os._exit(1)
