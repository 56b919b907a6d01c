"""RAFT: cross-entropy on the rewarded replies alone, without a baseline and without negative replies.

Paper: "RAFT: Reward rAnked FineTuning for Generative Foundation Model Alignment", arXiv 2304.06767. Of the
replies that the current policy samples to a problem, those with the highest rewards are learned by maximum
likelihood; the others are discarded. As a recipe for verifiers ("positives only"): arXiv 2601.12186.

Departures from the paper:
    - Every reply whose reward reaches `least_reward` is learned, not only the best one of a problem; with
      rewards of 0 and 1 the best ones are equal.
    - Batches are on-policy: they are sampled with the weights that learn from them.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from ..rows import CE, RL
from .algorithm import Algorithm, Group


class RAFT(Algorithm):
    """Learns by cross-entropy from each reply whose reward is at least `least_reward`.

    Replies that were cut by the token limit are not learned from. Groups whose replies are all right have
    signal, unlike in methods with a baseline.

    Args:
        group_size: Number of episodes per problem.
        least_reward: Reward from which a reply is learned.

    References:
        arXiv 2304.06767, algorithm 1.
    """

    name = "raft"

    def __init__(self, *, group_size: int = 8, least_reward: float = 1.0) -> None:
        super().__init__(group_size=group_size)
        self.least_reward = least_reward

    def score_group(self, group: Group) -> Group:
        """Return the group with weights for cross-entropy on the tokens of its rewarded replies."""
        rows = []
        for row in group.rows:
            learned = row.reward >= self.least_reward and not row.truncated
            nothing = torch.zeros_like(row.weights[RL])
            rows.append(
                replace(row, weights={RL: nothing, CE: row.loss_mask.float() if learned else nothing})
            )
        return group.with_rows(rows)
