"""System messages of models: one template per mode, and two templates on how to call tools.

In a template, `$language` stands for the language of the submission, `$calls` for the text on how to call
tools, and `$$` for a dollar sign.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from string import Template
from typing import Any, Self

from ...envs.actions import BLOCK_HELP
from ...judge import SPECS, Language
from ..errors import AgentError

LANGUAGES = {language: spec.title for language, spec in SPECS.items()}
SUFFIX = ".txt"

_GOAL = """\
You solve competitive programming problems in $language.
Your program is judged on hidden tests. It must give the right answer within the limits on every one of them:
think about correctness in all corner cases, and about the cost on the largest inputs.
"""


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """The templates of the system message.

    Raises:
        ValueError: A template contains an unknown name.
    """

    single: str = _GOAL + f"Reply once. {BLOCK_HELP}"
    """Template of mode single; may contain `$language`."""
    tool: str = (
        _GOAL
        + """\
Every reply calls tools: try code out, run the samples, and when you are sure, submit the complete program.
The submission ends the task, and the number of turns is limited.
$calls"""
    )
    """Template of mode tool; may contain `$language` and `$calls`."""
    agentic: str = (
        _GOAL
        + """\
You work in a sandboxed directory with a shell. Every reply calls tools: write files, run commands, compare
with a slow but simple program on random inputs, run the samples, and when you are sure, submit the program.
The submission ends the task, and the number of turns is limited.
$calls"""
    )
    """Template of mode agentic; may contain `$language` and `$calls`."""
    literal: str = """\
You answer questions about Python functions with a Python literal. Read the code with care, and follow it step
by step where you need its result.
$calls"""
    """Template of every mode for tasks about functions whose answer is a literal; may contain `$calls`."""
    native_calls: str = """\
The tools are offered to you as functions: call those instead of writing calls as text."""
    """Value of `$calls` with function calling."""
    text_calls: str = """\
Call one tool per reply (of several calls none is done) by writing exactly this, with the tool's name, and its
arguments as JSON:
<tool_call>{"name": "...", "arguments": {...}}</tool_call>
The tools:
$tools"""
    """Value of `$calls` without function calling; may contain `$tools`, the function schemas."""

    def __post_init__(self) -> None:
        for name, allowed in _KNOWN.items():
            template = Template(getattr(self, name))
            unknown = sorted(set(template.get_identifiers()) - allowed)
            if unknown or not template.is_valid():
                names = ", ".join(f"${known}" for known in sorted(allowed)) or "nothing"
                wrong = f"names ${unknown[0]}" if unknown else "has a lone $ (write $$)"
                raise ValueError(f"the template {name} {wrong}; it may name {names}")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read templates from the files of a folder; a template without a file stays the built-in template.

        Raises:
            AgentError: The folder or a file cannot be read, is not a template, or has an unknown name.
        """
        names = {f"{entry.name}{SUFFIX}": entry.name for entry in fields(cls)}
        try:
            found = {path.name: path.read_text() for path in sorted(folder.glob(f"*{SUFFIX}"))}
            unknown = sorted(set(found) - set(names))
            if unknown or not found:
                wrong = f"unknown template {unknown[0]!r}" if unknown else "no templates"
                raise AgentError(f"{folder}: {wrong}; there may be {', '.join(names)}")
            return cls(**{names[file]: text.strip("\n") for file, text in found.items()})
        except (OSError, ValueError) as error:
            raise AgentError(f"{folder}: {error}") from error

    @property
    def digest(self) -> str:
        """Digest of all templates, a part of an agent's identity."""
        templates = asdict(self)
        if (
            self.literal == type(self).literal
        ):  # so that agents are who they were before there was this template
            del templates["literal"]
        return hashlib.sha256(json.dumps(templates, sort_keys=True).encode()).hexdigest()[:16]

    def system(
        self,
        mode: str,
        language: Language,
        tools: Sequence[Mapping[str, Any]] = (),
        *,
        native_tools: bool = True,
    ) -> str:
        """Return the system message of a mode.

        Args:
            mode: `single`, `tool` or `agentic`; or `literal`, for tasks whose answer is a literal.
            language: Language of the submission.
            tools: Function schemas of the environment's tools.
            native_tools: Whether the model gets the schemas as functions; otherwise the prompt contains them.

        Raises:
            ValueError: The mode is unknown.
        """
        if mode not in (*MODES, LITERAL):
            raise ValueError(f"unknown mode {mode!r}: must be one of {', '.join((*MODES, LITERAL))}")
        calls = self.native_calls
        if not native_tools:
            schemas = "\n".join(json.dumps(tool.get("function", tool)) for tool in tools)
            calls = Template(self.text_calls).substitute(tools=schemas)
        known = {"language": LANGUAGES[language], "calls": calls if tools else ""}
        return Template(getattr(self, mode)).substitute(known).rstrip("\n")


MODES = ("single", "tool", "agentic")
LITERAL = "literal"
_KNOWN = {
    "single": {"language"},
    "tool": {"language", "calls"},
    "agentic": {"language", "calls"},
    "literal": {"calls"},
    "native_calls": set[str](),
    "text_calls": {"tools"},
}
