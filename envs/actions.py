"""What an agent's text means: the program of a reply, or a call of a tool."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .text_space import is_encodable

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<rest>.*)$")
_CALL, _CALL_END = "<tool_call>", "</tool_call>"
_BETWEEN_CALLS = re.compile(r"\}\s*</tool_call>.*<tool_call>\s*\{", re.DOTALL)

FORMAT_HELP = (
    'Act with one tool call per turn: a JSON object {"name": "...", "arguments": {...}}, '
    "either alone or within <tool_call> and </tool_call>."
)


class ActionError(ValueError):
    """An action is not a valid tool call; the message is for the agent."""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """A call of a tool."""

    name: str
    arguments: Mapping[str, Any]


def last_code_block(reply: str) -> str | None:
    """Return the content of the last fenced code block of a reply, or None.

    Fences are those of CommonMark: at least three backticks or tildes, closed by at least as many of the
    same. The language tag is ignored. A last block without a closing fence counts and reaches to the end
    of the reply: servers cut the fence off when it is their stop word. With think tags only what follows
    the last `</think>` counts, and a thought that never ends holds no code.
    """
    block: list[str] | None = None
    lines: list[str] | None = None  # of the open block
    fence = ""
    for line in _after_thinking(reply).split("\n"):
        match = _FENCE.match(line.rstrip("\r"))
        if lines is None:
            if match and not (match["fence"][0] == "`" and "`" in match["rest"]):
                lines, fence = [], match["fence"]
        elif match and match["fence"].startswith(fence) and not match["rest"].strip():
            block, lines = lines, None
        else:
            lines.append(line)
    block = block if lines is None else lines
    return None if block is None else "".join(f"{line}\n" for line in block)


def parse_tool_call(action: str) -> ToolCall:
    """Read a tool call: a JSON object, or text with one `<tool_call>` that holds one.

    The arguments may be an object or, as the OpenAI protocol has them, its JSON text. Think tags are
    treated as in `last_code_block`.

    Raises:
        ActionError: The action is none; the message says what is wrong and what is right.
    """
    text = action.strip()
    if not text.startswith("{"):
        text = _tagged_call(_after_thinking(action).strip())
    return _tool_call(_parse_object(text, what="the tool call"))


def _after_thinking(text: str) -> str:
    """Return what follows the last `</think>`; nothing when a thought is still open."""
    rest = text.rpartition("</think>")[2]
    return "" if rest.lstrip().startswith("<think>") else rest


def _tagged_call(text: str) -> str:
    """Return what the only `<tool_call>` holds, or a text that is a JSON object by itself."""
    if text.startswith("{"):
        return text
    _, start, rest = text.partition(_CALL)
    if not start:
        raise ActionError(_no_call(text))
    content, end, _ = rest.rpartition(_CALL_END)
    if not end:
        raise ActionError(f"{_CALL} without {_CALL_END}. {FORMAT_HELP}")
    if _BETWEEN_CALLS.search(content):
        raise ActionError(f"more than one tool call in one action. {FORMAT_HELP}")
    return content


def _no_call(text: str) -> str:
    if not text:
        return f"The action is empty. {FORMAT_HELP}"
    if last_code_block(text) is not None:
        return f"A code block alone is not submitted: call the tool submit. {FORMAT_HELP}"
    return f"There is no tool call in the action. {FORMAT_HELP}"


def _parse_object(text: str, *, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ActionError(f"{what} is not valid JSON: {reason}. {FORMAT_HELP}") from error
    if not isinstance(value, dict):
        raise ActionError(f"{what} must be a JSON object, got {json.dumps(value)[:80]}. {FORMAT_HELP}")
    return value


def _tool_call(value: dict[str, Any]) -> ToolCall:
    name, arguments = value.get("name"), value.get("arguments", {})
    if not isinstance(name, str):
        raise ActionError(f"the tool call has no name. {FORMAT_HELP}")
    extra = sorted(set(value) - {"name", "arguments"})
    if extra:
        raise ActionError(f"the tool call has unknown keys {extra}. {FORMAT_HELP}")
    if isinstance(arguments, str):
        arguments = _parse_object(arguments, what="the arguments")
    if not isinstance(arguments, dict):
        raise ActionError(
            f"the arguments must be a JSON object, got {json.dumps(arguments)[:80]}. {FORMAT_HELP}"
        )
    if not all(
        is_encodable(text) for text in (name, *arguments, *arguments.values()) if isinstance(text, str)
    ):
        raise ActionError("the tool call holds half of a surrogate pair, which is no character")
    return ToolCall(name=name, arguments=arguments)
