"""The recorder proper: turns what the interpreter reports into events, and writes them."""

import json
import opcode
import os
import sys
import threading
import types
from typing import Any

from .values import EXACT, Shower

FILE_NAME = "traced.py"  # not main.py, which is the recorder itself
TOOL = 2
ROOM = 60
"""Frames that the recorder itself may need below the limit on recursion."""
MODULE_LEVEL_HIDDEN = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType)


def instructions(*names: str) -> frozenset[int]:
    """Return the numbers of the instructions of some names, as far as this version of Python has them."""
    return frozenset(opcode.opmap[name] for name in names if name in opcode.opmap)


RETURNS = instructions("RETURN_VALUE", "RETURN_CONST", "RETURN_GENERATOR")
YIELDS = instructions("YIELD_VALUE", "RESUME")


class Recorder:
    """Writes the events of a program, up to a number of events and of bytes.

    Args:
        file: Descriptor to write to.
        request: The request.
    """

    def __init__(self, file: int, request: dict[str, Any]) -> None:
        self.file = file
        self.shower = Shower(request["shown"])
        self.events_left = request["events"]
        self.bytes_left = request["bytes"]
        self.most_locals = request["locals"]
        self.stack: list[types.FrameType] = []
        self.known: dict[types.FrameType, dict[str, str]] = {}
        self.atoms: dict[types.FrameType, dict[str, object]] = {}
        self.cut = ""
        self.thread = threading.get_ident()
        self.monitors = request["engine"] != "settrace" and sys.version_info >= (3, 12)
        self.active = False
        self.last: types.FrameType | None = None

    # What the engines report.

    def called(self, frame: types.FrameType) -> None:
        """Note that a function begins or a generator goes on."""
        # Before the limit, where the recorder itself still has room.
        if len(self.stack) > sys.getrecursionlimit() - ROOM:
            raise RecursionError("maximum recursion depth exceeded")
        self.stack.append(frame)
        self.known.pop(frame, None)
        self.atoms.pop(frame, None)
        self.event("call", frame, self.changes(frame))

    def at_line(self, frame: types.FrameType) -> None:
        """Note that a line is about to run."""
        if self.stack and self.stack[-1] is frame:
            self.event("line", frame, self.changes(frame))

    def returned(self, frame: types.FrameType, value: object, *, yields: bool = False) -> None:
        """Note that a function returns or a generator yields."""
        if self.stack and self.stack[-1] is frame:
            self.event("return", frame, self.changes(frame), self.shower.show(value))
            self.left(frame)
            if yields:
                return
            self.known.pop(frame, None)
            self.atoms.pop(frame, None)

    def raised(self, frame: types.FrameType, error: BaseException) -> None:
        """Note that an exception passes through a frame."""
        if self.stack and self.stack[-1] is frame:
            self.event("exception", frame, self.changes(frame), self.shower.show(error))

    def left(self, frame: types.FrameType) -> None:
        """Note that a frame was left."""
        if self.stack and self.stack[-1] is frame:
            self.stack.pop()

    # What is written.

    def changes(self, frame: types.FrameType) -> dict[str, Any]:
        """Return the variables that have changed since the last event of a frame; None for deleted ones."""
        old = self.known.setdefault(frame, {})
        atoms = self.atoms.setdefault(frame, {})
        values = frame.f_locals
        module_level = frame.f_code.co_name == "<module>"
        changed: dict[str, Any] = {}
        seen = 0
        for name in list(values):
            if name not in values or (name[:2] == "__" and name[-2:] == "__"):
                continue
            value = values[name]
            if module_level and isinstance_of(value, MODULE_LEVEL_HIDDEN):
                continue
            seen += 1
            if seen > self.most_locals:
                self.cut = self.cut or "locals"
                break
            kind = type(value)
            if kind in EXACT:
                # Atoms never change, so the same object needs no new text.
                if name in atoms and atoms[name] is value:
                    continue
                atoms[name] = value
            else:
                atoms.pop(name, None)
            text = self.shower.show(value)
            if old.get(name) != text:
                old[name] = changed[name] = text
        for name in [name for name in old if name not in values]:
            del old[name]
            atoms.pop(name, None)
            changed[name] = None
        return changed

    def event(
        self, kind: str, frame: types.FrameType, changed: dict[str, Any], value: str | None = None
    ) -> None:
        """Write an event, unless the bounds are reached."""
        if self.cut in ("events", "bytes"):
            return
        if self.events_left == 0:
            self.stop("events")
            return
        self.events_left -= 1
        depth = len(self.stack) - 1
        line = [kind, depth, frame.f_lineno, frame.f_code.co_name, changed, value]
        data = (json.dumps(line, separators=(",", ":")) + "\n").encode()
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            self.stop("bytes")
            return
        write_all(self.file, data)

    def stop(self, why: str) -> None:
        """Record no more; the program runs on."""
        self.cut = why
        self.detach()

    # The engines.

    def attach(self) -> None:
        """Begin to record."""
        self.active = True
        if not self.monitors:
            sys.settrace(self.trace)
            return
        monitoring = sys.monitoring
        monitoring.use_tool_id(TOOL, "recorder")
        events = monitoring.events
        for event, callback in (
            (events.PY_START, self.on_start),
            (events.PY_RESUME, self.on_start),
            (events.PY_THROW, self.on_throw),
            (events.LINE, self.on_line),
            (events.JUMP, self.on_jump),
            (events.PY_RETURN, self.on_return),
            (events.PY_YIELD, self.on_yield),
            (events.RAISE, self.on_raise),
            (events.STOP_ITERATION, self.on_raise),
            (events.PY_UNWIND, self.on_unwind),
        ):
            monitoring.register_callback(TOOL, event, callback)
        monitoring.set_events(TOOL, self.mask())

    def mask(self) -> int:
        """Return the set of events of `sys.monitoring`."""
        e = sys.monitoring.events
        begins = e.PY_START | e.PY_RESUME | e.PY_THROW
        return begins | e.LINE | e.JUMP | e.PY_RETURN | e.PY_YIELD | e.RAISE | e.STOP_ITERATION | e.PY_UNWIND

    def detach(self) -> None:
        """Record no more."""
        self.active = False
        if not self.monitors:
            sys.settrace(None)
        elif sys.monitoring.get_tool(TOOL) == "recorder":
            sys.monitoring.set_events(TOOL, 0)

    def is_attached(self) -> bool:
        """Whether the program has left the recorder in place."""
        if not self.monitors:
            return sys.gettrace() == self.trace
        monitoring = sys.monitoring
        return monitoring.get_tool(TOOL) == "recorder" and monitoring.get_events(TOOL) == self.mask()

    def is_foreign(self, code: types.CodeType) -> bool:
        """Whether an event is not of the program's own code in its main thread."""
        return code.co_filename != FILE_NAME or threading.get_ident() != self.thread

    def trace(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        """Serve `sys.settrace`."""
        if self.is_foreign(frame.f_code) or not self.active:
            return None
        if event != "return":
            self.last = frame if event == "exception" else None
        if event == "call":
            self.called(frame)
        elif event == "line":
            self.at_line(frame)
        elif event == "exception":
            self.raised(frame, argument[1])
        elif event == "return":
            if argument is None and self.is_unwinding(frame, self.last is frame):
                self.left(frame)
                self.known.pop(frame, None)
                self.atoms.pop(frame, None)
            else:
                self.returned(frame, argument, yields=True)
        return self.trace if self.active else None

    def is_unwinding(self, frame: types.FrameType, raised: bool) -> bool:
        """Whether a frame ends by an exception: `sys.settrace` reports that as a return of None.

        Args:
            frame: The frame.
            raised: Whether the last event was an exception in this frame.
        """
        code, place = frame.f_code.co_code, frame.f_lasti
        instruction = code[place] if 0 <= place < len(code) else None
        if instruction in YIELDS:  # an exception may be thrown into a generator where it yields
            return raised
        return instruction not in RETURNS

    def on_start(self, code: types.CodeType, offset: int) -> Any:
        """Serve PY_START and PY_RESUME."""
        if code.co_filename != FILE_NAME:
            return sys.monitoring.DISABLE
        if not self.is_foreign(code):
            self.called(sys._getframe(1))
        return None

    def on_throw(self, code: types.CodeType, offset: int, error: BaseException) -> Any:
        """Serve PY_THROW."""
        if not self.is_foreign(code):
            self.called(sys._getframe(1))

    def on_line(self, code: types.CodeType, line: int) -> Any:
        """Serve LINE."""
        if code.co_filename != FILE_NAME:
            return sys.monitoring.DISABLE
        if not self.is_foreign(code):
            self.at_line(sys._getframe(1))
        return None

    def on_jump(self, code: types.CodeType, source: int, target: int) -> Any:
        """Serve JUMP: a jump back within a line is another run of the line."""
        if code.co_filename != FILE_NAME or target > source or line_of(code, source) != line_of(code, target):
            return sys.monitoring.DISABLE
        if not self.is_foreign(code):
            self.at_line(sys._getframe(1))
        return None

    def on_return(self, code: types.CodeType, offset: int, value: object) -> Any:
        """Serve PY_RETURN."""
        if code.co_filename != FILE_NAME:
            return sys.monitoring.DISABLE
        if not self.is_foreign(code):
            self.returned(sys._getframe(1), value)
        return None

    def on_yield(self, code: types.CodeType, offset: int, value: object) -> Any:
        """Serve PY_YIELD."""
        if code.co_filename != FILE_NAME:
            return sys.monitoring.DISABLE
        if not self.is_foreign(code):
            self.returned(sys._getframe(1), value, yields=True)
        return None

    def on_raise(self, code: types.CodeType, offset: int, error: BaseException) -> Any:
        """Serve RAISE and STOP_ITERATION."""
        if not self.is_foreign(code):
            self.raised(sys._getframe(1), error)

    def on_unwind(self, code: types.CodeType, offset: int, error: BaseException) -> Any:
        """Serve PY_UNWIND."""
        if not self.is_foreign(code):
            frame = sys._getframe(1)
            self.left(frame)
            self.known.pop(frame, None)
            self.atoms.pop(frame, None)


def isinstance_of(value: object, kinds: tuple[type, ...]) -> bool:
    """Whether the real class of a value is one of some classes; `isinstance` would ask the value."""
    return issubclass(type(value), kinds)


def line_of(code: types.CodeType, offset: int) -> int | None:
    """Return the line of an instruction."""
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line
    return None


def write_all(file: int, data: bytes) -> None:
    """Write bytes to a descriptor; the process ends if the program has closed it."""
    try:
        while data:
            data = data[os.write(file, data) :]
    except OSError:
        os._exit(97)
