"""Run a Python program in the sandbox and return its trace."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

from ...problems import Limits, ProblemError
from ...problems.traces import Event, Trace, TraceTarget
from ..judgement import Execution
from ..sandbox import sources
from ..submission import Language, Submission

Engine = Literal["auto", "settrace"]
_FOLDER = sources.FOLDER / "inside" / "tracing"
_PARTS = ("values.py", "recorder.py", "program.py")
_BETWEEN = re.compile(r"^from \.\w+ import .*\n", re.MULTILINE)
_MARGIN_MIB = 1


class Executing(Protocol):
    """What recording needs of a judge; every `JudgePool` has it."""

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Run a program once."""
        ...


@dataclass(frozen=True, kw_only=True)
class RecordBounds:
    """Bounds of a trace. What is beyond a bound is left out, and the trace says so.

    Raises:
        ValueError: A bound is not positive.
    """

    events: int = 10_000
    """Most events; the program then runs on without being recorded."""
    value_characters: int = 200
    """Most characters of a value; a longer one ends with `<cut>`."""
    locals: int = 50
    """Most variables of a frame."""
    trace_bytes: int = 4 << 20
    """Most bytes of all events."""
    output_bytes: int = 1 << 16
    """Bytes of standard output that are kept."""
    time_s: float = 10.0
    """CPU seconds; a program that needs more never ends, as far as the trace says."""
    memory_mib: int = 512
    """Memory of the program and its recorder."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ValueError(f"{name} must be a positive number, got {value!r}")


DEFAULT_BOUNDS = RecordBounds()


def record(
    judge: Executing,
    target: TraceTarget,
    bounds: RecordBounds = DEFAULT_BOUNDS,
    *,
    engine: Engine = "auto",
) -> Trace:
    """Run a program or a function of it in the sandbox, and record every event of its own code.

    Args:
        judge: The judge whose sandbox is used.
        target: What to run.
        bounds: Bounds of the trace and of the run.
        engine: `auto` is `sys.monitoring` where Python has it; `settrace` gives the same events.

    Raises:
        ProblemError: The program has forged its trace, or does not compile.
        JudgeError: The sandbox failed.
    """
    request = {
        "source": target.source,
        "entry": target.entry,
        "arguments": target.arguments,
        "input": target.input,
        "events": bounds.events,
        "shown": bounds.value_characters,
        "locals": bounds.locals,
        "bytes": bounds.trace_bytes,
        "output_bytes": bounds.output_bytes,
        "engine": engine,
    }
    _check_compiles(target)
    limits = Limits(
        time_s=bounds.time_s,
        memory_mib=bounds.memory_mib,
        output_mib=(bounds.trace_bytes + 8 * bounds.output_bytes) / (1 << 20) + _MARGIN_MIB,
    )
    recorder = Submission(source=recorder_source(), language=Language.PYTHON)
    execution = judge.execute(recorder, json.dumps(request).encode(), limits=limits)
    return _trace(target, execution)


def record_all(
    judge: Executing, targets: Iterable[TraceTarget], bounds: RecordBounds = DEFAULT_BOUNDS
) -> Iterator[Trace | ProblemError]:
    """Record several programs one after the other; a program without a trace gives the reason instead.

    Raises:
        JudgeError: The sandbox failed.
    """
    for target in targets:
        try:
            yield record(judge, target, bounds)
        except ProblemError as error:
            yield error


@cache
def recorder_source() -> bytes:
    """Return the recorder as one program: its modules one after the other, without imports of each other."""
    return "\n".join(_BETWEEN.sub("", (_FOLDER / part).read_text()) for part in _PARTS).encode()


def _check_compiles(target: TraceTarget) -> None:
    try:
        compile(target.source, "main.py", "exec", dont_inherit=True)
        if target.entry is not None:
            call = ast.parse(f"{target.entry}({target.arguments}\n)", "call", "eval").body
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                raise ValueError(f"{target.arguments!r:.80} are no arguments of a call")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ProblemError(f"{target.id}: does not compile: {error}") from error


def _trace(target: TraceTarget, execution: Execution) -> Trace:
    lines = execution.stdout.splitlines()
    try:
        parsed = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        parsed = _whole_lines(lines)
    report: dict[str, Any] = {}
    if parsed and isinstance(parsed[-1], dict):
        report = parsed.pop()
    try:
        events = tuple(Event.of(line) for line in parsed)
        return Trace(target=target, events=events, **_ending(report, execution))
    except (TypeError, ValueError, KeyError) as error:
        raise ProblemError(f"{target.id}: the program has written into its trace: {error}") from error


def _whole_lines(lines: list[bytes]) -> list[Any]:
    """Return the lines before the first that is no JSON: a kill may cut a line."""
    found: list[Any] = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            break
    return found


def _ending(report: dict[str, Any], execution: Execution) -> dict[str, Any]:
    if report:
        names = ("end", "error", "result", "output", "output_bytes", "cut", "python")
        return {name: report[name] for name in names}
    never = execution.limit == "time"
    return {
        "end": "never" if never else "error",
        "error": None if never else f"killed: {_how(execution)}",
        "cut": "" if never else "killed",
    }


def _how(execution: Execution) -> str:
    if execution.limit:
        return f"{execution.limit} limit"
    if execution.signal:
        return f"signal {execution.signal}"
    return f"exit status {execution.exit_status}"
