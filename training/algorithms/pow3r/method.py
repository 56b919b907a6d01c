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
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ....agents import EpisodeRecord
from ..algorithm import Algorithm, Group, Wants
from ..framework.streams import write_advantages
from .factors import (
    advantages,
    category_rewards,
    check_formula,
    contrast,
    smoothed_factors,
    target_factors,
)

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
    components: str = "tier_1,tier_2,tier_3,tier_4"
    """Names of components of the environment's reward, separated by commas; each must be in [0, 1]. Where a
    record has no components, `quarter_components` takes the place of the tiers."""
    period: int = 1
    """Number of steps between changes of the factors."""
    per_problem: bool = False
    """Keep factors for each problem, as in the paper, instead of factors that all problems share."""

    def __post_init__(self) -> None:
        check_formula(eps=self.eps, mix=self.mix, decay=self.decay, low=self.low, high=self.high)
        for name, weight in self.human_weights.items():
            if not 0 <= weight < math.inf:
                raise ValueError(f"the human weight of {name!r} must be at least 0, got {weight!r}")
        if not 0 <= self.min_valid <= 1:
            raise ValueError(f"min_valid must be in [0, 1], got {self.min_valid!r}")
        if self.period < 1:
            raise ValueError(f"period must be at least 1, got {self.period!r}")


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


def reward_components(episode: EpisodeRecord, *, names: Sequence[str]) -> dict[str, float]:
    """Return the components of the reward that the environment computed, as `tests/NAME`.

    Without components in the record, return `quarter_components`.

    Raises:
        ValueError: The environment has no component of such a name.
    """
    known = episode.components
    if known is None:
        return quarter_components(episode)
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(f"components must be some of {', '.join(known)}, got {missing[0]!r}")
    return {f"tests/{name}": known[name] for name in names}


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
        components: Function that scores the components of an episode; `reward_components` with the names of
            the settings unless given.

    References:
        arXiv 2605.20164. The module docstring lists what is open and the departures.
    """

    name = "pow3r"
    wants = Wants(components=True)

    def __init__(
        self,
        *,
        group_size: int,
        settings: POW3RSettings | None = None,
        components: Components | None = None,
    ) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or POW3RSettings()
        self._components = components or partial(reward_components, names=self.settings.components.split(","))
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
