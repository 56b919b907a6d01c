"""The recorder: runs a Python program and writes its events. This module, with the others of this
folder before it, is a program of its own.

It reads a request, one JSON object, from standard input, and writes JSON lines to standard output: an event
per line, and at last how the program ended. Each event is written at once, so that nothing is lost when the
program is killed at a limit. Without a last line the program was killed, or has ended its process by itself.

Events are those of `sys.settrace`: call, line, return and exception, of functions whose code is the
program's own. From Python 3.12 on they come from `sys.monitoring`, which `sys.settrace(None)` in the program
does not end. No code of the program runs to show a value: values of built-in types are shown as `repr` shows
them, objects of other classes as their class and attributes, and nothing with an address.

The program shares the process with the recorder, so a hostile program can forge or end its own trace. It can
do no more than that: what confines it is the sandbox.
"""

import io
import json
import os
import sys
import types
from typing import Any, NoReturn

from .recorder import FILE_NAME, ROOM, Recorder, write_all


class BoundedOutput(io.RawIOBase):
    """Standard output of the program: keeps the first bytes, and counts all.

    Args:
        limit: Number of bytes to keep.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.kept = bytearray()
        self.limit = limit
        self.total = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes."""
        size = len(data)
        self.kept += bytes(data[: max(0, self.limit - len(self.kept))])
        self.total += size
        return size


def redirect(data: bytes) -> int:
    """Give the program its input, and no way to write to standard output; return a copy of that."""
    own = os.dup(1)
    path = "/tmp/.input"
    with open(path, "wb") as file:
        file.write(data)
    source = os.open(path, os.O_RDONLY)
    os.unlink(path)
    os.dup2(source, 0)
    os.close(source)
    sink = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(sink, number)
    os.close(sink)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), "utf-8", newline="\n")
    return own


def run(recorder: Recorder, request: dict[str, Any], main: types.ModuleType) -> Any:
    """Run the program with its events recorded; return the text of a function's result."""
    code = compile(request["source"], FILE_NAME, "exec", dont_inherit=True)
    if request["entry"] is None:
        recorder.attach()
        exec(code, main.__dict__)
        return None
    exec(code, main.__dict__)
    call = compile(f"{request['entry']}({request['arguments']}\n)", "call", "eval", dont_inherit=True)
    recorder.attach()
    result = eval(call, main.__dict__)
    attached = recorder.is_attached()
    recorder.detach()
    recorder.active = attached  # for the report
    return recorder.shower.show(result)


def report_of(
    recorder: Recorder, output: BoundedOutput, error: BaseException | None, result: Any
) -> dict[str, Any]:
    """Return the last line: how the program ended."""
    text = None
    if error is not None:
        text = recorder.shower.show(error)
    return {
        "end": "normal" if error is None else "error",
        "error": text,
        "result": result,
        "output": bytes(output.kept).decode("utf-8", "replace"),
        "output_bytes": output.total,
        "cut": recorder.cut,
        "python": ".".join(map(str, sys.version_info[:2])),
        "engine": "monitoring" if recorder.monitors else "settrace",
    }


def ends_well(error: BaseException) -> bool:
    """Whether an exception ends a program with status 0."""
    return type(error) is SystemExit and (error.code is None or error.code == 0)


def main() -> NoReturn:
    """Serve one request."""
    request: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    file = redirect(request["input"].encode())
    output = BoundedOutput(request["output_bytes"])
    # Line buffering would change nothing: whoever prints is traced, and reads nothing back.
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(output), "utf-8", "surrogateescape", "\n")
    stream = sys.stdout
    recorder = Recorder(file, request)
    module = types.ModuleType("__main__")
    module.__dict__["__file__"] = FILE_NAME
    sys.modules["__main__"] = module
    sys.argv = [FILE_NAME]
    sys.setrecursionlimit(1000 + ROOM)
    error: BaseException | None = None
    result = None
    try:
        result = run(recorder, request, module)
    except BaseException as raised:  # noqa: BLE001  # any uncaught error ends a program
        error = None if ends_well(raised) else raised
    sys.setrecursionlimit(5000)
    attached = recorder.active and (
        (request["entry"] is not None and error is None) or recorder.is_attached()
    )
    if not attached and not recorder.cut:
        recorder.cut = "detached"
    recorder.detach()
    for each in (stream, sys.stdout):
        try:
            each.flush()
        except BaseException:  # noqa: BLE001  # the program may have replaced or closed it
            continue
    report = report_of(recorder, output, error, result)
    write_all(file, (json.dumps(report, separators=(",", ":")) + "\n").encode())
    os._exit(0)


if __name__ == "__main__":
    main()
