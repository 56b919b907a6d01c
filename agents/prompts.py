"""What a model is told before the statement, per mode, and how it calls tools."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..judge import SPECS, Language

LANGUAGES = {language: spec.title for language, spec in SPECS.items()}

GOAL = """\
You solve competitive programming problems in {language}.
Your program is judged on hidden tests. It must give the right answer within the limits on every one of them:
think about correctness in all corner cases, and about the cost on the largest inputs.
"""

MODES = {
    "single": """\
Reply once. The last fenced code block of your reply is your submission: put the complete program there.""",
    "tool": """\
Every reply calls tools: try code out, run the samples, and when you are sure, submit the complete program.
The submission ends the task, and the number of turns is limited.""",
    "agentic": """\
You work in a sandboxed directory with a shell. Every reply calls tools: write files, run commands, compare
with a slow but simple program on random inputs, run the samples, and when you are sure, submit the program.
The submission ends the task, and the number of turns is limited.""",
}

NATIVE_CALLS = """
The tools are offered to you as functions: call those instead of writing calls as text."""

TEXT_CALLS = """
Call one tool per reply by writing exactly this, with the tool's name, and its arguments as JSON:
<tool_call>{{"name": "...", "arguments": {{...}}}}</tool_call>
The tools:
{tools}"""

PROMPTS_DIGEST = hashlib.sha256(
    json.dumps([GOAL, MODES, NATIVE_CALLS, TEXT_CALLS], sort_keys=True).encode()
).hexdigest()[:16]
"""Part of an agent's identity: other prompts make another agent."""


def system_prompt(
    mode: str, language: Language, tools: Sequence[Mapping[str, Any]] = (), *, native_tools: bool = True
) -> str:
    """Return the system message of a mode.

    Args:
        mode: `single`, `tool` or `agentic`.
        language: What the submission must be written in.
        tools: Function schemas of the environment's tools.
        native_tools: The model is given the schemas as functions; otherwise the prompt describes them.

    Raises:
        ValueError: The mode is unknown.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}: must be one of {', '.join(MODES)}")
    prompt = GOAL.format(language=LANGUAGES[language]) + MODES[mode]
    if not tools:
        return prompt
    if native_tools:
        return prompt + NATIVE_CALLS
    schemas = "\n".join(json.dumps(tool.get("function", tool)) for tool in tools)
    return prompt + TEXT_CALLS.format(tools=schemas)
