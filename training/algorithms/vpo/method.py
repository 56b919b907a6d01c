"""Vector policy optimization: a reply holds several answers; the best for each mix of objectives counts.

For a group of G replies to a prompt, reply i holds m_i answers, and answer s has a vector of rewards r_s >= 0
with k objectives. N weight vectors w_j are drawn from a Dirichlet distribution, the same for all replies of
the group. The score of a reply and its advantage, which all of its sampled tokens get, are

    R_i = (1 / N) sum_j max_s w_j . r_s        A_i = (R_i - mean R) / (std R + 1e-6)

with the population standard deviation; A_i is 0 where the deviation is below 1e-6. A reply without answers
has R_i = 0 and takes part in the mean. The update is a clipped policy gradient.

Departures:
    - Rewards and weights below zero are refused. An empty reply scores 0, so it would win against an answer
      with negative rewards; in the released code it does.
    - The released code draws the weights of all groups from one persistent generator. `VPO` seeds a generator
      by seed, problem and step, so a resumed run needs no state and the order of groups does not matter.
    - `VPO` does not learn from replies that the token limit cut; they still take part in the mean.

With one answer per reply, the score tends to the mean of the objectives, so the method equals GRPO on that
mean. `answers` above 1 asks the environment to read several answers from a reply; answers with equal syntax
trees count once. The reward of an episode, which other parts of a run see, is the reward of its best answer.

The field `objective` selects the paper's baselines, which get the same answers: `multi_rlvr` scores a reply
by the sum over its answers of all objectives, and `max_at_k` and `gdpo` take the answer of each reply with
the highest mean of objectives. `gdpo` whitens the advantages over the tokens of the batch, as the released
code does.

References:
    Vector Policy Optimization, arXiv 2605.22817, and the code at github.com/ryanboldi/vpo.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from ....agents import EpisodeRecord
from ...rows import RL, Row
from ..algorithm import Algorithm, Group, Wants
from ..framework.groups import group_passes
from ..framework.streams import write_advantages
from .baselines import gdpo_advantages, multi_rlvr_scores, standardised_max_at_k, whitened
from .programs import unique_indices
from .sets import dirichlet_weights, group_advantages, set_scores, sobol_weights

Answers = Callable[[EpisodeRecord], Tensor | None]
"""Function that returns the rewards [m, k] of the different answers in a reply; None without an answer."""


@dataclass(frozen=True, kw_only=True)
class VPOSettings:
    """Settings of VPO.

    Raises:
        ValueError: A setting is out of range.
    """

    objective: Literal["vpo", "multi_rlvr", "max_at_k", "gdpo"] = "vpo"
    """Score of a reply: `vpo`, or one of the baselines `multi_rlvr`, `max_at_k` and `gdpo`."""
    answers: int = 1
    """Largest number of answers in a reply; above 1 only in mode single."""
    samples: int = 100
    """Number of scalarisations N per group, for `vpo`."""
    sampler: Literal["dirichlet", "sobol"] = "dirichlet"
    """Source of the scalarisations: `dirichlet` or `sobol`."""
    concentration: float = 1.0
    """Parameter of the Dirichlet distribution; 1 for `sobol`."""
    seed: int = 0
    """Seed of the scalarisations."""
    test_groups: int = 3
    """Number of groups of tests, by input size, whose results are the objectives."""
    k: int | None = None
    """Size of the subsets of `max_at_k`; half of the replies of a group unless given."""

    def __post_init__(self) -> None:
        objectives = ("vpo", "multi_rlvr", "max_at_k", "gdpo")
        if self.objective not in objectives:
            raise ValueError(f"objective must be one of {', '.join(objectives)}, got {self.objective!r}")
        if self.sampler != "dirichlet" and (self.sampler, self.concentration) != ("sobol", 1):
            given = f"{self.sampler!r} with {self.concentration!r}"
            raise ValueError(f"sampler must be 'dirichlet', or 'sobol' with concentration 1, got {given}")
        if not 0 < self.concentration < math.inf:
            raise ValueError(f"concentration must be positive and finite, got {self.concentration!r}")
        for name in ("answers", "samples", "test_groups"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        if self.k is not None and self.k < 2:
            raise ValueError(f"k must be at least 2, got {self.k!r}")


class VPO(Algorithm):
    """Gives each token of a reply the standardised score of the set of answers that the reply holds.

    Args:
        group_size: Number of replies per problem.
        settings: Settings of the method.
        answers: Function that returns the rewards of the answers in a reply; by default, the results of each
            answer on the groups of tests.
    """

    name = "vpo"

    def __init__(
        self, *, group_size: int, settings: VPOSettings | None = None, answers: Answers | None = None
    ) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or VPOSettings()
        self.wants = Wants(all_runs=True, answers=self.settings.answers)
        self._answers = answers or self._judged

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its replies on the rows.

        Raises:
            ValueError: A reward is negative.
        """
        answers = [self._answers(member.episode) for member in group.members]
        width = next((part.shape[1] for part in answers if part is not None and len(part)), None)
        if width is None:  # no reply holds an answer: nothing to compare
            return group
        rewards = [part if part is not None and len(part) else torch.zeros(0, width) for part in answers]
        return write_advantages(group, self._advantages(group, rewards, width))

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Return the groups; for `gdpo` with the advantages whitened over the tokens of the batch."""
        if self.settings.objective != "gdpo" or not groups:
            return groups
        rows = [row for group in groups for row in group.rows]
        masks = [row.weights[RL] != 0 for row in rows]
        values = whitened(torch.cat([row.advantages for row in rows])[None], torch.cat(masks)[None])[0]
        parts = iter(torch.split(values, [len(row) for row in rows]))

        def with_part(row: Row) -> Row:
            return replace(row, advantages=next(parts))

        return [group.with_rows([with_part(row) for row in group.rows]) for group in groups]

    def _advantages(self, group: Group, rewards: Sequence[Tensor], objectives: int) -> Tensor:
        settings = self.settings
        if settings.objective == "vpo":
            return group_advantages(set_scores(rewards, self._weights(group, objectives)))
        if settings.objective == "multi_rlvr":
            ones = torch.ones(objectives, dtype=torch.float64)
            return group_advantages(multi_rlvr_scores(rewards, ones))
        best = torch.stack([_best(part.double()) for part in rewards])
        if settings.objective == "gdpo":
            return gdpo_advantages(best)
        if len(best) < 3:  # no subset of at least 2 replies leaves one out
            return torch.zeros(len(best), dtype=torch.float64)
        k = None if settings.k is None else min(settings.k, len(best) - 1)
        return standardised_max_at_k(best.mean(dim=1), k)

    def _judged(self, episode: EpisodeRecord) -> Tensor | None:
        """Return the results [m, k] of the different answers of a reply on the groups of tests."""
        groups = self.settings.test_groups
        if episode.answers:
            kept = unique_indices([answer.submission for answer in episode.answers])
            return torch.stack([group_passes(episode.answers[index].judgement, groups) for index in kept])
        return None if episode.judgement is None else group_passes(episode.judgement, groups)[None]

    def _weights(self, group: Group, objectives: int) -> Tensor:
        settings, row = self.settings, group.rows[0]
        digest = hashlib.sha256(f"{settings.seed}/{row.policy_version}/{row.group_id}".encode()).digest()
        seed = int.from_bytes(digest[:6], "big")
        if settings.sampler == "sobol":
            return sobol_weights(settings.samples, objectives, seed)
        generator = torch.Generator().manual_seed(seed)
        return dirichlet_weights(settings.samples, objectives, generator, settings.concentration)


def _best(answers: Tensor) -> Tensor:
    """Return the rewards [k] of the answer with the highest mean, the first of equal ones; 0 without one."""
    if not len(answers):
        return answers.new_zeros(answers.shape[1])
    return answers[int(answers.mean(dim=1).argmax())]
