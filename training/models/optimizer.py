"""The optimizer, and the learning rate of each step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .settings import ModelSettings, Schedule


def make_optimizer(weights: Sequence[Tensor], settings: ModelSettings, *, lr: float) -> torch.optim.AdamW:
    """Return AdamW over weights, which must be float32."""
    return torch.optim.AdamW(weights, lr=lr, betas=settings.betas, weight_decay=settings.weight_decay)


def learning_rate(
    step: int, *, steps: int, warmup: int, highest: float, schedule: Schedule = "cosine", floor: float = 0.1
) -> float:
    """Return the learning rate of a step: a linear warm-up, then the schedule.

    Args:
        step: Number of the step, from 0.
        steps: Number of steps of the run, at which a schedule reaches its floor.
        warmup: Number of steps of the warm-up, after which the rate is `highest`.
        highest: Highest learning rate.
        schedule: Course after the warm-up.
        floor: Learning rate at the end of a linear or cosine schedule, as a share of `highest`.
    """
    if step < warmup:
        return highest * (step + 1) / warmup
    if schedule == "constant":
        return highest
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    left = (1 + math.cos(math.pi * progress)) / 2 if schedule == "cosine" else 1 - progress
    return highest * (floor + (1 - floor) * left)


def scheduled_rate(settings: ModelSettings, *, lr: float, step: int, steps: int) -> float:
    """Return the learning rate of a step, counted from 0, by the schedule of the settings."""
    return learning_rate(
        step,
        steps=steps,
        warmup=settings.warmup,
        highest=lr,
        schedule=settings.schedule,
        floor=settings.lr_floor,
    )
