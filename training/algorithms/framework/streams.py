"""What several algorithms share: advantages of whole episodes, and weights of whole rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ...rows import RL, Row
from ..algorithm import Group


def group_rewards(group: Group) -> Tensor:
    """Return the rewards of a group as float64 [1, G]."""
    return torch.tensor([group.rewards], dtype=torch.float64)


def write_advantages(group: Group, advantages: Tensor, *, learn_truncated: bool = False) -> Group:
    """Return the group with the advantage of each episode on the tokens that the policy sampled.

    Args:
        group: The group, which is not changed.
        advantages: float [G]. Advantage of each episode.
        learn_truncated: Whether replies that were cut by the token limit are learned from. Otherwise the
            weights of their rows become 0.

    Raises:
        ValueError: There is not one advantage per episode.
    """
    if advantages.shape != (len(group.members),):
        raise ValueError(f"advantages must be [{len(group.members)}], got {list(advantages.shape)}")
    rows = []
    for row, advantage in zip(group.rows, advantages.float(), strict=True):
        learned = row.weights[RL] * (learn_truncated or not row.truncated)
        rows.append(replace(row, advantages=advantage * row.loss_mask, weights={**row.weights, RL: learned}))
    return group.with_rows(rows)


def learned_tokens(row: Row) -> int:
    """Return the number of tokens of a row that reinforcement learns from.

    The first token does not count, because nothing predicts it.
    """
    return int((row.weights[RL][1:] != 0).sum())


def scale_weights(groups: Sequence[Group], factor: Callable[[Row], float]) -> list[Group]:
    """Return the groups with the weights of each row multiplied by a factor of that row."""
    return [
        group.with_rows(
            [replace(row, weights={**row.weights, RL: row.weights[RL] * factor(row)}) for row in group.rows]
        )
        for group in groups
    ]
