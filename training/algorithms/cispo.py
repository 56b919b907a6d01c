"""CISPO: clipped importance weights as constant factors of the log-probs; no token loses its gradient.

Paper: "MiniMax-M1: Scaling Test-Time Compute Efficiently with Lightning Attention", arXiv 2506.13585,
section 3.1. With r the ratio of current to old probability and sg the stop of the gradient, the loss of the
paper is (equations 4 and 5)

    - 1/(sum_i |o_i|)  sum_i sum_t  sg(clip(r_it, 1 - low, 1 + high)) A_i log pi(o_it),
    A_i = (R_i - mean(R)) / std(R).

The clipped surrogate of PPO gives a token no gradient once its ratio has left the bounds in the direction of
its advantage. CISPO only bounds the factor of the gradient.

Departures from the paper:
    - There is no lower bound. The paper has one in its equation and makes it too wide to matter.
    - The paper does not give its upper bound. The default of 1 + 4 is in the range of 4 to 8 in which
      arXiv 2510.13786 found little difference.
    - Replies that were cut by the token limit count in the baseline but are not learned from.
    - The correction for the probabilities of the sampler is that of `losses.policy_loss`.
    - 1e-6 is added to the standard deviation.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .algorithm import Algorithm, Group
from .framework.losses import MAX_LOG_RATIO, Clipping, PolicyLoss
from .framework.streams import group_rewards, write_advantages
from .grpo import group_advantages, standardised_advantages

CISPO_CLIPPING = Clipping(high=4.0)
"""Bounds of CISPO by default; the lower bound is not used."""


def cispo_loss(
    log_probs: Tensor,
    *,
    old_log_probs: Tensor,
    sampler_log_probs: Tensor,
    advantages: Tensor,
    weights: Tensor,
    clipping: Clipping = CISPO_CLIPPING,
) -> PolicyLoss:
    """Sum the log-probs over tokens, each multiplied by its advantage and its clipped importance weight.

    Args:
        log_probs: float [B, T] with gradient: log-probs of the current policy.
        old_log_probs: float [B, T]: log-probs of the policy before the first update on this batch.
        sampler_log_probs: float [B, T]: log-probs of the same weights as the sampler computed them.
        advantages: float [B, T].
        weights: float [B, T]: weights of the tokens; a token of weight 0 is left out.
        clipping: `high` is the bound on the importance weights, and `importance_cap` the bound on the
            correction for the sampler. `low` is not used.

    Returns:
        The loss. `clipped_high` is the number of tokens whose importance weight was clipped, whatever the
        sign of the advantage; `clipped_low` is always 0. The value of the loss depends on the log-probs
        themselves, so it does not measure progress.

    Raises:
        ValueError: The shapes differ.

    References:
        arXiv 2506.13585, equations 4 and 5.
    """
    streams = (log_probs, old_log_probs, sampler_log_probs, advantages, weights)
    if len({tuple(stream.shape) for stream in streams}) != 1:
        raise ValueError(f"all streams must have one shape, got {sorted({tuple(s.shape) for s in streams})}")
    kept = weights != 0
    # Values at tokens of weight 0 are replaced first: times 0 in the gradient, infinity would give NaN.
    current, old, sampler, advantage = (torch.where(kept, stream, 0.0) for stream in streams[:4])
    ratio = (current.detach() - old).clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO).exp()
    mismatch = (old - sampler).detach().clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO).exp()
    factor = ratio.clamp(max=1 + clipping.high) * mismatch.clamp(max=clipping.importance_cap)
    return PolicyLoss(
        total=-(weights * factor * advantage * current).sum(),
        clipped_low=0,
        clipped_high=int((kept & (ratio > 1 + clipping.high)).sum()),
        capped=int((kept & (mismatch > clipping.importance_cap)).sum()),
    )


class CISPO(Algorithm):
    """Gives each token the standardised reward of its episode and learns by `cispo_loss`.

    Args:
        group_size: Number of episodes per problem.
        scale_by_std: Whether to divide by the standard deviation of the group.
        high: The importance weight of a token is at most 1 + high.
        importance_cap: Largest weight of a token that the sampler found less likely than the trainer.

    Raises:
        ValueError: `group_size` is below 1, `high` is not positive, or `importance_cap` is below 1.

    References:
        arXiv 2506.13585, section 3.1.
    """

    name = "cispo"
    surrogate = staticmethod(cispo_loss)
    clipping = CISPO_CLIPPING

    def __init__(
        self,
        *,
        group_size: int = 8,
        scale_by_std: bool = True,
        high: float = CISPO_CLIPPING.high,
        importance_cap: float = CISPO_CLIPPING.importance_cap,
    ) -> None:
        super().__init__(group_size=group_size)
        self.scale_by_std = scale_by_std
        self.clipping = Clipping(high=high, importance_cap=importance_cap)

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(group.members) < 2:
            return group
        estimate = standardised_advantages if self.scale_by_std else group_advantages
        return write_advantages(group, estimate(group_rewards(group))[0])
