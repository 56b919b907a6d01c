"""A workspace's persistent shell: one bash that evaluates what is typed into it."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import time
from typing import Any

from . import handles, kernel, root
from .child import MIB, Caps, Confinement, restrict

_LOOP = """
status_of_the_last_command=0
return_status_of_the_last_command() { return "$status_of_the_last_command"; }
while IFS= read -r -d '' -u 201 command_to_evaluate; do
  return_status_of_the_last_command
  eval "$command_to_evaluate" </dev/null
  status_of_the_last_command=$?
  printf '%d\\n' "$status_of_the_last_command" >&202
done
"""
"""Commands come, and their statuses leave, on descriptors of their own."""
_STATUS = re.compile(rb"(?:^|\n)(\d{1,3})\n$")
_GONE = -1
_COMMANDS, _STATUSES = 201, 202
_CAPS = Caps(
    cpu_s=600,
    memory_mib=64,
    data_bytes=2048 * MIB,
    address_space=8192 * MIB,
    file_bytes=256 * MIB,
    processes=128,
)  # the stack follows memory_mib
_YIELD_S = 1.0


class Shell:
    """One bash and what it starts.

    Args:
        confinement: Of every process of the shell.
        environment: Of the shell at its start.
        hang_up: Descriptors that become readable when the judge has gone.
        spared: Processes of the sandbox itself.
    """

    def __init__(
        self,
        confinement: Confinement,
        environment: dict[str, str],
        hang_up: tuple[int, ...],
        spared: tuple[int, ...],
    ) -> None:
        self._confinement = confinement
        self._environment = environment
        self._hang_up = hang_up
        self._spared = spared
        self._pid = 0
        self._commands = self._statuses = self._output = self._handle = -1

    def type(self, command: str, time_limit_s: float, output_bytes: int) -> tuple[dict[str, Any], bytes]:
        """Evaluate a command; return how it ended and what it printed, cut in the middle."""
        if not self._pid:
            self._start()
        keep = _MiddleCut(output_bytes)
        started = time.monotonic()
        self._send(command.encode("utf-8", "surrogateescape").replace(b"\0", b"") + b"\0", time_limit_s)
        status = self._await(keep, time_limit_s - (time.monotonic() - started))
        timed_out = status is None
        restarted = not self._interrupt(keep) if timed_out else status == _GONE
        if restarted:
            ended = self.end()
            status = None if timed_out else ended
        answer = {
            "exit_status": status,
            "timed_out": timed_out,
            "restarted": restarted,
            "omitted": keep.omitted,
        }
        return answer, keep.text()

    def _send(self, data: bytes, seconds: float) -> None:
        """Write to the shell as far as it reads: a stopped one must not stop the zygote."""
        deadline = time.monotonic() + seconds
        waiting = select.poll()
        waiting.register(self._commands, select.POLLOUT)
        left = memoryview(data)
        while left and (wait_s := deadline - time.monotonic()) > 0:
            if waiting.poll(wait_s * 1000):
                try:
                    left = left[os.write(self._commands, left) :]
                except BrokenPipeError:
                    return

    def _interrupt(self, keep: _MiddleCut) -> bool:
        """Interrupt what runs, then kill it; return whether the shell is back at its prompt."""
        for number in (signal.SIGINT, signal.SIGKILL):
            self._signal_others(number)
            if (status := self._await(keep, _YIELD_S)) is not None:
                return status != _GONE
        return False

    def _start(self) -> None:
        commands, self._commands = os.pipe()
        self._statuses, statuses = os.pipe()
        self._output, output = os.pipe()
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
                restrict(self._confinement, _CAPS, root.WORK)
                argv = ["bash", "--norc", "--noprofile", "-c", _LOOP]
                os.execve("/bin/bash", argv, self._environment)
            finally:
                os._exit(125)
        for file in (commands, statuses, output):
            os.close(file)
        os.set_blocking(self._output, False)
        os.set_blocking(self._commands, False)
        self._handle = handles.open_handle(self._pid)

    def _await(self, keep: _MiddleCut, seconds: float) -> int | None:
        """Collect output until the command's status comes, which is returned, or _GONE when the shell ends.

        None when time is up.
        """
        deadline = time.monotonic() + seconds
        waiting = select.poll()
        for file in (self._handle, self._output, self._statuses, *self._hang_up):
            waiting.register(file, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            ready = {file for file, _ in waiting.poll(left * 1000)}
            if ready & set(self._hang_up):
                os._exit(0)
            if self._output in ready and not self._drain(keep):
                waiting.unregister(self._output)
            if self._statuses in ready:
                text = os.read(self._statuses, 4096)
                if status := _STATUS.search(text):
                    self._drain(keep)
                    return int(status[1])
                if not text:  # closed by the command, perhaps: the shell can no longer answer
                    waiting.unregister(self._statuses)
            if self._handle in ready and handles.has_ended(self._handle):
                self._drain(keep)
                return _GONE
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

    def _signal_others(self, number: int) -> None:
        """Signal everything but the zygote and the shell, or the shell itself when it runs nothing."""
        for pid in self._others() or {self._pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def end(self) -> int:
        """End the shell and all it started; return its exit status. The next command starts another."""
        if not self._pid:
            return 0
        for pid in self._others() | {self._pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(self._pid, 0)
        self._sweep()
        for file in (self._commands, self._statuses, self._output, self._handle):
            os.close(file)
        self._pid = 0
        return os.waitstatus_to_exitcode(status)

    def _sweep(self) -> None:
        """Kill what is left until nothing is: what forks faster than it is listed runs into its limit."""
        while others := self._others():
            for pid in others:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass

    def _others(self) -> set[int]:
        """Return the processes besides the zygote, its idle child, and the shell."""
        processes = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        return processes - {os.getpid(), self._pid, *self._spared}


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
