"""AXPO: tool calls of problems whose tool-using replies all fail are sampled again from the call on."""

from .budget import (
    choose_sources,
    prefix_advantages,
    relative_advantages,
    source_count,
    triggered,
)
from .calls import Call, find_call, find_tagged, mean_probabilities
from .method import AXPO, AXPOSettings, FindCall

__all__ = [
    "AXPO",
    "AXPOSettings",
    "Call",
    "FindCall",
    "choose_sources",
    "find_call",
    "find_tagged",
    "mean_probabilities",
    "prefix_advantages",
    "relative_advantages",
    "source_count",
    "triggered",
]
