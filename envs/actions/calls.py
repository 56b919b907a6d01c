"""Search for the tool call in the text of a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .blocks import CodeBlock, after_thinking, code_blocks
from .json_calls import checked_call, decode, looks_like_call, written_calls
from .tool_call import FORMAT_HELP, ActionError, ToolCall
from .xml_calls import FUNCTION, XML_HELP, XmlCalls

# Possessive quantifiers (`*+`) do not backtrack, which keeps the time linear for hostile texts.
_MARKER = re.compile(
    rf"(?P<tag><tool_call>)|(?P<function>{FUNCTION})"
    r"|(?<![\"'(\\\w])(?P<object>\{)(?=\s*+\"(?:name|type|function|id|tool_calls|arguments|parameters)\"\s*+:)"
)
_TAGGED = re.compile(r"\s*+(?:```[a-z]*+\s*+)?(?=(?P<json>[{\[])|(?P<function><function[= ]))")
_TAG_END = re.compile(r"\s*+(?:```\s*+)?(?:</tool_call>|(?=<tool_call>)|\Z)")
_NAME = re.compile(r'"name"\s*+:\s*+"(?P<name>[^"\\]{1,80})"')
_HOLDS_CALLS = frozenset(("", "json", "jsonc", "json5", "tool_call", "tool_calls", "tool_code", "xml"))
"""Language tags of code blocks that may hold a call."""
_TAG_CLOSED = "</tool_call>"
_OPEN = f"without {_TAG_CLOSED}"
_MOST_BROKEN = 16
"""Most broken objects that are read, so that a text full of them cannot take quadratic time."""

Schemas = Sequence[Mapping[str, Any]]


def parse_tool_call(action: str, tools: Schemas = ()) -> ToolCall:
    """Return the only tool call of a text.

    A call has one of these forms:

    - a JSON object with `name` and `arguments` (or `parameters`). The arguments may be JSON text, and strings
      may hold raw newlines;
    - such an object in the nesting of the OpenAI protocol, `{"type": "function", "function": {...}}` or
      `{"tool_calls": [...]}`;
    - the XML form of Qwen3-Coder, `<function=NAME>` with `<parameter=NAME>`.

    It may stand alone, in `<tool_call>` tags, in a code block with no tag or a JSON tag, or in a sentence. An
    object outside of tags that does not have the keys of a call or does not name a tool is not a call;
    neither is text in the code block of a program. Think tags are treated as in `last_code_block`. The time
    is linear in the length of the text.

    Args:
        action: Text of the model.
        tools: Function schemas, from which values of the XML form get their types. Without schemas every name
            is accepted as a tool, and values of the XML form stay texts.

    Raises:
        ActionError: There is no call, or more than one; the message says what is wrong and shows the right
            form.
    """
    text = after_thinking(action)
    search = _Search(text, tools)
    calls = list(search.calls())
    if len(calls) > 1:
        names = ", ".join(f"{call.name:.40}" for call in calls[:5])
        raise ActionError(f"more than one tool call in one action ({len(calls)}: {names}). {FORMAT_HELP}")
    if not calls:
        raise search.why_none()
    return calls[0]


@dataclass(frozen=True, kw_only=True)
class FoundCalls:
    """The tool calls of a text."""

    calls: tuple[ToolCall, ...]
    before: str
    """Text before the first call, with the thoughts; the whole text without a call."""


def find_tool_calls(action: str, tools: Schemas = ()) -> FoundCalls:
    """Return all tool calls of a text, in the forms of `parse_tool_call`.

    Args:
        action: Text of the model.
        tools: Function schemas, as in `parse_tool_call`.

    Raises:
        ActionError: A call is malformed.
    """
    text = after_thinking(action)
    spans = [(start, calls) for start, calls in _Search(text, tools).spans() if calls]
    begin = len(action) - len(text) + spans[0][0] if spans else len(action)
    return FoundCalls(calls=tuple(call for _, calls in spans for call in calls), before=action[:begin])


class _Search:
    """One pass over a text, from marker to marker.

    Args:
        text: Text without the thoughts.
        tools: Function schemas.
    """

    def __init__(self, text: str, tools: Schemas) -> None:
        self._text = text
        self._parameters = {
            schema["function"]["name"]: schema["function"]["parameters"]["properties"] for schema in tools
        }
        self._alone = text.strip().startswith("{")
        self._last_end = text.rfind(_TAG_CLOSED)
        self._xml = XmlCalls(text)
        self._blocks = list(code_blocks(text))
        self._block = 0
        self._broken = 0
        self._obstacle: ActionError | None = None

    def calls(self) -> Iterator[ToolCall]:
        """Yield the calls.

        Raises:
            ActionError: A call is malformed.
        """
        for _, found in self.spans():
            yield from found

    def spans(self) -> Iterator[tuple[int, list[ToolCall]]]:
        """Yield the offset of each part of the text that may hold calls, and its calls.

        Raises:
            ActionError: A call is malformed.
        """
        place = 0
        if self._alone:  # a reply that begins with `{` is meant as a call, so its errors are reported
            start = self._text.index("{")
            value, place = self._whole(start)
            yield start, value
        while match := _MARKER.search(self._text, place):
            block = self._block_at(match.start())
            if block is not None and not self._may_hold(block, match):
                place = block.end if match["object"] else match.end()
                continue
            if match["tag"]:
                found, place = self._tagged(match.end())
            elif match["function"]:
                found, place = self._xml_call(match.start())
            else:
                found, place = self._object(match.start())
            yield match.start(), found

    def why_none(self) -> ActionError:
        """Return the error for a text without a call."""
        if self._obstacle is not None:
            return self._obstacle
        if not self._text.strip():
            return ActionError(f"The action is empty. {FORMAT_HELP}")
        if self._blocks:
            return ActionError(f"A code block alone is not submitted: call the tool submit. {FORMAT_HELP}")
        return ActionError(f"There is no tool call in the action. {FORMAT_HELP}")

    def _whole(self, place: int) -> tuple[list[ToolCall], int]:
        """Read the object at the start of the text."""
        value, end = decode(self._text, place)
        return [checked_call(item) for item in written_calls(value)], end

    def _tagged(self, place: int) -> tuple[list[ToolCall], int]:
        """Read the call after `<tool_call>`; a mere mention of the tag is skipped."""
        match = _TAGGED.match(self._text, place)
        if match is None:
            got = f"got {self._text[place : place + 40].strip()!r}"
            wrong = f"must hold a JSON object or {XML_HELP}, {got}" if self._closes(place) else _OPEN
            self._note(f"<tool_call> {wrong}. {FORMAT_HELP}")
            return [], place
        if match["function"]:
            if not _MARKER.match(self._text, match.end()):
                raise ActionError(f"<function without a name in <tool_call>. Right is {XML_HELP}")
            found, end = self._xml_call(match.end())
        else:
            try:
                value, end = decode(self._text, match.end())
            except ActionError as error:
                if self._closes(place):
                    raise
                raise ActionError(f"<tool_call> {_OPEN}: {error}") from error
            found = [checked_call(item) for item in written_calls(value)]
        closing = _TAG_END.match(self._text, end)
        if closing is None and not self._closes(end):
            raise ActionError(f"<tool_call> {_OPEN}. {FORMAT_HELP}")
        if closing is None and not match["function"]:
            extra = self._text[end : end + 40].strip()
            raise ActionError(f"the tool call is not valid JSON: extra data {extra!r}. {FORMAT_HELP}")
        return found, closing.end() if closing else end

    def _xml_call(self, place: int) -> tuple[list[ToolCall], int]:
        call = self._xml.read(place)
        types = self._parameters.get(call.name, {})
        arguments = {name: _typed(text, types.get(name, {})) for name, text in call.arguments.items()}
        return [checked_call({"name": call.name, "arguments": arguments})], call.end

    def _object(self, place: int) -> tuple[list[ToolCall], int]:
        """Read an object in a sentence or a code block; an object that is not a call is skipped."""
        if self._broken >= _MOST_BROKEN:
            return [], len(self._text)
        try:
            value, end = decode(self._text, place)
        except ActionError as error:
            self._broken += 1
            # Report the error only if the object was clearly meant as a call of a tool.
            named = _NAME.search(self._text, place, place + 300)
            if named and self._is_tool(named["name"]):
                self._obstacle = self._obstacle or error
            return [], place + 1
        items = [item for item in written_calls(value) if looks_like_call(item)]
        known = [item for item in items if self._is_tool(item["name"])]
        if items and not known:
            tools = ", ".join(self._parameters)
            self._note(f"There is no tool {items[0]['name']!r:.80}; the tools are {tools}. {FORMAT_HELP}")
        return [checked_call(item) for item in known], end

    def _block_at(self, place: int) -> CodeBlock | None:
        """Return the code block around an offset; offsets must not decrease from call to call."""
        while self._block < len(self._blocks) and self._blocks[self._block].end <= place:
            self._block += 1
        block = self._blocks[self._block] if self._block < len(self._blocks) else None
        return block if block is not None and block.start <= place else None

    def _may_hold(self, block: CodeBlock, match: re.Match[str]) -> bool:
        """Return whether a marker in a code block may begin a call, as it is not part of a program.

        A tag must begin its line. An object must begin a JSON block or follow another object in it.
        """
        before = self._text[max(block.start, match.start() - 200) : match.start()].rstrip(" \t")
        if block.language in _HOLDS_CALLS:
            return not match["object"] or not before.strip() or before.rstrip()[-1] in "[,}>"
        return not match["object"] and (not before or before.endswith("\n"))

    def _closes(self, place: int) -> bool:
        """Return whether a closing tag follows the offset."""
        return self._last_end >= place

    def _is_tool(self, name: str) -> bool:
        return not self._parameters or name in self._parameters

    def _note(self, message: str) -> None:
        """Keep the first reason why a part of the text is not a call."""
        self._obstacle = self._obstacle or ActionError(message)


def _typed(text: str, schema: Mapping[str, Any]) -> object:
    """Convert a value of the XML form to the type in the schema if possible."""
    # At most 18 digits: a number of a hostile text must not become a large integer.
    if schema.get("type") == "integer" and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
        return int(text)
    return text
