"""Equilibrium reasoners: networks that fill in a grid by iterating one block until it settles.

Names are loaded at first use, because torch takes seconds to import.

References:
    Equilibrium Reasoners: arXiv 2605.21488.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agent import EquilibriumFactory
    from .checkpoint import load_network, save_network
    from .grids import GridCodec
    from .network import EquilibriumConfig, EquilibriumNetwork, LatentState, Thought
    from .selection import (
        confidence,
        logit_change,
        majority,
        oracle,
        select,
        select_by_residual,
        weighted_vote,
    )
    from .solving import Restarts, solve

__all__ = [
    "EquilibriumConfig",
    "EquilibriumFactory",
    "EquilibriumNetwork",
    "GridCodec",
    "LatentState",
    "Restarts",
    "Thought",
    "confidence",
    "load_network",
    "logit_change",
    "majority",
    "oracle",
    "save_network",
    "select",
    "select_by_residual",
    "solve",
    "weighted_vote",
]

_MODULES = {
    "agent": ("EquilibriumFactory",),
    "checkpoint": ("load_network", "save_network"),
    "grids": ("GridCodec",),
    "network": ("EquilibriumConfig", "EquilibriumNetwork", "LatentState", "Thought"),
    "selection": (
        "confidence",
        "logit_change",
        "majority",
        "oracle",
        "select",
        "select_by_residual",
        "weighted_vote",
    ),
    "solving": ("Restarts", "solve"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
