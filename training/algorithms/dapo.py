"""DAPO: different clipping bounds on both sides, dynamic sampling, token-level loss, length penalty.

Paper: "DAPO: An Open-Source LLM Reinforcement Learning System at Scale", arXiv 2503.14476. With r the ratio
of current to old probability, the loss of the paper is (equations 8 and 9)

    - 1/(sum_i |o_i|)  sum_i sum_t  min(r_it A_i, clip(r_it, 1 - low, 1 + high) A_i),
    A_i = (R_i - mean(R)) / std(R),

over groups that are neither all solved nor all failed. The trainer provides the clipped surrogate
(`losses.policy_loss` with the bounds 0.2 and 0.28), the mean over all tokens of a batch, and the sampling of
further problems for groups without signal. This module adds the standardised advantages and the penalty of
equation 13.

Departures from the paper:
    - The trainer replaces groups without signal for a bounded number of rounds, so a batch may stay smaller.
    - Without a penalty, replies that were cut by the token limit count in the baseline but are not learned
      from (the paper's overlong filtering). With a penalty they are learned from.
    - In episodes with several replies, the longest reply decides the penalty, because the token limit holds
      for each reply.
    - 1e-6 is added to the standard deviation.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..rows import Row
from .algorithm import Algorithm, Group
from .framework.streams import group_rewards, write_advantages
from .grpo import group_advantages, standardised_advantages


def overlong_penalty(lengths: Tensor, *, max_length: int, buffer: int) -> Tensor:
    """Return the soft penalty for long replies, which is added to the reward.

    Args:
        lengths: int or float, any shape. Number of tokens of each reply.
        max_length: Largest number of tokens of a reply.
        buffer: Number of tokens below `max_length` over which the penalty grows from 0 to -1.

    Returns:
        float64 in the shape of `lengths`: 0 up to `max_length - buffer` tokens, -1 from `max_length` on, and
        a linear interpolation in between.

    Raises:
        ValueError: `buffer` is not in 1..`max_length`, or a length is negative.

    References:
        arXiv 2503.14476, equation 13.
    """
    if not 1 <= buffer <= max_length:
        raise ValueError(f"buffer must be in 1..max_length = {max_length!r}, got {buffer!r}")
    if bool((lengths < 0).any()):
        raise ValueError(f"lengths must not be negative, got {float(lengths.min())!r}")
    return ((max_length - buffer - lengths.double()) / buffer).clamp(-1, 0)


def longest_reply(row: Row) -> int:
    """Return the number of tokens of the longest reply in a row; 0 if the policy sampled nothing."""
    sampled = row.turn_ids[row.loss_mask]
    return int(sampled.bincount().max()) if len(sampled) else 0


class DAPO(Algorithm):
    """Gives each token the standardised reward of its episode, with an optional penalty for long replies.

    A group whose rewards without the penalty are all equal has no signal, even if its replies differ in
    length.

    Args:
        group_size: Number of episodes per problem.
        scale_by_std: Whether to divide by the standard deviation of the group.
        max_length: Largest number of tokens of a reply, at which the penalty is -1; None for no penalty.
        buffer_share: Share of `max_length` over which the penalty grows from 0 to -1. The paper takes 4096 of
            20480 tokens.

    Raises:
        ValueError: `group_size` or `max_length` is below 1, or `buffer_share` is not in (0, 1].

    References:
        arXiv 2503.14476.
    """

    name = "dapo"

    def __init__(
        self,
        *,
        group_size: int = 8,
        scale_by_std: bool = True,
        max_length: int | None = None,
        buffer_share: float = 0.2,
    ) -> None:
        super().__init__(group_size=group_size)
        if max_length is not None and max_length < 1:
            raise ValueError(f"max_length must be at least 1, got {max_length!r}")
        if not 0 < buffer_share <= 1:
            raise ValueError(f"buffer_share must be in (0, 1], got {buffer_share!r}")
        self.scale_by_std = scale_by_std
        self.max_length = max_length
        self.buffer_share = buffer_share

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(set(group.rewards)) < 2:
            return group  # all solved or all failed, which also covers a single episode
        rewards = group_rewards(group) + self._penalties(group)
        advantages = (standardised_advantages if self.scale_by_std else group_advantages)(rewards)[0]
        return write_advantages(group, advantages, learn_truncated=self.max_length is not None)

    def _penalties(self, group: Group) -> Tensor:
        lengths = torch.tensor([[longest_reply(row) for row in group.rows]])
        if self.max_length is None:
            return torch.zeros(lengths.shape, dtype=torch.float64)
        buffer = max(1, round(self.buffer_share * self.max_length))
        return overlong_penalty(lengths, max_length=self.max_length, buffer=buffer)
