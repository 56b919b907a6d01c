"""MaxRL and max@k: objectives of several attempts, as advantages of single attempts.

MaxRL: "Maximum Likelihood Reinforcement Learning", arXiv 2602.02710. With p the probability of success on a
problem, log p = - sum_k (1 - p)^k / k. MaxRL of order T maximizes the first T terms, so its gradient is

    sum_{k=1..T} 1/k grad pass@k  =  sum_{m=0..T-1} (1 - p)^m grad p.

Order 1 is usual reinforcement and order infinity is maximum likelihood. With G attempts of which K succeed,
1/K sum_i r_i grad log pi(y_i) is unbiased for T = G (theorem 1), and the paper subtracts the mean of all
grad log pi(y_i), which gives the advantages (r_i - mean(r)) / mean(r).

max@k: "Pass@K Policy Optimization: Solving Harder Reinforcement Learning Problems", arXiv 2505.15201. The
objective is the expected largest reward of k attempts, for rewards of 0 and 1 the probability pass@k. The
gradient is estimated from all subsets of k of the G attempts (equation 33 for the baseline `loo-1`).

Departures from the papers:
    - MaxRL is extended to rewards in [0, 1] by taking a reward r as a success with probability r: (1 - p)^m
      is estimated by the mean over subsets of m other attempts of the product of 1 - r. For rewards of 0 and
      1 this is the estimator of the paper. For other rewards, division by the mean reward would be biased.
    - MaxRL of an order below G is a field; the paper takes G.
    - Subtracting the group mean, which the paper's appendix D does as well, loses a term when no attempt
      succeeds: the advantages of order G are unbiased for T = G - 1. In general their expectation is
      (1 - T/G) times the gradient of order T plus T/G times the gradient of order T - 1.
    - The max@k advantages are G times the weights of the paper, because the trainer takes a mean.
    - Replies that were cut by the token limit count in the group but are not learned from.
"""

from __future__ import annotations

from math import comb
from typing import Literal

import torch
from torch import Tensor

from .algorithm import Algorithm, Group
from .framework.streams import group_rewards, write_advantages
from .grpo import group_advantages

Baseline = Literal["none", "loo", "loo-1"]
"""Baseline of max@k: nothing, the largest of k other attempts, or the largest of k - 1 other attempts."""


def maxrl_scores(rewards: Tensor, *, order: int | None = None) -> Tensor:
    """Return factors of grad log pi whose mean is unbiased for the gradient of MaxRL, without a baseline.

    Args:
        rewards: float [P, G] in [0, 1]. G >= 2 rollouts of each of P problems.
        order: Order T of the objective, in 1..G; None for G.

    Returns:
        float [P, G], at least 0. With rewards of 0 and 1, K of them 1, and order G, it is G / K for a success
        and 0 for a failure.

    Raises:
        ValueError: The rewards are not a float matrix with at least 2 columns, some are not in [0, 1], or the
            order is not in 1..G.
    """
    size = _group_size(rewards)
    order = size if order is None else order
    if not 1 <= order <= size:
        raise ValueError(f"order must be in 1..G = {size}, got {order!r}")
    if not bool(((rewards >= 0) & (rewards <= 1)).all()):
        raise ValueError("rewards must be in [0, 1]: MaxRL takes a reward as a probability of success")
    # sums[p, i, m] is the sum over subsets of m attempts without attempt i of the products of 1 - r.
    failed = (1 - rewards.double())[:, None, :] * (1 - torch.eye(size, dtype=torch.float64))
    sums = torch.zeros(*rewards.shape, order, dtype=torch.float64)
    sums[..., 0] = 1
    for other in range(size):
        sums[..., 1:] += failed[..., other, None] * sums[..., :-1].clone()
    subsets = torch.tensor([comb(size - 1, chosen) for chosen in range(order)], dtype=torch.float64)
    return (rewards * (sums / subsets).sum(dim=-1)).to(rewards.dtype)


def maxrl_advantages(rewards: Tensor, *, order: int | None = None) -> Tensor:
    """Subtract from the scores of MaxRL their mean over the group.

    Args:
        rewards: float [P, G] in [0, 1]. G >= 2 rollouts of each of P problems.
        order: Order T of the objective, in 1..G; None for G.

    Returns:
        float [P, G]. Each row sums to 0; a row of equal rewards is exactly 0. With rewards of 0 and 1 and
        order G, it is (r - mean) / mean.

    Raises:
        ValueError: As for `maxrl_scores`.
    """
    advantages = group_advantages(maxrl_scores(rewards, order=order))
    return torch.where(_equal(rewards), torch.zeros_like(advantages), advantages)


def max_at_k_advantages(rewards: Tensor, *, k: int, baseline: Baseline = "loo-1") -> Tensor:
    """Return factors of grad log pi whose mean is unbiased for the gradient of the largest of k rewards.

    Args:
        rewards: float [P, G]. G >= 2 rollouts of each of P problems.
        k: Number of attempts.
        baseline: What is subtracted from the largest reward of k attempts that include attempt i, averaged
            over subsets: the largest of the k - 1 others of them (`loo-1`), the largest of k attempts without
            attempt i (`loo`), or nothing (`none`). All are unbiased. `loo-1` is never negative.

    Returns:
        float [P, G]. With a baseline, a row of equal rewards is exactly 0.

    Raises:
        ValueError: The rewards are not a float matrix with at least 2 columns, or k is not in 2..G for
            `loo-1`, 1..G - 1 for `loo`, or 1..G for `none`.

    References:
        arXiv 2505.15201, equation 33 for `loo-1`.
    """
    size = _group_size(rewards)
    _check_k(k, baseline, size)
    ordered, places = rewards.double().sort(dim=1)
    # The largest reward of a set is a sum of the steps between ascending rewards: a step counts if the set
    # has an attempt at or above it. Equal rewards have steps of exactly 0, so they give no gradient.
    steps = torch.cat([ordered[:, :1], ordered.diff(dim=1)], dim=1)
    shares = _shares_with(size, k)
    if baseline != "none":
        shares = shares - _shares_without(size, k if baseline == "loo" else k - 1)
    advantages = torch.zeros_like(ordered).scatter(1, places, k * steps @ shares.T)
    return advantages.to(rewards.dtype)


