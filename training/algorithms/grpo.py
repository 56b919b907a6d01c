"""Group relative policy optimization, with the group mean as baseline.

Advantages are not divided by the standard deviation of the group.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .algorithm import Algorithm, Group
from .framework.streams import group_rewards, write_advantages


def group_advantages(rewards: Tensor) -> Tensor:
    """Centre rewards within the group of rollouts of each problem.

    Args:
        rewards: float [P, G]. G >= 2 rollouts of each of P problems.

    Returns:
        float [P, G]. Each row sums to 0; a row of equal rewards is exactly 0 and gives no gradient.

    Raises:
        ValueError: The rewards are not a matrix with at least 2 columns.

    References:
        The group mean as baseline: arXiv 2402.03300, section 4.1.2. No division by the standard deviation of
        the group, which overweights problems that are almost always or never solved: arXiv 2503.20783.
    """
    if rewards.ndim != 2 or rewards.shape[1] < 2:
        raise ValueError(f"rewards must be [P, G] with G >= 2, got {list(rewards.shape)}")
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    equal = (rewards == rewards[:, :1]).all(dim=1, keepdim=True)
    # The mean of equal numbers may be rounded, which would give a tiny gradient instead of none.
    return torch.where(equal, torch.zeros_like(centred), centred)


def standardised_advantages(rewards: Tensor, *, eps: float = 1e-6) -> Tensor:
    """Centre rewards within the group of each problem and divide by the standard deviation of the group.

    Args:
        rewards: float [P, G]. G >= 2 rollouts of each of P problems.
        eps: Added to the standard deviation, so that rewards that differ only by rounding stay near 0.

    Returns:
        float [P, G]. Each row sums to 0; a row of equal rewards is exactly 0 and gives no gradient.

    Raises:
        ValueError: The rewards are not a matrix with at least 2 columns.

    References:
        GRPO, arXiv 2402.03300, section 4.1.2. The paper does not say which standard deviation it takes; this
        one divides by G - 1.
    """
    centred = group_advantages(rewards)
    return centred / (rewards.std(dim=1, keepdim=True) + eps)


class GRPO(Algorithm):
    """Gives each token of a reply the reward of its episode minus the mean reward of the group.

    Replies that were cut by the token limit count in the baseline but are not learned from, because their
    reward does not rate the tokens that were sampled. A group of fewer than two episodes has no baseline and
    no signal.

    References:
        arXiv 2402.03300; masking of truncated replies: DAPO, arXiv 2503.14476, section 3.4.
    """

    name = "grpo"

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(group.members) < 2:
            return group
        return write_advantages(group, group_advantages(group_rewards(group))[0])
