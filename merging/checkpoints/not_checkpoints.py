"""Explain paths that are often given as checkpoint folders but are not, and what to give instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_HUB_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_WEIGHTS: Final = ("*.safetensors", "*.safetensors.index.json")
_STATES: Final = (
    "trainer.pt",
    "optimizer*",
    "scheduler.pt",
    "trainer_state.json",
    "zero_pp_rank*",
    "rng_state*",
)
_PICKLED: Final = ("pytorch_model*.bin", "*.pth", "consolidated*.pt", "model*.pt")


def explain(path: Path) -> str:
    """Return why a path is not a checkpoint folder and what to give instead; empty if it may be one."""
    if not path.exists():
        hint = ""
        if _HUB_ID.fullmatch(str(path)):
            hint = f"; a model of the Hub must be downloaded first: hf download {path} --local-dir FOLDER"
        return f"no such folder{hint}"
    if not path.is_dir():
        return _file(path)
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    if has_model(path):
        return ""
    return _without_weights(path, names)


def _file(path: Path) -> str:
    if path.suffix == ".gguf":
        return _gguf(path.name)
    parent = f": {path.parent}" if path.suffix == ".safetensors" else ""
    return f"it is a file; give the folder that contains it{parent}"


def _gguf(name: str) -> str:
    return f"{name} is a GGUF file for llama.cpp: give the safetensors checkpoint that it was made from"


def _without_weights(path: Path, names: Sequence[str]) -> str:
    if not names:
        return "it is empty"
    runs = [name for name in names if re.fullmatch(r"checkpoint-\d+", name) and (path / name).is_dir()]
    if runs:
        last = max(runs, key=lambda name: int(name.rpartition("-")[2]))
        return f"it is the folder of a training run: give one of its checkpoints, for example {path / last}"
    if gguf := [entry.name for entry in path.glob("*.gguf")]:
        return _gguf(min(gguf))
    if pickled := sorted(entry.name for pattern in _PICKLED for entry in path.glob(pattern)):
        return (
            f"its weights are pickled ({pickled[0]}), and only safetensors files are read: load the model "
            "with transformers and save it with save_pretrained(FOLDER)"
        )
    if states := sorted(entry.name for pattern in _STATES for entry in path.glob(pattern)):
        return f"it contains training state ({states[0]}) but no weights: give the folder with the weights"
    return ""


def has_model(path: Path) -> bool:
    """Return whether a folder holds safetensors weights of a whole model."""
    files = (entry.name for pattern in _WEIGHTS for entry in path.glob(pattern))
    return any(not name.startswith(("adapter_model", "shard-")) for name in files)
