"""POW3R: components of the reward weighted by their contrast between the rollouts of a problem.

Paper: POW3R, arXiv 2605.20164. The equations were not at hand; the form here follows a summary of them. A
component j with score s_j in [0, 1] has a human weight w_j and belongs to a category k; v_j is the variance
of s_j over the rollouts of a problem and alpha_j its factor, which is 1 at the start:

    g_j = v_j + eps,  gbar_k = sum w_j g_j / sum w_j  over the components of the category
    target_j = clip((1 - lambda) + lambda g_j / gbar_k, low, high);  1 if gbar_k is 0
    alpha_j <- clip(beta alpha_j + (1 - beta) target_j, low, high)
    R = 1/K sum_k (sum_j w_j alpha_j s_j / sum_j w_j alpha_j)  over the K categories and their components

A component with valid scores for less than 75 % of the rollouts keeps its factor. GRPO is applied to R. The
factors shift weight from components that all rollouts meet, or none, to components that tell rollouts apart.
Each category keeps its share of R. Evaluation should use the human weights alone, that is factors of 1.

The summary leaves open, and the choice here is:
- eps, lambda, beta, low and high: fields of `POW3RSettings`, whose defaults are our own.
- The direction of the moving average (beta is the share of the old factor), and the variance (population).
- The denominator of a category: the weights after scaling by the factors, so that a category whose components
  are all met is worth 1 whatever the factors are. A component that keeps its factor is not in gbar_k.

Departures:
- The paper changes the factors after each epoch, for each criterion of each problem. Here they change after
  `period` steps and are shared by all problems, which are seldom seen twice; v_j is then the mean of the
  variances within the groups. `per_problem` keeps factors for each problem, as in the paper.
- R is not divided by the standard deviation of the group, unless `scale_by_std` is set. With the division
  components that are equal for all rollouts cancel out, whatever their weight, and the effect vanishes.
- Scores come from test runs, not from a language model that judges by a rubric.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ...agents import EpisodeRecord
from .algorithm import Algorithm, Group, Wants
from .framework.streams import write_advantages
from .grpo import group_advantages, standardised_advantages

Components = Callable[[EpisodeRecord], Mapping[str, float]]
"""Returns the score in [0, 1] of each component of the reward of an episode that could be judged."""
SHARED = ""
"""Scope of factors that all problems share."""


@dataclass(frozen=True, kw_only=True)
class POW3RSettings:
    """Settings of POW3R; the defaults of the formula's constants are not from the paper."""

    human_weights: Mapping[str, float] = field(default_factory=dict)
    """Human weight of each component, at least 0; 1 for other components."""
    eps: float = 0.01
    """Number added to the variance of a component, positive."""
    mix: float = 0.5
    """Influence of the contrast on a factor, in [0, 1]; with 0 all factors stay 1."""
    decay: float = 0.5
    """Share of the old factor in the moving average, in [0, 1)."""
    low: float = 0.5
    """Smallest factor, in (0, 1]."""
    high: float = 2.0
    """Largest factor, at least 1."""
    min_valid: float = 0.75
    """Share of the episodes of a group that must have a score of a component for its contrast to count."""
    unbiased: bool = False
    """Take the sample variance as contrast, instead of the population variance."""
    scale_by_std: bool = False
    """Divide advantages by the standard deviation of the group, as in the paper; the effect vanishes then."""
    period: int = 1
    """Number of steps between changes of the factors."""
    per_problem: bool = False
    """Keep factors for each problem, as in the paper, instead of factors that all problems share."""

    def __post_init__(self) -> None:
        _check_formula(eps=self.eps, mix=self.mix, decay=self.decay, low=self.low, high=self.high)
        for name, weight in self.human_weights.items():
            if not 0 <= weight < math.inf:
                raise ValueError(f"the human weight of {name!r} must be at least 0, got {weight!r}")
        if not 0 <= self.min_valid <= 1:
            raise ValueError(f"min_valid must be in [0, 1], got {self.min_valid!r}")
        if self.period < 1:
            raise ValueError(f"period must be at least 1, got {self.period!r}")


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
    _check_formula(eps=eps, mix=mix, low=low, high=high)
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
    _check_formula(decay=decay, low=low, high=high)
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


