"""Parsers for the text of an agent: the program in a reply, or a tool call."""

from .blocks import (
    BLOCK_HELP,
    MISSING_FENCE,
    CodeBlock,
    code_blocks,
    first_code_blocks,
    has_stray_fence,
    last_code_block,
)
from .calls import FoundCalls, find_tool_calls, parse_tool_call
from .tool_call import FORMAT_HELP, ActionError, ToolCall

__all__ = [
    "BLOCK_HELP",
    "FORMAT_HELP",
    "MISSING_FENCE",
    "ActionError",
    "CodeBlock",
    "FoundCalls",
    "ToolCall",
    "code_blocks",
    "find_tool_calls",
    "first_code_blocks",
    "has_stray_fence",
    "last_code_block",
    "parse_tool_call",
]
