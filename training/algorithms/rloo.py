"""RLOO: the mean reward of the other episodes of the group as baseline.

Paper: "Back to Basics: Revisiting REINFORCE Style Optimization for Learning from Human Feedback in LLMs",
arXiv 2402.14740, section 3.3. With R the reward and y the reply, the gradient of the paper is

    1/k  sum_i  A_i  grad log pi(y_i),        A_i = R_i - 1/(k - 1) sum_{j != i} R_j.

The baseline of an episode does not depend on the episode, so the gradient is unbiased. A_i is k / (k - 1)
times the advantage of a baseline that includes the episode itself.

Departures from the paper:
    - The reward has no term for the divergence from a reference policy.
    - The trainer divides by the number of tokens in the batch instead of the number of episodes. That changes
      the length of the step, not the share of an episode in its direction.
    - The trainer's clipped surrogate replaces log pi. Its gradient is the same at the first optimizer step on
      a batch, where all ratios are 1.
    - Replies that were cut by the token limit count in the baseline but are not learned from.
"""

from __future__ import annotations

from torch import Tensor

from .algorithm import Algorithm, Group
from .framework.streams import group_rewards, write_advantages
from .grpo import group_advantages


def leave_one_out_advantages(rewards: Tensor) -> Tensor:
    """Subtract from each reward the mean of the other rewards of the group.

    Args:
        rewards: float [P, G]. G >= 2 rollouts of each of P problems.

    Returns:
        float [P, G]. Each row sums to 0; a row of equal rewards is exactly 0 and gives no gradient.

    Raises:
        ValueError: The rewards are not a matrix with at least 2 columns.

    References:
        arXiv 2402.14740, section 3.3.
    """
    # R - (sum - R) / (G - 1) = G / (G - 1) * (R - mean); this form is exactly 0 for equal rewards.
    centred = group_advantages(rewards)
    return centred * (rewards.shape[1] / (rewards.shape[1] - 1))


class RLOO(Algorithm):
    """Gives each token the reward of its episode minus the mean reward of the other episodes of the group.

    Args:
        group_size: Number of episodes per problem.

    References:
        arXiv 2402.14740.
    """

    name = "rloo"

    def __init__(self, *, group_size: int = 8) -> None:
        super().__init__(group_size=group_size)

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(group.members) < 2:
            return group
        return write_advantages(group, leave_one_out_advantages(group_rewards(group))[0])
