"""Checkpoints of a run: ordinary transformers folders, with what it takes to go on exactly as before.

`<out>/checkpoint-000010` holds the model in float32 and its tokenizer, and in `trainer.pt` the optimizer and
the state of the run. A folder of that name is complete: it gets the name when it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from ..agents.policy_checkpoint import checkpoints, find_checkpoint, without_progress_bars
from .errors import TrainingError

__all__ = ["checkpoints", "find_checkpoint", "load_saved", "save_checkpoint"]

TRAINER = "trainer.pt"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class TrainerState:
    """Where a run stands, but for weights and optimizer. All randomness follows from seed and step."""

    stage: str
    """`sft` or `rl`."""
    step: int
    """Steps taken."""
    settings: Mapping[str, Any] = field(repr=False)
    """Those that decide the numbers; a run is resumed with the same."""
    progress: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What else must be known to go on, as JSON values, for example the algorithm's state."""


def save_checkpoint(
    out: Path, model: Any, tokenizer: Any, optimizer: torch.optim.Optimizer, state: TrainerState
) -> Path:
    """Write a checkpoint and return its folder; it appears as a whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    folder = out / f"checkpoint-{state.step:06d}"
    scratch = out / f".{folder.name}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with without_progress_bars():
        model.save_pretrained(scratch)
        tokenizer.save_pretrained(scratch)
    described = json.dumps(vars(state), allow_nan=False)
    torch.save({"format": FORMAT, "state": described, "optimizer": optimizer.state_dict()}, scratch / TRAINER)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(scratch, folder)
    return folder


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What `trainer.pt` holds."""

    state: TrainerState
    optimizer: Mapping[str, Any] = field(repr=False)


def load_saved(checkpoint: Path) -> Saved:
    """Read where a run stood, and the state of its optimizer.

    Raises:
        TrainingError: The file cannot be read or is of another version.
    """
    path = checkpoint / TRAINER
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']!r}, this version reads {FORMAT}")
        return Saved(state=TrainerState(**json.loads(content["state"])), optimizer=content["optimizer"])
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, UnpicklingError) as error:
        raise TrainingError(f"{path}: the run cannot be resumed from there: {error}") from error
