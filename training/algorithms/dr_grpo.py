"""Dr. GRPO: no division by the standard deviation, and a loss divided by a constant length.

Paper: "Understanding R1-Zero-Like Training: A Critical Perspective", arXiv 2503.20783, section 3.2. With R
the reward and o the reply, the gradient of the paper on a batch of B episodes is

    1/B  sum_i  1/L  sum_t  A_i  grad log pi(o_it),        A_i = R_i - mean(R of the group).

GRPO divides by the length of the reply instead of a constant L, which favours short replies that succeed and
long replies that fail.

Departures from the paper:
    - The trainer divides the sum over tokens by the number of tokens in the batch. `DrGRPO` multiplies the
      weights of the tokens so that the quotient is the sum above.
    - B counts only episodes of groups with signal, because other groups are replaced by the trainer.
    - Replies that were cut by the token limit count in the baseline and in B but are not learned from.
    - Clipping of the ratios is DAPO's, with different bounds on both sides, and replies to all turns of an
      episode count as one reply.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..rows import RL, token_counts
from .algorithm import Algorithm, Group
from .framework.streams import group_rewards, scale_weights, write_advantages
from .grpo import group_advantages


def constant_length_weight(tokens: int, *, episodes: int, length: int) -> float:
    """Return the weight of a token that turns the mean over tokens into a sum over episodes / (B * L).

    Args:
        tokens: Number of tokens that the trainer divides the loss by.
        episodes: Number B of episodes in the batch.
        length: Length L that the loss of an episode is divided by.

    Raises:
        ValueError: `episodes` or `length` is below 1, or `tokens` is negative.
    """
    if episodes < 1 or length < 1 or tokens < 0:
        raise ValueError(
            "episodes and length must be at least 1 and tokens at least 0, "
            f"got {episodes!r}, {length!r} and {tokens!r}"
        )
    return tokens / (episodes * length)


class DrGRPO(Algorithm):
    """Gives each token the reward of its episode minus the group mean, and divides the loss by a constant.

    Args:
        group_size: Number of episodes per problem.
        length: Length that the loss of an episode is divided by, in tokens. The paper takes the largest
            number of tokens in a reply.

    Raises:
        ValueError: `group_size` or `length` is below 1.

    References:
        arXiv 2503.20783, section 3.2.
    """

    name = "dr_grpo"

    def __init__(self, *, group_size: int = 8, length: int = 192) -> None:
        super().__init__(group_size=group_size)
        if length < 1:
            raise ValueError(f"length must be at least 1, got {length!r}")
        self.length = length

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(group.members) < 2:
            return group
        return write_advantages(group, group_advantages(group_rewards(group))[0])

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Return the groups with weights that replace the mean over tokens by a constant length."""
        rows = [row for group in groups for row in group.rows]
        if not rows:
            return groups
        tokens = token_counts(rows).get(RL, 0)
        weight = constant_length_weight(tokens, episodes=len(rows), length=self.length)
        return scale_weights(groups, lambda _: weight)
