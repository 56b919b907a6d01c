"""GSPO: one importance ratio per reply, the geometric mean of the ratios of its tokens.

Paper: "Group Sequence Policy Optimization", arXiv 2507.18071. With y the reply, the loss of the paper is
(equations 5 to 7)

    - 1/G  sum_i  min(s_i A_i, clip(s_i, 1 - low, 1 + high) A_i),
    s_i = (pi(y_i) / pi_old(y_i)) ^ (1 / |y_i|),        A_i = (R_i - mean(R)) / std(R).

`gspo_loss` is the token form of the paper (equations 13 and 14). It has the same value and gradient when all
tokens of a reply have the same advantage, and it also allows different advantages within a reply. The ratio
of token t has the value s_i and the gradient s_i grad log pi(y_it); the loss of a reply is the mean over its
tokens.

Departures from the paper:
    - The trainer divides the sum over tokens by the number of tokens in the batch. `GSPO` multiplies the
      weights of the tokens so that the quotient is the mean over replies of the mean over tokens.
    - The mean over replies covers only replies that are learned from. Replies that were cut by the token
      limit count in the baseline but are not learned from.
    - All replies of an episode count as one reply.
    - The correction for the probabilities of the sampler is per token, as in `losses.policy_loss`; the paper
      has none.
    - 1e-6 is added to the standard deviation.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .algorithm import Algorithm, Group
from .framework.losses import MAX_LOG_RATIO, Clipping, PolicyLoss
from .framework.streams import group_rewards, learned_tokens, scale_weights, write_advantages
from .grpo import group_advantages, standardised_advantages

GSPO_CLIPPING = Clipping(low=3e-4, high=4e-4)
"""Default bounds of GSPO, from section 5.1 of the paper. They are narrow because a mean over many tokens
changes less than the log-prob of a token."""


def gspo_loss(
    log_probs: Tensor,
    *,
    old_log_probs: Tensor,
    sampler_log_probs: Tensor,
    advantages: Tensor,
    weights: Tensor,
    clipping: Clipping = GSPO_CLIPPING,
) -> PolicyLoss:
    """Sum the clipped surrogate over tokens, with one ratio for all tokens of a row.

    Args:
        log_probs: float [B, T] with gradient: log-probs of the current policy. A row is one reply.
        old_log_probs: float [B, T]: log-probs of the policy before the first update on this batch.
        sampler_log_probs: float [B, T]: log-probs of the same weights as the sampler computed them.
        advantages: float [B, T].
        weights: float [B, T]: weights of the tokens; a token of weight 0 is left out, also of the ratio.
        clipping: The bounds on the ratios of rows, and on the correction for the sampler.

    Returns:
        The loss. A token counts as clipped if the ratio of its row is out of bounds and its gradient is 0.

    Raises:
        ValueError: The shapes differ, or they are not matrices.

    References:
        arXiv 2507.18071, equations 13 and 14.
    """
    streams = (log_probs, old_log_probs, sampler_log_probs, advantages, weights)
    shapes = sorted({tuple(stream.shape) for stream in streams})
    if len(shapes) != 1 or len(shapes[0]) != 2:
        raise ValueError(f"all streams must have one shape [B, T], got {shapes}")
    kept = weights != 0
    # Values at tokens of weight 0 are replaced first: times 0 in the gradient, infinity would give NaN.
    current, old, sampler, advantage = (torch.where(kept, stream, 0.0) for stream in streams[:4])
    lengths = kept.sum(dim=1, keepdim=True).clamp(min=1)
    mean = (current.detach() - old).sum(dim=1, keepdim=True) / lengths
    # The second factor is 1; it carries the gradient of the token's own log-prob.
    ratio = mean.clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO).exp() * (current - current.detach()).exp()
    bounded = ratio.clamp(1 - clipping.low, 1 + clipping.high)
    surrogate = torch.minimum(ratio * advantage, bounded * advantage)
    mismatch = (old - sampler).detach().clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO).exp()
    return PolicyLoss(
        total=-(weights * mismatch.clamp(max=clipping.importance_cap) * surrogate).sum(),
        clipped_low=int((kept & (ratio < 1 - clipping.low) & (advantage < 0)).sum()),
        clipped_high=int((kept & (ratio > 1 + clipping.high) & (advantage > 0)).sum()),
        capped=int((kept & (mismatch > clipping.importance_cap)).sum()),
    )


class GSPO(Algorithm):
    """Gives each token the standardised reward of its episode and learns by `gspo_loss`.

    Args:
        group_size: Number of episodes per problem.
        scale_by_std: Whether to divide by the standard deviation of the group.
        low: A ratio below 1 - low gives no gradient when the advantage is negative.
        high: A ratio above 1 + high gives no gradient when the advantage is positive.
        importance_cap: Largest weight of a token that the sampler found less likely than the trainer.

    Raises:
        ValueError: `group_size` is below 1, `low` is not in (0, 1), `high` is not positive, or
            `importance_cap` is below 1.

    References:
        arXiv 2507.18071.
    """

    name = "gspo"
    surrogate = staticmethod(gspo_loss)
    clipping = GSPO_CLIPPING

    def __init__(
        self,
        *,
        group_size: int = 8,
        scale_by_std: bool = True,
        low: float = GSPO_CLIPPING.low,
        high: float = GSPO_CLIPPING.high,
        importance_cap: float = GSPO_CLIPPING.importance_cap,
    ) -> None:
        super().__init__(group_size=group_size)
        self.scale_by_std = scale_by_std
        self.clipping = Clipping(low=low, high=high, importance_cap=importance_cap)

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(group.members) < 2:
            return group
        estimate = standardised_advantages if self.scale_by_std else group_advantages
        return write_advantages(group, estimate(group_rewards(group))[0])

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Return the groups with weights that make each reply count the same, whatever its length."""
        lengths = [learned_tokens(row) for group in groups for row in group.rows]
        tokens, replies = sum(lengths), sum(length > 0 for length in lengths)
        return scale_weights(groups, lambda row: tokens / (max(replies, 1) * max(learned_tokens(row), 1)))
