"""How vLLM describes tools to a checkpoint and reads its calls: by the checkpoint's chat template."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ...llm.prompts import Prompts
from ...policy.tokenizer import PolicyTokenizer

AUTO, NONE = "auto", "none"
OWN_FORM = "hermes"
"""vLLM's parser of the calls that our own text on tools asks for."""
PARSERS = (
    ("<function=", "qwen3_coder"),
    ("<arg_key>", "glm45"),
    ("<｜tool▁calls▁begin｜>", "deepseek_v3"),
    ("<|channel|>", "openai"),
    ("[TOOL_CALLS]", "mistral"),
    ("<|python_tag|>", "llama3_json"),
    ("Environment: ipython", "llama3_json"),
    ("<tool_call>", "hermes"),
)
"""Texts in a chat template, and vLLM's parser of the calls that the template asks for; the first counts."""
_REWRITE = """\
{%- set rewritten = namespace(messages=[]) -%}
{%- for message in messages -%}
{%- set written = namespace(parts=[message['content']] if message['content'] else []) -%}
{%- for call in message['tool_calls'] or [] -%}
{%- set called = call['function'] -%}
{%- set called = {'name': called['name'], 'arguments': called['arguments']} | tojson -%}
{%- set written.parts = written.parts + ['<tool_call>' ~ called ~ '</tool_call>'] -%}
{%- endfor -%}
{%- set role = 'user' if message['role'] == 'tool' else message['role'] -%}
{%- set text = written.parts | join('\\n') -%}
{%- set rewritten.messages = rewritten.messages + [{'role': role, 'content': text}] -%}
{%- endfor -%}
{%- if tools -%}
{%- set schemas = namespace(lines=[]) -%}
{%- for tool in tools -%}
{%- set schema = dict(tool['function'].items() | rejectattr(1, 'none')) -%}
{%- set schemas.lines = schemas.lines + [schema | tojson] -%}
{%- endfor -%}
{%- set how = BEFORE ~ schemas.lines | join('\\n') ~ AFTER -%}
{%- if rewritten.messages[0]['role'] == 'system' -%}
{%- set first = rewritten.messages[0]['content'] -%}
{%- set first = first ~ '\\n' ~ how if first else how -%}
{%- set rewritten.messages = [{'role': 'system', 'content': first}] + rewritten.messages[1:] -%}
{%- else -%}
{%- set rewritten.messages = [{'role': 'system', 'content': how}] + rewritten.messages -%}
{%- endif -%}
{%- endif -%}
{%- set messages = rewritten.messages %}
"""
"""Beginning of a chat template that knows no tools: it tells them as `codefrontier serve` does."""


@dataclass(frozen=True, kw_only=True)
class ToolCalls:
    """How a server takes part in tool calls."""

    parser: str = ""
    """vLLM's parser of calls; empty if the server offers no tools."""
    chat_template: str = ""
    """Chat template in place of the checkpoint's; empty for the checkpoint's own."""
    note: str = ""
    """Why the server offers no tools."""


def tool_calls_of(tokenizer: PolicyTokenizer, parser: str = AUTO) -> ToolCalls:
    """Return how vLLM describes tools to a checkpoint and reads its calls.

    Args:
        tokenizer: Tokenizer of the checkpoint.
        parser: Name of a parser of vLLM, `auto` for the one that suits the chat template, or `none`.
    """
    template = tokenizer.tokenizer.chat_template
    if parser == NONE:
        return ToolCalls(note="no tools are wanted")
    if template is None:
        return ToolCalls(note="no tools, since there is no chat template")
    if not tokenizer.takes_tools:
        return ToolCalls(
            parser=OWN_FORM if parser == AUTO else parser, chat_template=with_tools(str(template))
        )
    if parser != AUTO:
        return ToolCalls(parser=parser)
    for mark, name in PARSERS:
        if mark in str(template):
            return ToolCalls(parser=name)
    return ToolCalls(
        note="no tools, since no parser of vLLM is known for the chat template: name one with --tool-parser"
    )


def with_tools(template: str) -> str:
    """Return a chat template that tells tools, calls and results as text, and else is the given template.

    The text is the text of `codefrontier serve`, where a template does not know tools itself.
    """
    before, _, after = Prompts().text_calls.partition("$tools")
    # A text of Jinja has the escapes of JSON.
    rewrite = _REWRITE.replace("BEFORE", _literal(before)).replace("AFTER", _literal(after))
    return rewrite + template


def _literal(text: str) -> str:
    return json.dumps(text.replace("$$", "$"), ensure_ascii=False)
