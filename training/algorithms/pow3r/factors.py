"""Factors of the components of a reward, from their contrast between rollouts, and the weighted reward."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..grpo import group_advantages, standardised_advantages


def contrast(scores: Tensor, valid: Tensor | None = None, *, unbiased: bool = False) -> Tensor:
    """Return the variance of each component over the rollouts of a group.

    Args:
        scores: float [G, C]: scores of C components of G rollouts.
        valid: bool [G, C]: scores that exist; all unless given. Other scores are not looked at.
        unbiased: Divide by n - 1 instead of n valid scores.

    Returns:
        [C] in the dtype of `scores`, at least 0; 0 for a component with fewer than two valid scores, and
        exactly 0 for one with equal scores.

    Raises:
        ValueError: The shapes are not [G, C] or differ.
    """
    if scores.ndim != 2 or (valid is not None and valid.shape != scores.shape):
        raise ValueError(
            f"scores and valid must both be [G, C], got {list(scores.shape)} and "
            f"{None if valid is None else list(valid.shape)}"
        )
    kept = torch.ones_like(scores, dtype=torch.bool) if valid is None else valid
    known = torch.where(kept, scores, torch.zeros_like(scores))
    count = kept.sum(dim=0)
    mean = known.sum(dim=0) / count.clamp(min=1)
    squares = torch.where(kept, (known - mean) ** 2, torch.zeros_like(known)).sum(dim=0)
    variance = squares / (count - int(unbiased)).clamp(min=1)
    most = torch.where(kept, scores, -torch.inf).amax(dim=0) if len(scores) else mean
    least = torch.where(kept, scores, torch.inf).amin(dim=0) if len(scores) else mean
    # The mean of equal numbers may be rounded, which would give a tiny variance instead of none.
    return torch.where(most > least, variance, torch.zeros_like(variance))


def target_factors(
    variances: Tensor,
    human_weights: Tensor,
    categories: Tensor,
    *,
    eps: float,
    mix: float,
    low: float,
    high: float,
) -> Tensor:
    """Return the factors that the contrasts of the components call for.

    Args:
        variances: float [C]: contrast of each component, at least 0.
        human_weights: float [C], at least 0.
        categories: int64 [C]: number of the category of each component, at least 0.
        eps: Number added to the contrast, positive.
        mix: Lambda, the influence of the contrast, in [0, 1].
        low, high: Bounds of the factors, with 0 < low <= 1 <= high.

    Returns:
        [C] in [low, high]; 1 in a category without human weight or of equal contrasts. Before they are
        bounded, the mean of the factors of a category, weighted by the human weights, is 1.

    Raises:
        ValueError: The shapes differ or are not [C], or a value is out of range.
    """
    _check_components(categories, variances=variances, human_weights=human_weights)
    check_formula(eps=eps, mix=mix, low=low, high=high)
    gains = variances + eps
    mean = _per_category(human_weights * gains, categories) / _per_category(human_weights, categories)
    relative = torch.where(mean > 0, gains / mean, torch.ones_like(gains))
    return ((1 - mix) + mix * relative).clamp(low, high)


def smoothed_factors(old: Tensor, target: Tensor, *, decay: float, low: float, high: float) -> Tensor:
    """Move factors towards their targets by an exponential moving average, within the bounds.

    Args:
        old: float [C]: factors so far.
        target: float [C]: factors that the contrasts call for.
        decay: Beta, the share of the old factors, in [0, 1).
        low, high: Bounds of the factors.

    Returns:
        [C] in [low, high].

    Raises:
        ValueError: The shapes differ or are not [C], or a setting is out of range.
    """
    if old.ndim != 1 or old.shape != target.shape:
        raise ValueError(f"old and target must both be [C], got {list(old.shape)} and {list(target.shape)}")
    check_formula(decay=decay, low=low, high=high)
    return (decay * old + (1 - decay) * target).clamp(low, high)


def category_rewards(scores: Tensor, weights: Tensor, categories: Tensor) -> Tensor:
    """Average scores within each category by weight, then over the categories.

    Args:
        scores: float [G, C] in [0, 1]: scores of C components of G rollouts.
        weights: float [C], at least 0: human weights, or their products with the factors.
        categories: int64 [C]: number of the category of each component, at least 0.

    Returns:
        [G] in [0, 1]. A category without weight counts nowhere.

    Raises:
        ValueError: The shapes differ, a value is out of range, or no component has weight.
    """
    if scores.ndim != 2 or scores.shape[1:] != weights.shape:
        raise ValueError(
            f"scores must be [G, C] and weights [C], got {list(scores.shape)} and {list(weights.shape)}"
        )
    _check_components(categories, weights=weights)
    if not bool(((scores >= 0) & (scores <= 1)).all()) or not bool((weights > 0).any()):
        raise ValueError("scores must be in [0, 1], and a component must have a positive weight")
    totals = _per_category(weights, categories)
    shares = torch.where(totals > 0, weights / totals, torch.zeros_like(weights))
    return (scores * shares).sum(dim=1) / len(set(categories[weights > 0].tolist()))


def advantages(rewards: Tensor, *, scale_by_std: bool = False, eps: float = 1e-6) -> Tensor:
    """Centre the rewards [G] of a group; optionally divide by their sample standard deviation plus `eps`.

    Raises:
        ValueError: The rewards are not a vector of at least 2.
    """
    if rewards.ndim != 1:
        raise ValueError(f"rewards must be [G], got {list(rewards.shape)}")
    if scale_by_std:
        return standardised_advantages(rewards[None], eps=eps)[0]
    return group_advantages(rewards[None])[0]


def _per_category(values: Tensor, categories: Tensor) -> Tensor:
    """Return for each component the sum of values [C] over its category."""
    count = int(categories.max()) + 1 if len(categories) else 0
    return values.new_zeros(count).index_add(0, categories, values)[categories]


def _check_components(categories: Tensor, **values: Tensor) -> None:
    shapes = {name: list(tensor.shape) for name, tensor in {"categories": categories, **values}.items()}
    if categories.ndim != 1 or any(tensor.shape != categories.shape for tensor in values.values()):
        raise ValueError(f"all values of components must be [C], got {shapes}")
    if categories.dtype != torch.int64 or bool((categories < 0).any()):
        raise ValueError("categories must be int64 numbers of at least 0")
    for name, tensor in values.items():
        if not bool(((tensor >= 0) & (tensor < torch.inf)).all()):
            raise ValueError(f"{name} must be finite and at least 0, got {tensor.tolist()}")


def check_formula(
    *, eps: float = 1.0, mix: float = 0.0, decay: float = 0.0, low: float = 1.0, high: float = 1.0
) -> None:
    """Raise ValueError unless the constants of the formula are allowed."""
    if not (0 < eps < math.inf and 0 <= mix <= 1 and 0 <= decay < 1):
        raise ValueError(
            "eps must be positive, mix in [0, 1] and decay in [0, 1), got "
            f"eps={eps!r}, mix={mix!r}, decay={decay!r}"
        )
    if not 0 < low <= 1 <= high < math.inf:
        raise ValueError(f"need 0 < low <= 1 <= high, got low={low!r} and high={high!r}")
