r"""The trace language: how code, states and actions are written for a model.

    <|trace|><|context|>CODE
    <|frame|><|call|><|source|>def f(x):<|argument|>{"x": "3"}<|action|><|step_over|>
    <|frame|><|line|><|argument|>{"x": "3"}<|source|>    return x + 1<|action|><|step_return|>
    <|frame|><|return|><|source|>    return x + 1<|argument|>"4"<|action|><|continue|>
    <|frame|><|exit|>normal<|trace_end|>

The line breaks before frames are shown here for readers only. Of a line the argument comes first, of the
other events the source. The argument of a line or a call is a JSON object with the texts of variables, the
argument of a return or an exception a JSON string with the text of the value.
Where only changed variables are written, an entry `".."` stands for those that are unchanged. In contents,
a `<` that would begin a marker is followed by a backslash.

References:
    arXiv 2603.09951, section 3 (order of the fields, `..`, and when all variables are written).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .actions import Action, ActionKind, Exit
from .trace import EventKind, Trace
from .tree import INVERSE, LINE_CALL, Node

UNCHANGED = ".."
START_OF_TRACE = "# START_OF_TRACE"
"""Comment at the end of the line at which the trace begins."""
STDIN = "# STDIN "
_INPUT_SHOWN = 1000
NODE_KINDS = (
    *(kind.value for kind in EventKind),
    *(INVERSE + kind.value for kind in EventKind),
    LINE_CALL,
)
_STRUCTURE = ("trace", "context", "frame", "source", "argument", "action", "exit", "trace_end")
MARKERS = tuple(f"<|{name}|>" for name in (*_STRUCTURE, *NODE_KINDS, *ActionKind))
"""All markers. A tokenizer may have them as special tokens; without that they are plain text."""
ENDS = ("normal", "error", "never", "start")
_MARKER = re.compile("(" + "|".join(map(re.escape, MARKERS)) + ")")
_TO_ESCAPE = re.compile(r"<(\\*)\|")
_ESCAPED = re.compile(r"<\\(\\*)\|")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A state as it is written.

    Raises:
        ValueError: The fields do not go with the kind.
    """

    kind: str
    """A kind of `Node`, or `exit`."""
    source: str = ""
    """Text of the line; of an exit how the program has ended."""
    locals: Mapping[str, str] | None = field(default=None)
    """Texts of variables; None for returns, exceptions and exits."""
    partial: bool = False
    """Whether `locals` leaves out variables that have not changed."""
    argument: str | None = None
    """Text of the value that is returned, or of the exception."""

    def __post_init__(self) -> None:
        valued = self.kind.removeprefix(INVERSE) in (EventKind.RETURN, EventKind.EXCEPTION)
        if self.kind != "exit" and self.kind not in NODE_KINDS:
            raise ValueError(
                f"the kind of a frame must be exit or one of {', '.join(NODE_KINDS)}: {self.kind!r}"
            )
        if (self.argument is not None) is not valued or (self.locals is None) is not (
            valued or self.kind == "exit"
        ):
            raise ValueError(f"a frame of kind {self.kind} has the wrong fields: {self!r:.200}")
        if self.kind == "exit" and self.source not in ENDS:
            raise ValueError(f"an exit must be one of {', '.join(ENDS)}, got {self.source!r:.80}")
        if self.partial and self.locals is None:
            raise ValueError("only variables can be left out")


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """Code, and the states and actions of a walk through its trace: one state more than actions."""

    code: str = field(repr=False)
    frames: tuple[Frame, ...]
    actions: tuple[Action, ...]

    def __post_init__(self) -> None:
        if len(self.frames) != len(self.actions) + 1:
            raise ValueError(f"{len(self.frames)} states need one action less, got {len(self.actions)}")


def context_code(trace: Trace) -> str:
    """Return the source as models see it, with a comment on the line at which the trace begins."""
    lines = trace.target.source.split("\n")
    return marked_code(lines, max(trace.events[0].line, 1), trace.target.input)


def marked_code(lines: Sequence[str], start: int, data: str = "") -> str:
    """Return code with a comment at its start, and with its standard input, if any, as a last comment.

    The paper's programs read no input; a longer input than 1000 characters is cut.
    """
    marked = [f"{text}  {START_OF_TRACE}" if place == start else text for place, text in enumerate(lines, 1)]
    return "\n".join(marked) + (f"\n{STDIN}{data[:_INPUT_SHOWN]!r}" if data else "")


def source_line(trace: Trace, line: int) -> str:
    """Return the text of a line; empty for line 0 of a program."""
    lines = trace.target.source.split("\n")
    return lines[line - 1] if 1 <= line <= len(lines) else ""


def frame_of(
    trace: Trace, state: Node | Exit, *, shown: Node | Exit | None = None, action: Action | None = None
) -> Frame:
    """Return the frame of a state.

    Args:
        trace: The trace.
        state: The state.
        shown: State that the model has read before; None for the first state.
        action: Action that has led from that state to this one.
    """
    if isinstance(state, Exit):
        return Frame(kind="exit", source=state.end)
    source = source_line(trace, state.line)
    if state.argument is not None:
        return Frame(kind=state.kind, source=source, argument=state.argument)
    if not _only_changes(state, shown, action):
        return Frame(kind=state.kind, source=source, locals=dict(state.locals))
    assert isinstance(shown, Node)
    changed = {name: text for name, text in state.locals.items() if shown.locals.get(name) != text}
    partial = len(changed) < len(state.locals)
    return Frame(kind=state.kind, source=source, locals=changed, partial=partial)


