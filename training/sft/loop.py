"""The loop of supervised training, whatever the rows are made from."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checkpoint import find_checkpoint
from ..distributed.learning import shared_learner
from ..errors import TrainingError
from ..models.optimizer import scheduled_rate
from ..models.trained import TrainedModel
from ..rows import Row
from ..run import ResumedRun, RunFolder
from ..settings import SupervisedSettings
from ..updating.learner import Learner
from ..updating.update import UpdateSettings

if TYPE_CHECKING:
    from ..distributed.world import World

STAGE = "sft"
SMOOTHING = 0.95
Observer = Callable[[Mapping[str, Any]], None]
"""Function that is called with the metrics of each step."""


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """What a run of supervised training learns from."""

    rows_of: Callable[[int], Sequence[Row]] = field(repr=False)
    """Function from the number of a step, from 0, to its rows. It is called once per step, in order."""
    steps: int
    """Number of steps of the whole run."""
    deciders: Mapping[str, Any]
    """Settings that must be the same when the run is resumed."""
    described: Mapping[str, Any] = field(default_factory=dict)
    """Further values for run.json."""
    stage: str = STAGE
    """Kind of training."""
    report: Callable[[], Mapping[str, Any]] = field(default=dict, repr=False)
    """Returns metrics of the method for the rows of the last step, which the metrics have as `algorithm`."""


def learn(
    settings: SupervisedSettings,
    lessons: Lessons,
    trained: TrainedModel,
    resumed: ResumedRun | None,
    on_step: Observer,
    world: World | None = None,
) -> Path:
    """Take the remaining steps of a run and return the folder of its last checkpoint.

    Raises:
        TrainingError: The run has diverged.
        OSError: The folder of the run cannot be written.
    """
    learner = shared_learner(trained, settings, world, lr=settings.lr)
    step, loss_ema = 0, 0.0
    if resumed is not None:
        learner.load_optimizer(resumed.optimizer)
        step, loss_ema = resumed.state.step, float(resumed.state.progress["loss_ema"])
    model = {**trained.report(), **lessons.described}
    with RunFolder(
        settings, stage=lessons.stage, deciders=lessons.deciders, step=step, model=model
    ) as folder:
        return _take_steps(settings, lessons, (trained, learner, folder), (step, loss_ema), on_step)


def _take_steps(
    settings: SupervisedSettings,
    lessons: Lessons,
    parts: tuple[TrainedModel, Learner, RunFolder],
    begun: tuple[int, float],
    on_step: Observer,
) -> Path:
    """Take the remaining steps of a run."""
    trained, learner, folder = parts
    step, loss_ema = begun
    while step < lessons.steps:
        rows = lessons.rows_of(step)
        lr = scheduled_rate(settings, lr=settings.lr, step=step, steps=lessons.steps)
        try:
            metrics = _step(learner, rows, settings, lr)
        except TrainingError as error:
            raise folder.failed(step + 1, error, {}) from error
        step += 1
        loss_ema = metrics["loss"] if step == 1 else SMOOTHING * loss_ema + (1 - SMOOTHING) * metrics["loss"]
        metrics = {"step": step, **metrics, "lr": lr, "loss_ema": loss_ema}
        report = lessons.report()
        metrics |= {"algorithm": dict(report)} if report else {}
        folder.note(metrics)
        if folder.is_due(step, lessons.steps):
            folder.save(step, trained, learner.optimizer_state(), {"loss_ema": loss_ema})
        on_step(metrics)
    return find_checkpoint(settings.out)


def _step(learner: Learner, rows: Sequence[Row], settings: SupervisedSettings, lr: float) -> dict[str, Any]:
    """Take one optimizer step and return its metrics."""
    started = time.monotonic()
    chosen = UpdateSettings(
        grad_clip=settings.grad_clip, part_rows=settings.part_rows, part_tokens=settings.part_tokens
    )
    updated = learner.update(rows, chosen, lr=lr)
    return {
        "loss": updated.loss,
        "entropy": updated.entropy,
        "grad_norm": updated.grad_norm,
        "tokens": updated.tokens,
        "time_s": {"total": time.monotonic() - started},
    }
