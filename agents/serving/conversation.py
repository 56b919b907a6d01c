"""Conversations with tools: what the chat template reads, and the calls in a reply.

A chat template that takes tools describes them in the checkpoint's own form. For other templates, the system
message describes them, calls are text, and results are messages of the user, as for policy agents.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from ...envs.actions import ActionError, find_tool_calls
from ..agent import Message
from ..llm.prompts import Prompts
from ..llm.reply import parse_arguments, well_formed
from ..policy.tokenizer import PolicyTokenizer, Tools
from .protocol import ChatMessage, ChatRequest, ToolCallMessage

CALL_STARTS = ("<tool_call>", "<function", "```", "{", "[")
"""Texts with which the part of a reply may begin that is not part of its content."""
_FENCE = re.compile(r"```\w*")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A reply as a message of the protocol has it."""

    content: str | None
    tool_calls: tuple[dict[str, Any], ...] = ()

    @property
    def message(self) -> dict[str, Any]:
        """The reply as a message."""
        message: dict[str, Any] = {"role": "assistant", "content": self.content}
        return {**message, "tool_calls": list(self.tool_calls)} if self.tool_calls else message


def prompt_of(request: ChatRequest, tokenizer: PolicyTokenizer) -> tuple[int, ...]:
    """Return the tokens of a conversation.

    Raises:
        ValueError: The chat template or the tokenizer refuses the conversation, or there are tools and no
            chat template.
    """
    tools = request.schemas
    if tools and tokenizer.tokenizer.chat_template is None:
        raise ValueError("tools cannot be described: the checkpoint has no chat template")
    if tokenizer.takes_tools:
        return tokenizer.prompt_ids([_native(message) for message in request.messages], tools=tools)
    messages = [_as_text(message) for message in request.messages]
    return tokenizer.prompt_ids(_described(messages, tools) if tools else messages)


def read_reply(text: str, tools: Sequence[dict[str, Any]], *, parallel: bool = True) -> Reply:
    """Return the content and the tool calls of a reply; a reply with a malformed call stays text.

    Args:
        text: Text of the reply.
        tools: Tools of the request; without tools the reply stays text.
        parallel: Whether to return more than the first call.
    """
    if not tools:
        return Reply(content=text)
    try:
        found = find_tool_calls(text, [_searchable(tool) for tool in tools])
    except ActionError:
        return Reply(content=text)
    if not found.calls:
        return Reply(content=text)
    calls = found.calls if parallel else found.calls[:1]
    return Reply(
        content=_without_opening(found.before) or None,
        tool_calls=tuple(
            {
                "id": f"call_{uuid.uuid4().hex[:24]}",
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": well_formed(json.dumps(dict(call.arguments), ensure_ascii=False)),
                },
            }
            for call in calls
        ),
    )


def _without_opening(before: str) -> str:
    """Return the text before a call without the bracket of a list or the fence of a code block of calls."""
    bare = before.rstrip().removesuffix("[").rstrip()
    head, _, last = bare.rpartition("\n")
    return head.rstrip() if _FENCE.fullmatch(last) else bare


def _searchable(tool: dict[str, Any]) -> dict[str, Any]:
    """Return a tool with the keys that the search for calls reads."""
    function = tool["function"]
    parameters = function.get("parameters") or {}
    properties = parameters.get("properties")
    known = properties if isinstance(properties, dict) else {}
    typed = {name: schema for name, schema in known.items() if isinstance(schema, dict)}
    return {"function": {"name": function["name"], "parameters": {"properties": typed}}}


def _native(message: ChatMessage) -> Message:
    """Return a message for a chat template that takes tools; arguments are JSON values there."""
    told: Message = {"role": message.role, "content": message.text}
    if message.tool_calls:
        told["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.function.name,
                    "arguments": parse_arguments(call.function.arguments),
                },
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        told["tool_call_id"] = message.tool_call_id
    if message.name is not None:
        told["name"] = message.name
    return told


def _as_text(message: ChatMessage) -> Message:
    """Return a message with its calls written as text, and the result of a tool as a message of the user."""
    role = "user" if message.role == "tool" else message.role
    written = [_written(call) for call in message.tool_calls or ()]
    return {"role": role, "content": "\n".join([*([message.text] if message.text else []), *written])}


def _written(call: ToolCallMessage) -> str:
    arguments = parse_arguments(call.function.arguments)
    written = json.dumps({"name": call.function.name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>{written}</tool_call>"


def _described(messages: Sequence[Message], tools: Tools) -> list[Message]:
    """Return the conversation with the tools in its system message, which is added if there is none."""
    schemas = "\n".join(json.dumps(tool["function"]) for tool in tools)
    how = Template(Prompts().text_calls).substitute(tools=schemas)
    if messages[0]["role"] == "system":
        first = {**messages[0], "content": f"{messages[0]['content']}\n{how}".lstrip("\n")}
        return [first, *messages[1:]]
    return [{"role": "system", "content": how}, *messages]
