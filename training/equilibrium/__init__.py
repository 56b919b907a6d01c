"""Training of equilibrium reasoners, and the selection of their answers.

Names that need torch are imported at first use; settings do not need it.

References:
    Equilibrium Reasoners: arXiv 2605.21488.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .settings import EquilibriumSettings

if TYPE_CHECKING:
    from ...agents.equilibrium import (
        EquilibriumConfig,
        EquilibriumNetwork,
        confidence,
        load_network,
        logit_change,
        majority,
        oracle,
        select,
        select_by_residual,
        solve,
        weighted_vote,
    )
    from .losses import equilibrium_loss, stable_max_cross_entropy
    from .train import train_equilibrium

__all__ = [
    "EquilibriumConfig",
    "EquilibriumNetwork",
    "EquilibriumSettings",
    "confidence",
    "equilibrium_loss",
    "load_network",
    "logit_change",
    "majority",
    "oracle",
    "select",
    "select_by_residual",
    "solve",
    "stable_max_cross_entropy",
    "train_equilibrium",
    "weighted_vote",
]

_OWN = {
    "equilibrium_loss": "losses",
    "stable_max_cross_entropy": "losses",
    "train_equilibrium": "train",
}


def __getattr__(name: str) -> Any:
    if name in _OWN:
        return getattr(import_module(f"{__name__}.{_OWN[name]}"), name)
    if name in __all__:
        return getattr(import_module("...agents.equilibrium", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
