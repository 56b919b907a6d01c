"""A workspace's persistent shell: one bash that evaluates what is typed into it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Any

from . import kernel, root
from .child import MIB, Caps, Confinement, confine

_LOOP = """
while IFS= read -r -d '' -u 201 command_to_evaluate; do
  eval "$command_to_evaluate" </dev/null
  printf '%d\\n' "$?" >&202
done
"""
"""Commands come, and their statuses leave, on descriptors of their own."""
_COMMANDS, _STATUSES = 201, 202
_CAPS = Caps(
    cpu_s=600, memory_mib=64, address_space=2048 * MIB, file_bytes=256 * MIB, processes=128
)  # the stack follows memory_mib
_YIELD_S = 1.0


class Shell:
    """One bash and what it starts.

    Args:
        confinement: Of every process of the shell.
        environment: Of the shell at its start.
        hang_up: Descriptors that become readable when the judge has gone.
    """

    def __init__(
        self, confinement: Confinement, environment: dict[str, str], hang_up: tuple[int, ...]
    ) -> None:
        self._confinement = confinement
        self._environment = environment
        self._hang_up = hang_up
        self._pid = 0
        self._ended = False
        self._status = 0
        self._commands = self._statuses = self._output = -1

    def type(self, command: str, time_limit_s: float, output_bytes: int) -> tuple[dict[str, Any], bytes]:
        """Evaluate a command; return how it ended and what it printed, cut in the middle."""
        if not self._pid:
            self._start()
        keep = _MiddleCut(output_bytes)
        with contextlib.suppress(BrokenPipeError):
            os.write(self._commands, command.encode("utf-8", "surrogateescape").replace(b"\0", b"") + b"\0")
        status = self._await(keep, time_limit_s)
        timed_out = status is None and self._running()
        yielded = not timed_out or self._interrupt(keep)
        restarted = not yielded or not self._running()
        if restarted:
            ended = self._end()
            status = ended if not timed_out and status is None else status
        answer = {
            "exit_status": status,
            "timed_out": timed_out,
            "restarted": restarted,
            "omitted": keep.omitted,
        }
        return answer, keep.text()

    def _interrupt(self, keep: _MiddleCut) -> bool:
        """Interrupt what runs, then kill it; return whether the shell is back at its prompt."""
        for number in (signal.SIGINT, signal.SIGKILL):
            self._signal_others(number)
            if self._await(keep, _YIELD_S) is not None:
                return True
        return False

    def _start(self) -> None:
        commands, self._commands = os.pipe()
        self._statuses, statuses = os.pipe()
        self._output, output = os.pipe()
        self._ended = False
        self._pid = os.fork()
        if not self._pid:
            try:
                null = os.open("/dev/null", os.O_RDONLY)
                for target, file in (
                    (0, null),
                    (1, output),
                    (2, output),
                    (_COMMANDS, commands),
                    (_STATUSES, statuses),
                ):
                    os.dup2(file, target, inheritable=True)
                for file in range(3, _COMMANDS):
                    with contextlib.suppress(OSError):
                        os.close(file)
                kernel.close_from(_STATUSES + 1)
                confine(self._confinement, _CAPS, root.WORK)
                argv = ["bash", "--norc", "--noprofile", "-c", _LOOP]
                os.execve("/bin/bash", argv, self._environment)
            finally:
                os._exit(125)
        for file in (commands, statuses, output):
            os.close(file)
        os.set_blocking(self._output, False)

    def _await(self, keep: _MiddleCut, seconds: float) -> int | None:
        """Collect output until the command's status comes, the shell ends, or time is up."""
        deadline = time.monotonic() + seconds
        waiting = select.poll()
        for file in (self._output, self._statuses, *self._hang_up):
            waiting.register(file, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            ready = {file for file, _ in waiting.poll(left * 1000)}
            if ready & set(self._hang_up):
                os._exit(0)
            if self._output in ready and not self._drain(keep):
                waiting.unregister(self._output)
            if self._statuses in ready:
                text = os.read(self._statuses, 4096)
                self._drain(keep)
                return int(text.split()[-1]) if text.strip() else None
        return None

    def _drain(self, keep: _MiddleCut) -> bool:
        """Take what is there (bounded, as a background job may never stop); False at the end of the pipe."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(64):
                data = os.read(self._output, 1 << 16)
                if not data:
                    return False
                keep.add(data)
        return True

    def _running(self) -> bool:
        """Collect ended processes (orphans come to the zygote); is the shell still there?"""
        with contextlib.suppress(ChildProcessError):
            while not self._ended:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                if pid == self._pid:
                    self._ended = True
                    self._status = os.waitstatus_to_exitcode(status)
        return not self._ended

    def _signal_others(self, number: int) -> None:
        """Signal everything but the zygote and the shell, or the shell itself when it runs nothing."""
        others = {int(name) for name in os.listdir("/proc") if name.isdigit()} - {os.getpid(), self._pid}
        for pid in others or {self._pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _end(self) -> int:
        """End the shell and all it started; return the shell's exit status."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(-1, signal.SIGKILL)
            if not self._ended:
                _, status = os.waitpid(self._pid, 0)
                self._status = os.waitstatus_to_exitcode(status)
            while True:
                os.waitpid(-1, 0)
        for file in (self._commands, self._statuses, self._output):
            os.close(file)
        self._pid = 0
        return self._status


class _MiddleCut:
    """Keeps the first and last halves of a flood."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._head = bytearray()
        self._tail = bytearray()
        self.omitted = 0

    def add(self, data: bytes) -> None:
        room = self._half - len(self._head)
        self._head += data[:room] if room > 0 else b""
        self._tail += data[max(room, 0) :]
        excess = len(self._tail) - self._half
        if excess > 0:
            del self._tail[:excess]
            self.omitted += excess

    def text(self) -> bytes:
        note = f"\n[... {self.omitted} bytes left out ...]\n".encode() if self.omitted else b""
        return bytes(self._head) + note + bytes(self._tail)
