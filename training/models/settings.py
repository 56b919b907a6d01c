"""The settings of a model in training and of its optimizer, checked when they are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Precision = Literal["fp32", "bf16"]
Schedule = Literal["constant", "linear", "cosine"]
ALL_LINEAR = "all-linear"


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """The settings of a model in training and of its optimizer."""

    precision: Precision = "fp32"
    """Number format in which the model computes. Optimizer and checkpoints hold float32 weights in both."""
    fp32_head: bool = True
    """Compute the last layer, which gives the logits, in float32 even if the precision is bf16."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass instead of keeping them: less memory, more time."""
    part_rows: int = 16
    """Largest number of rows that go through the model at a time in an update; gradients are accumulated over
    the parts of a batch. The number affects memory and rounding only."""
    part_tokens: int | None = None
    """Largest number of tokens, with padding, that go through the model at a time in an update; a longer row
    makes up a part alone. With shared prefixes, a prompt counts once. No limit unless given."""
    lora_rank: int = 0
    """Rank of the low-rank adapters that are trained instead of all weights; 0 trains all weights. Needs the
    extra `lora`."""
    lora_alpha: float | None = None
    """Scale of the adapters: their product is multiplied by alpha / rank. Twice the rank unless given."""
    lora_targets: tuple[str, ...] = (ALL_LINEAR,)
    """Names of the layers that get an adapter, such as `q_proj`; `all-linear` means every linear layer except
    the last layer of the model."""
    betas: tuple[float, float] = (0.9, 0.95)
    """Decay rates of the two running means of AdamW, each in [0, 1)."""
    weight_decay: float = 0.0
    """Weight decay of AdamW."""
    warmup: int = 0
    """Number of steps in which the learning rate rises linearly to `lr`."""
    schedule: Schedule = "constant"
    """Course of the learning rate after the warm-up, until the last step."""
    lr_floor: float = 0.1
    """Learning rate at the end of a linear or cosine schedule, as a share of `lr`, in [0, 1]."""

    def __post_init__(self) -> None:
        check_choice("precision", self.precision, ("fp32", "bf16"))
        check_choice("schedule", self.schedule, ("constant", "linear", "cosine"))
        check_whole("part_rows", self.part_rows, at_least=1)
        if self.part_tokens is not None:
            check_whole("part_tokens", self.part_tokens, at_least=1)
        check_whole("warmup", self.warmup, at_least=0)
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas must be two numbers in [0, 1), got {self.betas!r}")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be at least 0, got {self.weight_decay!r}")
        if not 0 <= self.lr_floor <= 1:
            raise ValueError(f"lr_floor must be in [0, 1], got {self.lr_floor!r}")
        self._check_lora()

    def _check_lora(self) -> None:
        check_whole("lora_rank", self.lora_rank, at_least=0)
        if self.lora_alpha is not None:
            check_positive("lora_alpha", self.lora_alpha)
        if not self.lora_targets or not all(self.lora_targets):
            raise ValueError(f"lora_targets must name at least one layer, got {self.lora_targets!r}")
        if ALL_LINEAR in self.lora_targets and len(self.lora_targets) > 1:
            raise ValueError(f"lora_targets: {ALL_LINEAR!r} includes all others, got {self.lora_targets!r}")
        if not self.lora_rank and (self.lora_alpha is not None or self.lora_targets != (ALL_LINEAR,)):
            raise ValueError("lora_alpha and lora_targets need a lora_rank of at least 1")


def check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise ValueError unless the value is one of the allowed values."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")


def check_whole(name: str, value: object, *, at_least: int) -> None:
    """Raise ValueError unless the value is an integer of at least `at_least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}")


def check_positive(name: str, value: float) -> None:
    """Raise ValueError unless the value is a positive number."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive number, got {value!r}")