def _only_changes(state: Node, shown: Node | Exit | None, action: Action | None) -> bool:
    """Whether only the variables are written that have changed since the state that was read before."""
    if not isinstance(shown, Node) or shown.frame != state.frame or state.event == EventKind.CALL:
        return False
    if action is not None and action.kind is ActionKind.BREAKPOINT:
        return False
    # After a call or a return everything is written; so are deletions, which changes cannot express.
    return shown.event not in (EventKind.CALL, EventKind.RETURN) and not set(shown.locals) - set(state.locals)


def escape(text: str) -> str:
    """Return contents in which no marker can begin."""
    return _TO_ESCAPE.sub(r"<\\\1|", text)


def unescape(text: str) -> str:
    """Undo `escape`."""
    return _ESCAPED.sub(r"<\1|", text)


def print_frame(frame: Frame) -> str:
    """Write a state, beginning with its frame marker."""
    if frame.kind == "exit":
        return f"<|frame|><|exit|>{frame.source}"
    value: object = frame.argument
    if frame.locals is not None:
        value = {**frame.locals, UNCHANGED: ""} if frame.partial else dict(frame.locals)
    source = f"<|source|>{escape(frame.source)}"
    argument = f"<|argument|>{escape(json.dumps(value, ensure_ascii=False))}"
    is_line = frame.kind.removeprefix(INVERSE) in (EventKind.LINE, "line_call")
    fields = f"{argument}{source}" if is_line else f"{source}{argument}"
    return f"<|frame|><|{frame.kind}|>{fields}"


def print_action(action: Action) -> str:
    """Write an action, beginning with its marker."""
    return f"<|action|><|{action.kind}|>{'' if action.line is None else action.line}"


def print_context(code: str) -> str:
    """Write the code before the first state."""
    return f"<|trace|><|context|>{escape(code)}"


def print_transcript(transcript: Transcript) -> str:
    """Write a whole walk; `parse_transcript` reads it."""
    parts = [print_context(transcript.code)]
    for frame, action in zip(transcript.frames, (*transcript.actions, None), strict=True):
        parts += [print_frame(frame), print_action(action) if action else ""]
    return "".join([*parts, "<|trace_end|>"])


def parse_frame(text: str) -> Frame:
    """Read a state.

    Raises:
        ValueError: The text is no state; the message says what is missing.
    """
    words = _Words(text)
    frame = words.frame()
    words.end()
    return frame


def parse_transcript(text: str) -> Transcript:
    """Read a walk.

    Raises:
        ValueError: The text is no walk; the message says what is missing.
    """
    words = _Words(text)
    words.marker("trace")
    words.marker("context")
    code = words.content()
    frames, actions = [words.frame()], []
    while not words.at("trace_end"):
        words.marker("action")
        actions.append(words.action())
        frames.append(words.frame())
    words.marker("trace_end")
    words.end()
    return Transcript(code=code, frames=tuple(frames), actions=tuple(actions))


class _Words:
    """A text cut into markers and contents."""

    def __init__(self, text: str) -> None:
        self._words = [word for word in _MARKER.split(text) if word]
        self._place = 0

    def _word(self) -> str:
        return self._words[self._place] if self._place < len(self._words) else ""

    def at(self, name: str) -> bool:
        return self._word() == f"<|{name}|>"

    def marker(self, name: str) -> None:
        if not self.at(name):
            raise ValueError(f"expected <|{name}|>, got {self._word()!r:.80}")
        self._place += 1

    def one_of(self, names: Sequence[str], what: str) -> str:
        name = self._word()[2:-2] if self._word() in MARKERS else ""
        if name not in names:
            raise ValueError(f"expected the marker of {what}, got {self._word()!r:.80}")
        self._place += 1
        return name

    def content(self) -> str:
        word = self._word()
        if not word or word in MARKERS:
            return ""
        self._place += 1
        return unescape(word)

    def end(self) -> None:
        if self._word():
            raise ValueError(f"expected the end, got {self._word()!r:.80}")

    def action(self) -> Action:
        kind = ActionKind(self.one_of(tuple(ActionKind), "an action"))
        written = self.content()
        if written and not (written.isascii() and written.isdecimal()):
            raise ValueError(f"the line of a breakpoint must be a number, got {written!r:.80}")
        return Action(kind=kind, line=int(written) if written else None)

    def frame(self) -> Frame:
        self.marker("frame")
        kind = self.one_of((*NODE_KINDS, "exit"), "an event")
        if kind == "exit":
            return Frame(kind=kind, source=self.content())
        found: dict[Literal["source", "argument"], str] = {}
        is_line = kind.removeprefix(INVERSE) in (EventKind.LINE, "line_call")
        order: tuple[Literal["source", "argument"], ...] = (
            ("argument", "source") if is_line else ("source", "argument")
        )
        for name in order:
            self.marker(name)
            found[name] = self.content()
        return _frame(kind, found["source"], found["argument"])


def _frame(kind: str, source: str, argument: str) -> Frame:
    try:
        value = json.loads(argument)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the argument is no JSON: {argument!r:.80}") from error
    if isinstance(value, str):
        return Frame(kind=kind, source=source, argument=value)
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError(f"the argument must be a text or an object of texts, got {argument!r:.80}")
    partial = value.pop(UNCHANGED, None) is not None
    return Frame(kind=kind, source=source, locals=value, partial=partial)
