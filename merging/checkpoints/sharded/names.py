"""Find the model in a state dict with more than one part, and the names of its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...errors import MergeError

Path_ = tuple[str, ...]
"""Keys from the outermost dict to a tensor."""
_OPTIMIZERS: Final = ("optim", "optimizer", "optimizers", "opt", "lr_scheduler", "scheduler", "rng")
_MODELS: Final = ("model", "module", "state_dict", "policy", "actor", "app")
_WRAPPERS: Final = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_checkpoint_module")
"""Modules that wrappers of torch insert into names: compilation, FSDP1 and activation checkpointing."""


def choose_model(paths: Mapping[str, Path_], folder: Path) -> dict[str, Path_]:
    """Return the entries of the model.

    Args:
        paths: Place of each tensor by its flat name.
        folder: The checkpoint, for messages.

    Raises:
        MergeError: There is no model, or more than one part may be the model.
    """
    parts: dict[Path_, dict[str, Path_]] = {}
    for name, path in paths.items():
        if not any(key in _OPTIMIZERS for key in path[:-1]):
            parts.setdefault(path[:-1], {})[name] = path
    if not parts:
        raise MergeError(f"{folder}: contains no weights of a model, only {_listed(paths)}")
    named = [part for part in parts if part and part[-1] in _MODELS]
    chosen = named if len(parts) > 1 and named else list(parts)
    if len(chosen) > 1:
        listed = ", ".join(".".join(part) or "(top)" for part in sorted(chosen))
        raise MergeError(f"{folder}: contains several parts that may be the model: {listed}; save one model")
    return parts[chosen[0]]


def plain_name(name: str) -> str:
    """Return the name of a tensor without the modules that wrappers insert."""
    return ".".join(part for part in name.split(".") if part not in _WRAPPERS)


def _listed(paths: Mapping[str, Path_]) -> str:
    return ", ".join(sorted({".".join(path[:-1]) or path[-1] for path in paths.values()})) or "other objects"
