"""The loss of an outer step: cross entropy of the marks with stable-max, and of the halting logit."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

HALT_WEIGHT = 0.5


def stable_max(values: Tensor) -> Tensor:
    """Return `x + 1` for x >= 0 and `1 / (1 - x)` below: positive, increasing, without an exponential."""
    above = values >= 0
    # The branch that is not taken must be finite too, since its gradient is multiplied by 0.
    below = torch.where(above, torch.zeros_like(values), values)
    return torch.where(above, values + 1, 1 / (1 - below))


def stable_max_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the cross entropy of each cell, with `stable_max` in place of the exponential of softmax.

    Args:
        logits: float [..., V].
        targets: int64 [...]: places of the right marks.

    Returns:
        float [...], in nats.

    References:
        Stable-max: arXiv 2501.04697.
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(f"targets must be {list(logits.shape[:-1])}, got {list(targets.shape)}")
    shares = stable_max(logits)
    chosen = shares.gather(-1, targets[..., None])[..., 0]
    return shares.sum(dim=-1).log() - chosen.log()


def equilibrium_loss(logits: Tensor, halt: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over rows of the mean cross entropy of their cells plus half that of the halting logit.

    The halting logit learns whether the answer is right now.

    Args:
        logits: float [B, L, V].
        halt: float [B].
        targets: int64 [B, L].

    References:
        arXiv 2605.21488, whose code sums over rows; AdamW does not see the difference but for `eps`.
    """
    right = (logits.argmax(dim=-1) == targets).all(dim=-1)
    marks = stable_max_cross_entropy(logits, targets).mean(dim=-1)
    halting = functional.binary_cross_entropy_with_logits(halt, right.to(halt.dtype), reduction="none")
    return (marks + HALT_WEIGHT * halting).mean()
