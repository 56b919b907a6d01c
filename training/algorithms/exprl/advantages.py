"""Advantages of the steps of rollouts, from their scores."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, get_args, overload

import torch
from torch import Tensor

Norm = Literal["delta", "end", "group", "batch"]
"""How advantages follow from the scores of steps; see the module."""


@overload
def step_advantages(
    scores: Tensor, *, norm: Norm = ..., group_ids: Sequence[Hashable] | None = ...
) -> Tensor: ...
@overload
def step_advantages(
    scores: Sequence[Tensor], *, norm: Norm = ..., group_ids: Sequence[Hashable] | None = ...
) -> list[Tensor]: ...
def step_advantages(
    scores: Tensor | Sequence[Tensor], *, norm: Norm = "delta", group_ids: Sequence[Hashable] | None = None
) -> Tensor | list[Tensor]:
    """Return the advantages of the steps of each rollout.

    Args:
        scores: Scores of the steps: float [K] for one rollout, float [G, K] for G rollouts of K steps each,
            or a sequence of G tensors [K_g] for rollouts of different lengths. K >= 1.
        norm: Baseline of a step. `delta` and `end` look at one rollout alone, so G may be 1.
        group_ids: Groups of the G rollouts for the norm `group`; by default they are one group.

    Returns:
        Advantages in the form of `scores`. In `delta`, they sum to 0 over a rollout of two or more
        steps.

    Raises:
        ValueError: The norm is unknown, a shape is wrong, or a score is not finite.

    References:
        arXiv 2606.17024, equations 4 to 6, and its ablations of the norm.
    """
    if isinstance(scores, Tensor):
        if scores.ndim not in (1, 2):
            raise ValueError(f"scores must be [K], [G, K] or a sequence of [K], got {list(scores.shape)}")
        rollouts = list(scores[None] if scores.ndim == 1 else scores)
    else:
        rollouts = list(scores)
    _check(rollouts, norm)
    advantages = _advantages(rollouts, norm, group_ids)
    if not isinstance(scores, Tensor):
        return advantages
    return advantages[0] if scores.ndim == 1 else torch.stack(advantages)


def _advantages(rollouts: Sequence[Tensor], norm: Norm, group_ids: Sequence[Hashable] | None) -> list[Tensor]:
    if norm == "delta":
        return [_deltas(scores) for scores in rollouts]
    if norm == "end":
        return [scores - scores[-1] for scores in rollouts]
    ids = [None] * len(rollouts) if norm == "batch" or group_ids is None else list(group_ids)
    if len(ids) != len(rollouts):
        raise ValueError(f"group_ids must name the group of {len(rollouts)} rollouts, got {len(ids)}")
    means: dict[Hashable, Tensor] = {}
    for key in dict.fromkeys(ids):
        own = [scores.mean() for scores, other in zip(rollouts, ids, strict=True) if other == key]
        means[key] = torch.stack(own).mean()
    return [scores - means[key] for scores, key in zip(rollouts, ids, strict=True)]


def _deltas(scores: Tensor) -> Tensor:
    if len(scores) == 1:
        return scores.clone()
    before = torch.cat([scores[-1:], scores[:-1]])  # the first step is compared with the last
    return scores - before


def check_norm(norm: str) -> None:
    """Raise ValueError unless the norm is known."""
    if norm not in get_args(Norm):
        raise ValueError(f"norm must be one of {get_args(Norm)}, got {norm!r}")


def _check(rollouts: Sequence[Tensor], norm: str) -> None:
    check_norm(norm)
    shapes = [list(scores.shape) if isinstance(scores, Tensor) else scores for scores in rollouts]
    if not rollouts or any(not isinstance(shape, list) or len(shape) != 1 or 0 in shape for shape in shapes):
        raise ValueError(f"the scores of each rollout must be a tensor [K] with K >= 1, got {shapes}")
    if not all(scores.is_floating_point() and scores.isfinite().all() for scores in rollouts):
        raise ValueError("scores must be finite floats; leave rollouts without readable scores out")