def quarter_components(episode: EpisodeRecord) -> dict[str, float]:
    """Score each quarter of the selected tests, ordered by input size, by the share that was accepted.

    The components are `tests/quarter1`, the smallest inputs, to `tests/quarter4`. Tests that were not run,
    because judging stopped at the first failure, count as not accepted and as larger than the others, which
    holds for tests judged in the order of their size. Without a judgement, or when the program was not
    compiled, all scores are 0. With fewer than four tests, neighbouring quarters share a test.
    """
    judgement = episode.judgement
    runs = () if judgement is None else judgement.runs
    accepted = [run.verdict.accepted for run in sorted(runs, key=lambda run: (run.input_size, run.index))]
    count = 0 if judgement is None else max(judgement.selected, len(accepted))
    scores = {}
    for quarter in range(4):
        start = quarter * count // 4
        end = max((quarter + 1) * count // 4, start + 1)
        scores[f"tests/quarter{quarter + 1}"] = sum(accepted[start:end]) / (end - start)
    return scores


class POW3R(Algorithm):
    """GRPO on a reward of several components, whose weights follow the contrast of the components.

    The category of a component is the part of its name before the first slash. A component that is missing in
    an episode and present in another episode of the group has the score 0 there, which does not count in the
    contrast. The reward of the environment is not used. As with GRPO here, replies that were cut by the token
    limit count in the baseline but are not learned from.

    `score_group` is called once per group and step and collects the contrasts; `score_batch`, at the end of a
    step, changes the factors, which later steps use.

    Args:
        group_size: Number of episodes per problem.
        settings: Settings of the method.
        components: Function that scores the components of an episode.

    References:
        arXiv 2605.20164. The module docstring lists what is open and the departures.
    """

    name = "pow3r"
    wants = Wants(all_runs=True)

    def __init__(
        self,
        *,
        group_size: int,
        settings: POW3RSettings | None = None,
        components: Components = quarter_components,
    ) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or POW3RSettings()
        self._components = components
        self._factors: dict[str, dict[str, float]] = {}  # by scope, then by component
        self._pending: dict[str, dict[str, list[float]]] = {}  # contrasts since the factors last changed
        self._steps = 0

    def factors(self, problem_id: str = SHARED) -> dict[str, float]:
        """Return the factors other than 1 of a problem, or the shared factors, by component."""
        return dict(self._factors.get(problem_id, {}))

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its weighted rewards on the rows.

        Raises:
            ValueError: A score is not in [0, 1], or no component has weight.
        """
        found = [self._components(member.episode) for member in group.members]
        names = sorted({name for scores in found for name in scores})
        if len(found) < 2 or not names:
            return group
        scores = torch.tensor(
            [[scores.get(name, 0.0) for name in names] for scores in found], dtype=torch.float64
        )
        valid = torch.tensor([[name in scores for name in names] for scores in found])
        scope = group.problem.id if self.settings.per_problem else SHARED
        factors = self._factors.get(scope, {})
        weights = self._human_weights(names) * _vector(factors.get(name, 1.0) for name in names)
        rewards = category_rewards(scores, weights, _categories(names))
        self._collect(scope, names, scores, valid)
        return write_advantages(group, advantages(rewards, scale_by_std=self.settings.scale_by_std))

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Change the factors if it is time, for later steps; return the groups as they are."""
        self._steps += 1
        if self._steps % self.settings.period == 0:
            for scope in sorted(self._pending):
                self._change_factors(scope, self._pending[scope])
            self._pending = {}
        return groups

    def state_dict(self) -> dict[str, Any]:
        """Return the factors, and the contrasts that have not yet changed them."""
        return copy.deepcopy({"factors": self._factors, "pending": self._pending, "steps": self._steps})

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        Raises:
            ValueError: The state belongs to another algorithm.
        """
        if set(state) != {"factors", "pending", "steps"}:
            raise ValueError(
                f"the state of {self.name!r} has factors, pending and steps, got {sorted(state)}"
            )
        state = copy.deepcopy(dict(state))
        self._factors, self._pending = state["factors"], state["pending"]
        self._steps = int(state["steps"])

    def _collect(self, scope: str, names: Sequence[str], scores: Tensor, valid: Tensor) -> None:
        """Keep the contrasts of the components that enough episodes of a group have."""
        pending = self._pending.setdefault(scope, {})
        variances = contrast(scores, valid, unbiased=self.settings.unbiased).tolist()
        counts = valid.sum(dim=0).tolist()
        for name, variance, count in zip(names, variances, counts, strict=True):
            if count >= self.settings.min_valid * len(scores):
                pending.setdefault(name, []).append(variance)

    def _change_factors(self, scope: str, pending: Mapping[str, Sequence[float]]) -> None:
        """Move the factors of a scope towards what the mean contrasts call for."""
        settings = self.settings
        factors = self._factors.setdefault(scope, {})
        names = sorted(pending)
        target = target_factors(
            _vector(math.fsum(pending[name]) / len(pending[name]) for name in names),
            self._human_weights(names),
            _categories(names),
            eps=settings.eps,
            mix=settings.mix,
            low=settings.low,
            high=settings.high,
        )
        old = _vector(factors.get(name, 1.0) for name in names)
        new = smoothed_factors(old, target, decay=settings.decay, low=settings.low, high=settings.high)
        factors.update(zip(names, new.tolist(), strict=True))

    def _human_weights(self, names: Sequence[str]) -> Tensor:
        return _vector(self.settings.human_weights.get(name, 1.0) for name in names)


def _vector(values: Iterable[float]) -> Tensor:
    return torch.tensor(list(values), dtype=torch.float64)


def _categories(names: Sequence[str]) -> Tensor:
    """Return the number of the category of each component, int64 [C]."""
    found = [name.partition("/")[0] for name in names]
    numbers = {category: number for number, category in enumerate(sorted(set(found)))}
    return torch.tensor([numbers[category] for category in found], dtype=torch.int64)


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


def _check_formula(
    *, eps: float = 1.0, mix: float = 0.0, decay: float = 0.0, low: float = 1.0, high: float = 1.0
) -> None:
    if not (0 < eps < math.inf and 0 <= mix <= 1 and 0 <= decay < 1):
        raise ValueError(
            "eps must be positive, mix in [0, 1] and decay in [0, 1), got "
            f"eps={eps!r}, mix={mix!r}, decay={decay!r}"
        )
    if not 0 < low <= 1 <= high < math.inf:
        raise ValueError(f"need 0 < low <= 1 <= high, got low={low!r} and high={high!r}")
