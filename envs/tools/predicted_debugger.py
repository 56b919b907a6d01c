"""A debugger that runs nothing: a model predicts each state. It answers the requests of the tool `debug`.

It differs from the real debugger where a model has nothing to say: the program prints nothing, `evaluate`
shows variables only, `locals` and `stack` know the innermost frame, there is one breakpoint, without a
condition, and after an error there is no state to look at. What it says may be wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from ...problems.traces import Action, ActionKind, Frame, parse_frame, print_frame
from ...problems.traces.language import marked_code, print_action, print_context

Complete = Callable[[str], str]
"""Writes what follows a prompt of the trace language."""
REAL = "real"
# As text, like the entry points of environments: agents are above environments, and load large libraries.
_OPEN = "codefrontier.agents.debugging.state_models:open_complete"
_MOST_STEPS = 24
"""Most states that are predicted to find the next line: a model might never come to one."""
_ACTIONS = {
    "step": ActionKind.STEP_INTO,
    "next": ActionKind.STEP_OVER,
    "return": ActionKind.STEP_RETURN,
}


class PredictionError(Exception):
    """The model has predicted nothing that makes sense; the message is for the agent."""


@cache
def open_model(spec: str) -> Complete:
    """Return the model of a spec, opened once in a process.

    Raises:
        EnvError: The model cannot be opened.
    """
    module, _, name = _OPEN.partition(":")
    complete: Complete = getattr(import_module(module), name)(spec)
    return complete


class PredictedDebugger:
    """One debugging session with a model.

    Args:
        complete: The model.
        source: The program.
        name: Its path, as it is shown.
        data: Its standard input.
    """

    def __init__(self, complete: Complete, source: str, *, name: str, data: str = "") -> None:
        self._complete = complete
        self._name = name
        self._lines = source.split("\n")
        self._code = marked_code(self._lines, 1, data)
        self._functions = _functions(source)
        self._frame = Frame(kind="call", source=self._lines[0], locals={})
        self._line = 1
        self._breakpoint: int | None = None
        self.over = False
        """Whether the session has ended."""

    def begin(self) -> str:
        """Go to the first line of the program."""
        return self._guarded(lambda: self._go(ActionKind.STEP_INTO))

    def answer(self, request: Mapping[str, Any]) -> str:
        """Return the reply to a request other than `start`."""
        command = request["command"]
        if command in ("step", "next", "return", "continue"):
            return self._guarded(
                lambda: self._continue() if command == "continue" else self._go(_ACTIONS[command])
            )
        if command == "break":
            return self._break(request)
        if command == "clear":
            return self._clear(request["line"])
        if command == "stop":
            self.over = True
            return "[the session is over]"
        if (request.get("frame") or 0) != 0:
            return "[only the innermost frame is predicted: frame must be 0]"
        if command == "stack":
            return f"0 {self._place()}"
        return self._locals() if command == "locals" else self._evaluate(str(request["expression"]))

    def _guarded(self, move: Callable[[], str]) -> str:
        try:
            return move()
        except PredictionError as error:
            return f"[{error}]"

    def _go(self, kind: ActionKind) -> str:
        """Act, and then step on until a line is about to run, as the real debugger stops at lines only."""
        for _ in range(_MOST_STEPS):
            self._predict(Action(kind=kind))
            if self._frame.kind == "exit":
                return self._ended()
            if kind is ActionKind.STEP_RETURN and self._frame.kind == "return":
                return f"[about to return {self._frame.argument} {self._place()}]"
            if self._frame.kind == "line":
                return f"[stopped {self._place()}]"
            kind = ActionKind.STEP_INTO if kind is ActionKind.STEP_INTO else ActionKind.STEP_OVER
        raise PredictionError(f"no line follows within {_MOST_STEPS} predicted states")

    def _continue(self) -> str:
        line = self._breakpoint
        kind = ActionKind.CONTINUE if line is None else ActionKind.BREAKPOINT
        self._predict(Action(kind=kind, line=line))
        return self._ended() if self._frame.kind == "exit" else f"[stopped {self._place()}]"

    def _ended(self) -> str:
        self.over = True
        if self._frame.source == "normal":
            return "[the program has ended]"
        if self._frame.source == "error":
            return "[the program has ended by an error]"
        return "[the program never ends]"

    def _predict(self, action: Action) -> None:
        """Replace the state by the state that the model predicts."""
        prompt = print_context(self._code) + print_frame(self._frame) + print_action(action)
        reply = self._complete(prompt).strip().removesuffix("<|trace_end|>")
        try:
            frame = parse_frame(reply)
        except ValueError as error:
            raise PredictionError(f"the model has predicted no state: {error}") from error
        if frame.kind.startswith("inv_"):
            raise PredictionError(f"the model has predicted a state of kind {frame.kind}")
        if frame.kind != "exit":
            line = action.line if action.line is not None else self._find(frame.source)
            self._line = line
        if frame.locals is not None and frame.partial:
            frame = replace(frame, locals={**self._known(), **frame.locals}, partial=False)
        self._frame = frame

    def _known(self) -> Mapping[str, str]:
        return self._frame.locals or {}

    def _find(self, text: str) -> int:
        """Return the line with a text; of several the next one, as programs mostly go on."""
        places = [place for place, each in enumerate(self._lines, 1) if each.rstrip() == text.rstrip()]
        if not places:
            raise PredictionError(
                f"the model has predicted a line that is not in the program: {text.strip()!r:.100}"
            )
        return next((place for place in places if place >= self._line), places[0])

    def _place(self) -> str:
        function = self._functions.get(self._line)
        where = f" in {function}" if function else ""
        return f"at {self._name}:{self._line}{where}: {self._lines[self._line - 1].strip()}"

    def _break(self, request: Mapping[str, Any]) -> str:
        line = request["line"]
        if request.get("condition"):
            return "[no breakpoint: conditions are not predicted]"
        if not 1 <= line <= len(self._lines):
            return f"[no breakpoint at line {line}: the file has no such line]"
        before, self._breakpoint = self._breakpoint, line
        only = "" if before in (None, line) else f"; it replaces that at line {before}"
        return f"[breakpoint at line {line}: {self._lines[line - 1].strip()}{only}]"

    def _clear(self, line: int) -> str:
        if self._breakpoint != line:
            return f"[there is no breakpoint at line {line}]"
        self._breakpoint = None
        return f"[no breakpoint at line {line} any more]"

    def _locals(self) -> str:
        shown = [f"{name} = {text}" for name, text in self._known().items()]
        return "\n".join(shown or ["no variables"])

    def _evaluate(self, expression: str) -> str:
        name = expression.strip()
        if name not in self._known():
            return f"[only variables are predicted, and {name!r:.80} is none of this frame]"
        return self._known()[name]


def _functions(source: str) -> dict[int, str]:
    """Return the name of the innermost function by line; empty if the source does not compile."""
    found: dict[int, str] = {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    # An inner function comes after the one around it.
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found |= dict.fromkeys(
                range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1), node.name
            )
    return found
