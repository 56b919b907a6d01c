"""Rewards and advantages of steps, and how well estimates of progress agree with the truth."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

from .progress import Labels, filled

EPS = 1e-6
"""Added to standard deviations; a smaller deviation counts as none."""


def step_rewards(
    env_rewards: Sequence[float],
    labels: Labels,
    *,
    stated: Labels | None = None,
    beta: float = 1.0,
    align: float = 0.1,
    malformed: float = 0.1,
    start: float = 0.0,
) -> Tensor:
    """Return the reward of each step of an episode: environment, progress, alignment and format.

    Args:
        env_rewards: Rewards of the environment for T steps.
        labels: Progress after each step, from a retrospection.
        stated: Progress that the agent stated in each step; None leaves out alignment and format.
        beta: Factor of the difference in progress.
        align: Factor of the distance between stated progress and label; where one is unknown it costs
            nothing.
        malformed: Cost of a step without a statement.
        start: Progress before the first step.

    Returns:
        float64 [T].

    Raises:
        ValueError: The lengths differ or a progress is outside [0, 1].
    """
    lengths = {len(env_rewards), len(labels), len(env_rewards if stated is None else stated)}
    if len(lengths) != 1:
        raise ValueError(f"all sequences must have one value per step, got lengths {sorted(lengths)}")
    rewards = torch.tensor(env_rewards, dtype=torch.float64) + beta * filled(labels, start=start).diff()
    for step, (said, label) in enumerate(zip(stated or (), labels, strict=stated is not None)):
        if said is None:
            rewards[step] -= malformed
        elif label is not None:
            rewards[step] -= align * abs(said - label)
    return rewards


def step_groups(states: Sequence[Sequence[Hashable]]) -> list[Tensor]:
    """Number the states of all episodes of a group, so that steps from equal states have equal numbers.

    Args:
        states: For each of G episodes, the state before each of its T_g steps.

    Returns:
        G tensors int64 [T_g].
    """
    numbers: dict[Hashable, int] = {}
    return [
        torch.tensor([numbers.setdefault(state, len(numbers)) for state in episode], dtype=torch.int64)
        for episode in states
    ]


def step_advantages(
    rewards: Sequence[Tensor],
    groups: Sequence[Tensor],
    *,
    gamma: float = 0.95,
    omega: float = 1.0,
    scale_by_std: bool = True,
) -> list[Tensor]:
    """Return the advantages of steps within their episode and among steps from equal states.

    Args:
        rewards: For each of G episodes, the rewards of its steps, float [T_g].
        groups: For each episode, the numbers of the states before its steps, int64 [T_g]; see `step_groups`.
        gamma: Discount of the return of a step, in [0, 1]. The return of an episode is not discounted.
        omega: Weight of the comparison of steps.
        scale_by_std: Whether differences are divided by the sample standard deviation of what is compared.

    Returns:
        G tensors float64 [T_g]. A state that occurs once adds nothing to the advantage of its episode.

    Raises:
        ValueError: A shape is wrong, a reward is not finite, or gamma is out of range.

    References:
        GiGPO, arXiv 2505.10978, equations of the episode-level and step-level advantages.
    """
    _check_rewards(rewards, groups, gamma)
    if not rewards:
        return []
    values = [each.to(torch.float64) for each in rewards]
    totals = _centred(torch.stack([each.sum() for each in values]), scale_by_std)
    returns = torch.cat([_discounted(each, gamma) for each in values])
    numbers = torch.cat(list(groups))
    among = torch.zeros_like(returns)
    for number in set(numbers.tolist()):
        among[numbers == number] = _centred(returns[numbers == number], scale_by_std)
    parts = torch.split(among, [len(each) for each in values])
    return [total + omega * part for total, part in zip(totals, parts, strict=True)]


def sign_agreement(estimates: Tensor, truths: Tensor) -> float | None:
    """Return the share of values whose sign agrees, among those where neither value is 0.

    Args:
        estimates: float [n], for example differences in stated progress.
        truths: float [n], for example differences in true progress, or advantages of steps.

    Returns:
        A share in [0, 1]; None if there is no such pair.

    Raises:
        ValueError: The tensors are not vectors of one length and finite.
    """
    _check_pair(estimates, truths)
    counted = (estimates != 0) & (truths != 0)
    agrees = estimates[counted].sign() == truths[counted].sign()
    return agrees.double().mean().item() if len(agrees) else None


def rank_correlation(estimates: Tensor, truths: Tensor) -> float | None:
    """Return Spearman's rank correlation; equal values share the mean of their ranks.

    Args:
        estimates: float [n], for example stated progress.
        truths: float [n], for example true progress.

    Returns:
        A number in [-1, 1]; None where all values of a side are equal.

    Raises:
        ValueError: The tensors are not vectors of one length and finite.
    """
    _check_pair(estimates, truths)
    first, second = (ranks - ranks.mean() for ranks in (_ranks(estimates), _ranks(truths)))
    scale = math.sqrt(first.square().sum().item() * second.square().sum().item())
    return max(-1.0, min(1.0, (first * second).sum().item() / scale)) if scale else None


def _discounted(rewards: Tensor, gamma: float) -> Tensor:
    returns = torch.zeros_like(rewards)
    later = rewards.new_zeros(())
    for step in reversed(range(len(rewards))):
        later = rewards[step] + gamma * later
        returns[step] = later
    return returns


def _centred(values: Tensor, scale_by_std: bool) -> Tensor:
    if len(values) < 2 or values.std() < EPS:
        return torch.zeros_like(values)
    centred = values - values.mean()
    return centred / (values.std() + EPS) if scale_by_std else centred


def _ranks(values: Tensor) -> Tensor:
    ordered = values.sort().values
    below, up_to = (torch.searchsorted(ordered, values, right=right) for right in (False, True))
    return (below + up_to + 1).to(torch.float64) / 2


def _check_pair(first: Tensor, second: Tensor) -> None:
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"need vectors of one length, got {list(first.shape)} and {list(second.shape)}")
    if not (first.isfinite().all() and second.isfinite().all()):
        raise ValueError("values must be finite; leave unknown values out")


def _check_rewards(rewards: Sequence[Tensor], groups: Sequence[Tensor], gamma: float) -> None:
    shapes = [list(each.shape) for each in rewards], [list(each.shape) for each in groups]
    if shapes[0] != shapes[1] or any(len(shape) != 1 for shape in shapes[0]):
        raise ValueError(f"rewards and groups must be [T] for each episode, got {shapes[0]} and {shapes[1]}")
    if not all(each.isfinite().all() for each in rewards):
        raise ValueError("rewards must be finite")
    if not 0 <= gamma <= 1:
        raise ValueError(f"gamma must be in [0, 1], got {gamma!r}")
