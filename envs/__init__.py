"""Gymnasium environments over programming problems, in three modes.

The names below are loaded at first use, so that `import codefrontier` only registers the environments.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .actions import ActionError, ToolCall, last_code_block, parse_tool_call
    from .agentic_env import AgenticEnv
    from .coding_env import CodingEnv
    from .episode import REWARDS, EpisodeSnapshot, Mode, Rewards, StopReason
    from .errors import EnvError, LeakError
    from .registration import environment_ids, register_environments
    from .settings import EnvKeywords, EnvSettings
    from .single_env import SingleEnv
    from .text_space import TextSpace
    from .tool_env import ToolEnv

__all__ = [
    "REWARDS",
    "ActionError",
    "AgenticEnv",
    "CodingEnv",
    "EnvError",
    "EnvKeywords",
    "EnvSettings",
    "EpisodeSnapshot",
    "LeakError",
    "Mode",
    "Rewards",
    "SingleEnv",
    "StopReason",
    "TextSpace",
    "ToolCall",
    "ToolEnv",
    "environment_ids",
    "last_code_block",
    "parse_tool_call",
    "register_environments",
]

_MODULES = {
    "actions": ("ActionError", "ToolCall", "last_code_block", "parse_tool_call"),
    "agentic_env": ("AgenticEnv",),
    "coding_env": ("CodingEnv",),
    "episode": ("REWARDS", "EpisodeSnapshot", "Mode", "Rewards", "StopReason"),
    "errors": ("EnvError", "LeakError"),
    "registration": ("environment_ids", "register_environments"),
    "settings": ("EnvKeywords", "EnvSettings"),
    "single_env": ("SingleEnv",),
    "text_space": ("TextSpace",),
    "tool_env": ("ToolEnv",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