def pass_at_k_advantages(passed: Tensor, *, k: int) -> Tensor:
    """Return the advantages of `max_at_k_advantages` with baseline `loo-1` for binary rewards.

    Args:
        passed: bool [P, G]. Whether each of G >= 2 rollouts of P problems succeeded.
        k: Number of attempts, in 2..G.

    Returns:
        float64 [P, G]. 0 for a failure; for a success k times the share of subsets of k - 1 other attempts
        that all failed, so only problems with at least k - 1 failures are learned from.

    Raises:
        ValueError: The input is not a boolean matrix with at least 2 columns, or k is not in 2..G.
    """
    if passed.dtype != torch.bool:
        raise ValueError(f"passed must be of type bool, got {passed.dtype}")
    size = _group_size(passed.double())
    if not 2 <= k <= size:
        raise ValueError(f"k must be in 2..G = {size}, got {k!r}")
    shares = [comb(failures, k - 1) / comb(size - 1, k - 1) for failures in range(size + 1)]
    failures = (~passed).sum(dim=1, keepdim=True)
    return k * passed * torch.tensor(shares, dtype=torch.float64)[failures]


class MaxRL(Algorithm):
    """Gives each token the MaxRL advantage of its episode; rewards are clipped to [0, 1].

    A reward below 0, such as the penalty for a reply without a program, counts as a failure.

    Args:
        group_size: Number of episodes per problem.
        order: Order of the objective; None, or a number above the episodes of a group, for their number.

    Raises:
        ValueError: `group_size` or `order` is below 1.

    References:
        arXiv 2602.02710.
    """

    name = "maxrl"

    def __init__(self, *, group_size: int = 8, order: int | None = None) -> None:
        super().__init__(group_size=group_size)
        if order is not None and order < 1:
            raise ValueError(f"order must be at least 1, got {order!r}")
        self.order = order

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        if len(group.members) < 2:
            return group
        order = None if self.order is None else min(self.order, len(group.members))
        return write_advantages(group, maxrl_advantages(group_rewards(group).clamp(0, 1), order=order)[0])


class MaxAtK(Algorithm):
    """Gives each token the max@k advantage of its episode, which is pass@k for rewards of 0 and 1.

    A group with too few valid episodes for k has no signal.

    Args:
        group_size: Number of episodes per problem.
        k: Number of attempts.
        baseline: `loo-1`, `loo` or `none`; see `max_at_k_advantages`.

    Raises:
        ValueError: `group_size` is below 1, there is no such baseline, or k does not fit the two.

    References:
        arXiv 2505.15201.
    """

    name = "max_at_k"

    def __init__(self, *, group_size: int = 8, k: int = 4, baseline: Baseline = "loo-1") -> None:
        super().__init__(group_size=group_size)
        _check_k(k, baseline, group_size)
        self.k = k
        self.baseline: Baseline = baseline

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its episodes on the rows."""
        size = len(group.members)
        if size < 2 or self.k > _range_of_k(self.baseline, size)[1]:
            return group
        rewards = group_rewards(group)
        return write_advantages(group, max_at_k_advantages(rewards, k=self.k, baseline=self.baseline)[0])


def _group_size(rewards: Tensor) -> int:
    if rewards.ndim != 2 or rewards.shape[1] < 2 or not rewards.is_floating_point():
        raise ValueError(
            f"rewards must be float [P, G] with G >= 2, got {rewards.dtype} {list(rewards.shape)}"
        )
    return rewards.shape[1]


def _equal(rewards: Tensor) -> Tensor:
    return (rewards == rewards[:, :1]).all(dim=1, keepdim=True)


def _check_k(k: int, baseline: str, size: int) -> None:
    lowest, highest = _range_of_k(baseline, size)
    if not lowest <= k <= highest:
        raise ValueError(
            f"k must be in {lowest}..{highest} for baseline {baseline!r} and {size} episodes, got {k!r}"
        )


def _range_of_k(baseline: str, size: int) -> tuple[int, int]:
    """Return the smallest and the largest k that a baseline allows."""
    ranges = {"none": (1, size), "loo": (1, size - 1), "loo-1": (2, size)}
    if baseline not in ranges:
        raise ValueError(f"baseline must be one of {', '.join(ranges)}, got {baseline!r}")
    return ranges[baseline]


def _shares_with(size: int, k: int) -> Tensor:
    """Return [G, G]: the share of sets of k attempts with attempt i that have one at or above rank j."""
    return torch.tensor(
        [
            [1 if i >= j else 1 - comb(j - 1, k - 1) / comb(size - 1, k - 1) for j in range(size)]
            for i in range(size)
        ],
        dtype=torch.float64,
    )


def _shares_without(size: int, k: int) -> Tensor:
    """Return [G, G]: the share of sets of k attempts without attempt i that have one at or above rank j."""
    return torch.tensor(
        [[1 - comb(j - (i < j), k) / comb(size - 1, k) for j in range(size)] for i in range(size)],
        dtype=torch.float64,
    )
