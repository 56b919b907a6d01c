"""Which rollouts are sampled again within the budget of a batch, and the advantages that follow."""

from __future__ import annotations

import torch
from torch import Tensor

from ..grpo import group_advantages, standardised_advantages
from .calls import check_shapes


def triggered(rewards: Tensor, called: Tensor, *, success: float = 1.0) -> Tensor:
    """Return which groups have rollouts that call a tool, all of which are wrong: bool [P].

    Args:
        rewards: float [P, G].
        called: bool [P, G]: rollouts that call a tool; false for padding.
        success: Reward from which on a rollout is right.

    Raises:
        ValueError: The shapes are not [P, G] or differ.
    """
    check_shapes("[P, G]", rewards, called)
    return called.any(dim=1) & ~(called & (rewards >= success)).any(dim=1)


def source_count(rollouts: float, *, share: float = 0.25, continuations: int = 4) -> int:
    """Return how many prefixes the budget of a batch pays for: the share of its rollouts, in whole groups."""
    # The small number is for quotients that are rounded to just below a whole number.
    return int(share * rollouts / continuations + 1e-9)


def choose_sources(probabilities: Tensor, candidates: Tensor, *, count: int, rank: bool = True) -> Tensor:
    """Choose rollouts, bool [P, G]: breadth first over the groups, the most uncertain calls first.

    Args:
        probabilities: float [P, G]: mean probability of the call of each rollout. Values of rollouts that are
            not candidates are not looked at.
        candidates: bool [P, G]: rollouts of triggered groups that can be sampled again.
        count: Largest number of rollouts to choose.
        rank: Whether the probabilities decide; otherwise the order of the rollouts.

    Raises:
        ValueError: The shapes are not [P, G] or differ, or a candidate has no probability.
    """
    check_shapes("[P, G]", probabilities, candidates)
    if bool((candidates & probabilities.isnan()).any()):
        raise ValueError("each candidate must have a probability")
    keys = []
    for group, (values, wanted) in enumerate(zip(probabilities.tolist(), candidates.tolist(), strict=True)):
        members = sorted(
            (value if rank else 0.0, place) for place, value in enumerate(values) if wanted[place]
        )
        # A group's best candidate is in the first round, its second-best in the second.
        keys += [(turn, value, group, place) for turn, (value, place) in enumerate(members)]
    chosen = torch.zeros_like(candidates)
    for _, _, group, member in sorted(keys)[: max(count, 0)]:
        chosen[group, member] = True
    return chosen


def relative_advantages(rewards: Tensor, *, scale_by_std: bool = True, eps: float = 1e-6) -> Tensor:
    """Centre rewards [S, K] within each group of K, and divide by the sample deviation plus `eps`.

    A group of equal rewards is exactly 0.

    Raises:
        ValueError: The rewards are not a matrix with at least 2 columns.
    """
    if scale_by_std and len(rewards):  # torch warns of the deviation of nothing
        return standardised_advantages(rewards, eps=eps)
    return group_advantages(rewards)


def prefix_advantages(
    rewards: Tensor, sources: Tensor, recovered: Tensor, *, success: float = 1.0, scale_by_std: bool = True
) -> Tensor:
    """Return the advantages of prefixes, each in its group with its own reward alone replaced.

    Args:
        rewards: float [G]: rewards of the rollouts of a problem.
        sources: int64 [S]: positions of the selected rollouts.
        recovered: bool [S]: whether some continuation of the prefix is right.
        success: Reward that a recovered rollout gets; the reward of another rollout stays.
        scale_by_std: Whether to divide by the standard deviation.

    Returns:
        [S] in the dtype of `rewards`.

    Raises:
        ValueError: The shapes are not as above, or a source is not in the group.
    """
    check_shapes("[G]", rewards)
    check_shapes("[S]", sources, recovered)
    if bool(((sources < 0) | (sources >= len(rewards))).any()):
        raise ValueError(f"sources must be in [0, {len(rewards)}), got {sources.tolist()}")
    groups = rewards.repeat(len(sources), 1)
    places = torch.arange(len(sources))
    own = rewards[sources]
    groups[places, sources] = torch.where(recovered, own.clamp(min=success), own)
    return relative_advantages(groups, scale_by_std=scale_by_std)[places, sources]
