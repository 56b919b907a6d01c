"""What both stages do around their steps: begin or go on, count steps, write checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..agents.policy_checkpoint import load_checkpoint
from .checkpoint import TrainerState, checkpoints, load_saved, save_checkpoint
from .errors import TrainingError
from .metrics import MetricsLog
from .provenance import write_run
from .settings import RunSettings

FREE = ("out", "resume", "steps", "checkpoint_every", "workers", "init")
"""Settings in which a resumed run may differ: they change no number of a step. (`init` by its digest.)"""


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """A run taken up from its last checkpoint."""

    model: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    state: TrainerState
    optimizer: Mapping[str, Any] = field(repr=False)


def deciding(settings: RunSettings, **more: object) -> dict[str, Any]:
    """Return the settings that decide the numbers of a run, as JSON values, with more of them."""
    chosen = {name: value for name, value in vars(settings).items() if name not in FREE}
    return _plain({**chosen, **more})


def _plain(settings: Mapping[str, object]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(dict(settings), default=str)))


def take_up(settings: RunSettings, stage: str, deciders: Mapping[str, Any], *, device: str) -> Resumed | None:
    """Load the last checkpoint of the run, or return None when it is to begin.

    Raises:
        TrainingError: There are checkpoints and `resume` is not set, or they are of another run.
        AgentError: The checkpoint cannot be loaded.
    """
    found = checkpoints(settings.out)
    if not found:
        return None
    if not settings.resume:
        raise TrainingError(
            f"{settings.out} holds checkpoints of a run already: go on with --resume, or take another --out"
        )
    saved = load_saved(found[-1])
    _check_same(found[-1], saved.state, stage, deciders)
    model, tokenizer = load_checkpoint(found[-1], device=device)
    return Resumed(model=model, tokenizer=tokenizer, state=saved.state, optimizer=saved.optimizer)


def _check_same(path: Path, state: TrainerState, stage: str, deciders: Mapping[str, Any]) -> None:
    theirs = {"stage": state.stage, **state.settings}
    ours = {"stage": stage, **deciders}
    unlike = [
        f"{name} {theirs.get(name)!r} instead of {ours.get(name)!r}"
        for name in sorted({*theirs, *ours})
        if theirs.get(name) != ours.get(name)
    ]
    if unlike:
        raise TrainingError(f"{path} is of another run, with {', '.join(unlike)}: it cannot be resumed so")


class RunFolder:
    """The files of a run while it goes on.

    Args:
        settings: Of the run.
        stage: `sft` or `rl`.
        deciders: Settings that must be the same when the run is resumed.
        step: Steps taken so far.

    Raises:
        TrainingError: Files of an earlier start cannot be read.
        OSError: The folder cannot be written.
    """

    def __init__(self, settings: RunSettings, *, stage: str, deciders: Mapping[str, Any], step: int) -> None:
        self._settings = settings
        self._stage = stage
        self._deciders = dict(deciders)
        every = {
            name: str(value) if isinstance(value, Path) else value for name, value in vars(settings).items()
        }
        write_run(settings.out, {"stage": stage, "from_step": step, **every, **self._deciders})
        self._log = MetricsLog(settings.out, step=step)

    def note(self, metrics: Mapping[str, Any]) -> None:
        """Append the metrics of a step."""
        self._log.write(metrics)

    def is_due(self, step: int, last: int) -> bool:
        """Whether a checkpoint is to be written after this step."""
        return step == last or step % self._settings.checkpoint_every == 0

    def save(
        self,
        step: int,
        model: Any,
        tokenizer: Any,
        optimizer: torch.optim.Optimizer,
        progress: Mapping[str, Any],
    ) -> Path:
        """Write a checkpoint."""
        state = TrainerState(stage=self._stage, step=step, settings=self._deciders, progress=dict(progress))
        return save_checkpoint(self._settings.out, model, tokenizer, optimizer, state)
