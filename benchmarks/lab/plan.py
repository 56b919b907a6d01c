"""The settings of a lab experiment and its presets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ...problems.families import Split

PresetName = Literal["smoke", "demo", "full", "gpu"]
# Families have as many small tests as large ones, so half coverage selects exactly the small tests.
LOW_COVERAGE, MIDDLE_COVERAGE, FULL_COVERAGE = 0.5, 0.75, 1.0
"""Coverages of the runs. Of six tests, low selects the three small ones, and middle all but a large one."""
SERVED_ALPHAS = (0.0, 0.5, 1.0)
"""Alphas of the merges that are also played over HTTP; each must be an alpha of the plan."""
MODE_ALPHAS = (0.0, 0.5, 1.0)
"""Alphas of the merges that are played in each of the three modes."""
MODE_SIZES = ("sft_steps", "rl_steps", "prompts", "problems", "samples")
EVALUATED = (Split.HELDOUT, Split.VALIDATION)


@dataclass(frozen=True, kw_only=True)
class LabPlan:
    """An experiment: a supervised start, reinforcement under two coverages, and merges of the results."""

    sft_steps: int
    sft_lr: float = 2e-3
    families: tuple[str, ...] = ()
    """Names of the families to train on; all unless given."""
    combinations: int = 0
    """Number of combinations of the families to train on; all when 0."""
    width: int
    """Width of the model."""
    rl_steps: int
    rl_lr: float
    prompts: int
    """Number of problems per step of reinforcement."""
    group: int
    """Number of episodes per problem and step."""
    alphas: tuple[float, ...]
    """Alphas of the merges; 0 is the low-coverage checkpoint, 1 the full-coverage checkpoint."""
    seeds: tuple[int, ...]
    """Seeds of the reinforcement runs; each seed has its own merges and evaluation."""
    problems: Mapping[str, int]
    """Number of evaluated problems by split."""
    samples: int
    """Number of evaluated episodes per problem and checkpoint."""
    served: Mapping[str, int]
    """Number of held-out `problems` that are also played over HTTP, and of `samples` of each."""
    middle: bool = False
    """Whether each seed also has a run under middle coverage, which is evaluated but not merged."""
    modes: Mapping[str, int] = field(default_factory=dict)
    """Sizes of the experiment in three modes: `sft_steps` of its start, `rl_steps` and `prompts` of its runs,
    and held-out `problems` and `samples` in each mode; empty for none."""

    model: Path | None = None
    """Checkpoint of a language model to start from, instead of a new model; `width` does not matter then."""
    device: str = "cpu"
    """Device of the model, for example `cpu` or `cuda`."""
    max_completion_tokens: int | None = None
    """Largest number of tokens in a reply of a language model."""

    def __post_init__(self) -> None:
        if self.model is not None and self.modes:
            raise ValueError("a language model is trained in mode single only: modes must be empty")
        if self.modes and set(self.modes) != set(MODE_SIZES):
            raise ValueError(f"modes must have {MODE_SIZES}, got {dict(self.modes)!r}")
        if not set(SERVED_ALPHAS) <= set(self.alphas):
            raise ValueError(f"alphas must include {SERVED_ALPHAS}, got {self.alphas!r}")
        if (
            self.served["problems"] > self.problems[Split.HELDOUT.value]
            or self.served["samples"] > self.samples
        ):
            raise ValueError(
                f"served problems and samples must be part of the evaluated ones, got {dict(self.served)!r}"
            )

    @property
    def digest(self) -> str:
        """The identity of the plan; an output folder belongs to one plan."""
        return hashlib.sha256(json.dumps(self.settings(), sort_keys=True).encode()).hexdigest()

    def settings(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        sizes = {"problems": dict(self.problems), "served": dict(self.served)}
        # Parts that a plan does not have are left out, so that they do not change its digest.
        parts: dict[str, Any] = {"middle": self.middle, "modes": dict(self.modes)}
        parts["model"] = None if self.model is None else self.model.name  # not its place, which may change
        parts["device"] = "" if self.device == "cpu" else self.device
        parts["max_completion_tokens"] = self.max_completion_tokens
        settings = {**asdict(self), **sizes}
        return {
            **{name: value for name, value in settings.items() if name not in parts},
            **{name: value for name, value in parts.items() if value},
        }


PRESETS: dict[PresetName, LabPlan] = {
    "smoke": LabPlan(
        sft_steps=150,
        sft_lr=6e-3,
        families=("pair-sums", "subarray-sums"),
        combinations=24,
        width=64,
        rl_steps=4,
        rl_lr=2e-4,
        prompts=8,
        group=4,
        alphas=(0.0, 0.5, 1.0, 1.5),
        seeds=(0,),
        problems={Split.HELDOUT.value: 8, Split.VALIDATION.value: 4},
        samples=4,
        served={"problems": 4, "samples": 4},
        middle=True,
    ),
    "demo": LabPlan(
        sft_steps=800,
        width=96,
        rl_steps=60,
        rl_lr=5e-5,
        prompts=16,
        group=8,
        alphas=(-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
        seeds=(0, 1, 2),
        problems={Split.HELDOUT.value: 80, Split.VALIDATION.value: 16},
        samples=8,
        served={"problems": 20, "samples": 4},
        middle=True,
        modes={"sft_steps": 500, "rl_steps": 30, "prompts": 12, "problems": 40, "samples": 6},
    ),
    "full": LabPlan(
        sft_steps=1300,
        width=256,
        rl_steps=200,
        rl_lr=2e-5,
        prompts=24,
        group=8,
        alphas=(-1.0, -0.5, -0.25, -0.1, 0.0, 0.25, 0.5, 0.75, 1.0, 1.1, 1.25, 1.5, 2.0),
        seeds=(0, 1, 2, 3, 4),
        problems={Split.HELDOUT.value: 400, Split.VALIDATION.value: 100},
        samples=32,
        served={"problems": 40, "samples": 4},
        middle=True,
        modes={"sft_steps": 1300, "rl_steps": 120, "prompts": 24, "problems": 120, "samples": 16},
    ),
    "gpu": LabPlan(
        sft_steps=100,
        sft_lr=2e-5,
        width=0,
        rl_steps=30,
        rl_lr=2e-6,
        prompts=16,
        group=8,
        alphas=(-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
        seeds=(0,),
        problems={Split.HELDOUT.value: 40, Split.VALIDATION.value: 8},
        samples=8,
        served={"problems": 4, "samples": 2},
        middle=True,
        device="cuda",
        max_completion_tokens=320,
    ),
}
"""Plans by preset; `gpu` needs a `model`."""
