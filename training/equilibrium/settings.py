"""The settings of the training of an equilibrium reasoner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...problems.families.puzzles import grid_family
from ..models.settings import Schedule, check_whole
from ..settings import SupervisedSettings


@dataclass(frozen=True, kw_only=True)
class EquilibriumSettings(SupervisedSettings):
    """Training of a new equilibrium reasoner on the training part of a family of grids."""

    family: str = "sudoku-4"
    """Family of grids: `sudoku-4`, `sudoku-6`, `sudoku-9`, `maze-9`, `maze-13` or `maze-17`."""
    puzzles: int = 1000
    """Number of puzzles. Each use of a puzzle takes an image of it under a random symmetry."""
    steps: int = 3000
    """Number of optimizer steps. Each takes one outer step of every puzzle in the batch."""
    batch: int = 128
    """Number of puzzles per step."""
    segments: int = 8
    """Largest number of outer steps on a puzzle before another takes its place."""
    explore: float = 0.1
    """Probability that a puzzle keeps its place for a random number of steps, even if the network finds it
    solved."""
    width: int = 64
    """Numbers per cell in each latent state."""
    layers: int = 2
    """Layers of the block."""
    mixing: Literal["cells", "attention"] = "cells"
    """How cells see each other: by a gated linear layer over all cells, or by attention."""
    heads: int = 4
    """Attention heads, if cells are mixed by attention."""
    h_cycles: int = 3
    """Updates of the high state in an outer step; gradients flow through the last cycle only."""
    l_cycles: int = 2
    """Updates of the low state before each update of the high state."""
    damping: float = 0.05
    """Share of a state that an update keeps, in [0, 1)."""
    noise: float = 0.01
    """Standard deviation of the noise that each update adds."""
    random_start: bool = True
    """Start from random states instead of a fixed vector."""
    tied: bool = True
    """Use one block for all updates; otherwise each update of an outer step has its own."""
    ema: float = 0.999
    """Decay of the moving average of the weights, which is what a checkpoint holds, in [0, 1)."""
    lr: float = 1e-3
    """Highest learning rate."""
    warmup: int = 100
    """Number of steps in which the learning rate rises linearly to `lr`."""
    schedule: Schedule = "constant"
    """Course of the learning rate after the warm-up, until the last step."""
    weight_decay: float = 0.1
    """Weight decay of AdamW."""
    checkpoint_every: int = 500
    """Number of steps between checkpoints; the last step always has a checkpoint."""

    def __post_init__(self) -> None:
        super().__post_init__()
        grid_family(self.family)
        for name in ("puzzles", "steps", "segments", "width", "layers", "heads", "h_cycles", "l_cycles"):
            check_whole(name, getattr(self, name), at_least=1)
        for name in ("explore", "ema", "damping"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ValueError(f"{name} must be in [0, 1), got {value!r}")
        if self.noise < 0:
            raise ValueError(f"noise must be at least 0, got {self.noise!r}")
        if self.lora_rank or self.precision != "fp32":
            raise ValueError(
                "a new reasoner is trained in full and in fp32: leave out lora_rank and precision"
            )
