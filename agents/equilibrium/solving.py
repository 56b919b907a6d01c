"""Inference: several restarts, each iterated to a depth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .network import EquilibriumNetwork
from .selection import logit_change


@dataclass(frozen=True, kw_only=True)
class Restarts:
    """The iterations of B restarts on P puzzles over D outer steps."""

    logits: Tensor
    """float32 [P, D, B, L, V]."""
    residuals: Tensor
    """float32 [P, D, B]: root mean square of the change of the latent states in each step."""
    halts: Tensor
    """float32 [P, D, B]: logits that the answer is right."""

    def answers(self, depth: int) -> Tensor:
        """Return the answers after some steps, int64 [P, B, L]."""
        return self.logits[:, depth - 1].argmax(dim=-1)

    def changes(self, depth: int) -> Tensor:
        """Return the scores of convergence after some steps, float32 [P, B]."""
        return torch.stack([logit_change(each) for each in self.logits[:, :depth]])


def solve(
    network: EquilibriumNetwork, puzzles: Tensor, *, depth: int, breadth: int = 1, seed: int = 0
) -> Restarts:
    """Iterate a network on puzzles; halting is not used, every restart takes all steps.

    Args:
        network: The network; its mode (training or not) does not matter.
        puzzles: int64 [P, L].
        depth: Number of outer steps, D.
        breadth: Number of restarts, B. They differ by their initial states and noise.
        seed: Seed of initial states and noise. They depend on the number of puzzles and restarts too.

    Raises:
        ValueError: The shape does not fit the network, or depth or breadth is below 1.
    """
    if puzzles.ndim != 2 or puzzles.shape[1] != network.config.cells:
        raise ValueError(f"puzzles must be [P, {network.config.cells}], got {list(puzzles.shape)}")
    for name, value in (("depth", depth), ("breadth", breadth)):
        if type(value) is not int or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    generator = torch.Generator().manual_seed(seed)
    count = len(puzzles)
    rows = puzzles.repeat_interleave(breadth, dim=0)
    logits, residuals, halts = [], [], []
    with torch.inference_mode():
        state = network.start(len(rows), generator)
        for _ in range(depth):
            thought = network.step(state, rows, generator)
            state = thought.state
            logits.append(thought.logits)
            residuals.append(thought.residual)
            halts.append(thought.halt)
    logits_of, residuals_of, halts_of = (
        torch.stack(steps).reshape(depth, count, breadth, *steps[0].shape[1:]).transpose(0, 1).clone()
        for steps in (logits, residuals, halts)
    )
    return Restarts(logits=logits_of, residuals=residuals_of, halts=halts_of)
