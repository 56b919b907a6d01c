"""The loss of direct preference optimization (DPO), and the same gradient as advantages of tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class PairScores:
    """Log-probs of whole replies, summed over their tokens, for P pairs."""

    chosen: Tensor
    """float [P]: log-probs of the better replies under the policy."""
    rejected: Tensor
    """float [P]: log-probs of the worse replies under the policy."""
    chosen_reference: Tensor
    """float [P]: log-probs of the better replies under the reference."""
    rejected_reference: Tensor
    """float [P]: log-probs of the worse replies under the reference."""

    def __post_init__(self) -> None:
        shapes = {
            tuple(each.shape)
            for each in (self.chosen, self.rejected, self.chosen_reference, self.rejected_reference)
        }
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"the log-probs of pairs must all be [P], got {sorted(shapes)}")

    def margins(self, beta: float) -> Tensor:
        """Return float [P]: the difference of the implicit rewards of both replies."""
        better = self.chosen - self.chosen_reference
        worse = self.rejected - self.rejected_reference
        return beta * (better - worse)


def dpo_loss(scores: PairScores, *, beta: float) -> Tensor:
    """Return the loss of each pair, `-log sigmoid(margin)`: float [P].

    Args:
        scores: Log-probs of the replies.
        beta: Strength of the bond to the reference; positive.

    Raises:
        ValueError: `beta` is not positive.

    References:
        arXiv 2305.18290, equation 7.
    """
    if not beta > 0:
        raise ValueError(f"beta must be positive, got {beta!r}")
    return -torch.nn.functional.logsigmoid(scores.margins(beta))


def dpo_advantages(scores: PairScores, *, beta: float) -> Tensor:
    """Return the derivative of the negative loss by the log-prob of the better reply: float [P], positive.

    That of the worse reply is its opposite. With these numbers as advantages, the gradient of the policy
    loss at ratios of 1 is the gradient of the sum of `dpo_loss`.

    Raises:
        ValueError: `beta` is not positive.

    References:
        arXiv 2305.18290, section 4, the gradient of the loss.
    """
    if not beta > 0:
        raise ValueError(f"beta must be positive, got {beta!r}")
    return beta * torch.sigmoid(-scores.margins(beta))
