"""The baselines of the paper: GDPO, multi-RLVR and max@k."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .sets import EPS, check_shapes, check_vector


def gdpo_advantages(rewards: Tensor, objective_weights: Tensor | None = None) -> Tensor:
    """Return the weighted sum of the advantages of each objective: the baseline GDPO.

    Each objective is standardised alone by its mean and sample standard deviation; an objective on which all
    replies are equal adds 0. The sum follows the released code, which then whitens over the tokens of the
    whole batch; its description says average, a difference that `whitened` removes.

    Args:
        rewards: float [G, k]: rewards of one answer per reply.
        objective_weights: float [k]; all 1 by default.

    Returns:
        [G] in the dtype of `rewards`; 0 for one reply.

    Raises:
        ValueError: A shape is wrong or a value is not finite.
    """
    if rewards.ndim != 2 or 0 in rewards.shape or not rewards.isfinite().all():
        raise ValueError(f"rewards must be finite and [G, k], got {list(rewards.shape)}")
    values = rewards.to(torch.float64)
    weights = values.new_ones(values.shape[1]) if objective_weights is None else objective_weights
    if weights.shape != values.shape[1:]:
        raise ValueError(f"objective_weights must be [{values.shape[1]}], got {list(weights.shape)}")
    if len(values) == 1:
        return torch.zeros_like(rewards[:, 0])
    deviation = values.std(dim=0, keepdim=True)
    scaled = (values - values.mean(dim=0, keepdim=True)) / (deviation + EPS)
    scaled = torch.where(deviation < EPS, torch.zeros_like(scaled), scaled)
    return (scaled @ weights.to(torch.float64)).to(rewards.dtype)


def whitened(values: Tensor, mask: Tensor) -> Tensor:
    """Shift and scale the values under a mask to mean 0 and sample variance 1: the last step of GDPO.

    Args:
        values: float [B, T].
        mask: bool [B, T]: tokens that count.

    Returns:
        [B, T]; 0 outside the mask, and all 0 where fewer than two tokens count.

    Raises:
        ValueError: The shapes differ.
    """
    if values.shape != mask.shape:
        raise ValueError(f"need equal shapes, got {list(values.shape)} and {list(mask.shape)}")
    kept = values[mask].to(torch.float64)
    if len(kept) < 2:
        return torch.zeros_like(values)
    scaled = (values - kept.mean()) * (kept.var() + 1e-8).rsqrt()
    return torch.where(mask, scaled, 0.0).to(values.dtype)


def multi_rlvr_scores(rewards: Sequence[Tensor], objective_weights: Tensor) -> Tensor:
    """Return the sum over all answers of a reply of one fixed scalarisation: the baseline multi-RLVR.

    `group_advantages` follows. With tests as objectives, the released code uses weights of 1.

    Args:
        rewards: G tensors [m, k], as for `set_scores`; rewards may be negative, as nothing is maximised.
        objective_weights: float [k].

    Returns:
        [G] in the dtype of `objective_weights`; 0 for a reply without answers.

    Raises:
        ValueError: There are no replies or a shape is wrong.
    """
    check_vector("objective_weights", objective_weights)
    check_shapes(rewards, objectives=len(objective_weights))
    weights = objective_weights.to(torch.float64)
    return torch.stack([(r.to(torch.float64) @ weights).sum() for r in rewards]).to(objective_weights.dtype)


def standardised_max_at_k(rewards: Tensor, k: int | None = None) -> Tensor:
    """Return each reply's share in the expected maximum over k replies, standardised: the baseline max@k.

    With ascending ranks 1..n, A_i = [C(rank_i - 1, k - 1) r_i + sum_{j above i} C(rank_j - 2, k - 2) r_j]
    / C(n, k): the sum of the maxima of the subsets of k replies with reply i in them, over the number of
    subsets. The mean is subtracted and the result divided by the sample standard deviation.

    Args:
        rewards: float [n].
        k: Size of the subsets, in [2, n - 1]; max(2, n // 2) by default. k = n would give no signal.

    Returns:
        [n] in the dtype of `rewards`; all 0 where the deviation is below 1e-6.

    Raises:
        ValueError: The rewards are not a finite vector or k is out of range.
    """
    check_vector("rewards", rewards)
    n = len(rewards)
    k = max(2, n // 2) if k is None else k
    if not 2 <= k < n:
        raise ValueError(f"k must be in [2, {n - 1}] for {n} replies, got {k!r}")
    ordered, order = rewards.to(torch.float64).sort(stable=True)
    subsets = math.comb(n, k)
    own = ordered.new_tensor([math.comb(i, k - 1) / subsets for i in range(n)]) * ordered
    below = ordered.new_tensor([math.comb(i - 1, k - 2) / subsets if i else 0.0 for i in range(n)]) * ordered
    shares = own + below.flip(0).cumsum(0).flip(0) - below  # the sum over the replies ranked above
    raw = torch.zeros_like(shares)
    raw[order] = shares
    deviation = raw.std()
    if deviation < EPS:
        return torch.zeros_like(rewards)
    return ((raw - raw.mean()) / (deviation + EPS)).to(rewards.dtype)
