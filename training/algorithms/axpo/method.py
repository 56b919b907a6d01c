"""AXPO: tool calls of problems whose tool-using replies all fail are sampled again from the call on.

Paper: AXPO, arXiv 2605.28774, known from summaries. In a group of G rollouts of a problem, with rewards r:

    trigger: some rollouts call a tool, and all of these are wrong
    prefix of a rollout: its replies up to and including the tag that opens its first tool call
    uncertainty: a low mean probability of the tokens of the whole call, tags included
    budget: 25 % of the rollouts of the batch, in whole groups of K = 4 continuations of a prefix; every
        triggered problem gets its most uncertain prefix before any gets a second
    continuation k:   A_k = (r_k - mean r) / std r over the K continuations, on the tokens after the prefix
    selected rollout: its reward becomes r' = 1 if some continuation is right, else stays;
        A = (r' - mean) / std over its group with that one reward replaced, on the tokens of the prefix
    other rollouts keep their GRPO advantage

The summaries leave open, and the choice here is:
- The order of the problems when the budget is smaller than one prefix each: by uncertainty.
- Several calls in a reply: the first. A call without closing tag extends to the end of the reply.
- Ties: the earlier problem, then the earlier rollout. Standard deviation: of the sample, plus 1e-6.
- Ablation without ranking: the order of sampling, which is random, as rollouts are drawn alike.
- Ablation on rollouts without a call: nothing marks a fork, so they are sampled again from their start. The
  mean probability of the whole reply ranks them.
- A call of the tool that hands in the answer is no tool use; `ignored` names this tool.
- A selected rollout without a prefix or without prefix credit (ablations) keeps its GRPO advantage.

Departures:
- The loss is the trainer's: a mean over the tokens of the batch, with its bounds on ratios and no KL term.
  The paper has a mean over problems of sums over rollouts, bounds of 0.2 and 0.4, and a KL weight of 1e-3.
- What the budget of a batch leaves over, because prefixes are paid for in whole groups of K, is kept for the
  next batch of the run; otherwise small batches would never sample a continuation.
- Rewards need not be binary: `success` is the reward of a right answer. Replies that were cut by the token
  limit count in the baselines but are not learned from, except for the prefix of a selected rollout.

A call in a later turn is continued from a snapshot of the environment before that turn. With more than one
reply, the credit of a prefix covers all replies up to the fork.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ...rows import RL, Row
from ..algorithm import Algorithm, EpisodePlan, EpisodeRole, Group, Scored, ScoringContext, Wants
from .budget import choose_sources, prefix_advantages, relative_advantages, source_count, triggered
from .calls import Call, find_call, mean_probabilities

FindCall = Callable[[Scored], Call | None]
"""Function that finds the first tool call of an episode."""


@dataclass(frozen=True, kw_only=True)
class AXPOSettings:
    """Settings of AXPO."""

    open_tag: str = "<tool_call>"
    """Text that opens a tool call. Without it nothing is sampled again."""
    close_tag: str = "</tool_call>"
    """Text that closes a tool call; without it a call extends to the end of the reply."""
    ignored: str = "submit"
    """Name of the tool whose calls do not count, because they hand in an answer."""
    share: float = 0.25
    """Additional episodes as a share of the planned episodes, at least 0."""
    continuations: int = 4
    """Number of continuations of a prefix, at least 2."""
    success: float = 1.0
    """Reward from which on an episode counts as right."""
    scale_by_std: bool = True
    """Divide advantages by the standard deviation of their group, as in the paper."""
    rank: bool = True
    """Take the most uncertain calls; otherwise the first ones (ablation)."""
    fix_prefix: bool = True
    """Continue from the prefix; otherwise sample whole replies (ablation)."""
    prefix_credit: bool = True
    """Give the prefix credit for right continuations; otherwise the rollout stays as it is (ablation)."""
    own_group: bool = True
    """Compare continuations among themselves; otherwise with the whole group (ablation)."""
    resample_calls: bool = True
    """Sample rollouts with a call again; otherwise rollouts without a call (ablation)."""

    def __post_init__(self) -> None:
        if not 0 <= self.share < math.inf or not math.isfinite(self.success):
            raise ValueError(f"share must be at least 0, and share and success finite, got {self!r}")
        if self.continuations < 2:
            raise ValueError(f"continuations must be at least 2, got {self.continuations!r}")


class AXPO(Algorithm):
    """GRPO that samples uncertain tool calls again where no rollout with a call is right.

    Args:
        group_size: Number of planned episodes per problem.
        settings: Settings of the method.
        find_call: Function that finds the first call of an episode; by the tags of the settings, in the text
            of the tokens, unless given.

    References:
        arXiv 2605.28774. The module docstring lists what is open and the departures.
    """

    name = "axpo"
    wants = Wants(snapshots=True)

    def __init__(
        self, *, group_size: int, settings: AXPOSettings | None = None, find_call: FindCall | None = None
    ) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or AXPOSettings()
        self._find_call = find_call
        self._credit = 0.0  # additional episodes that may still be planned
        self._sources: dict[str, list[_Source]] = {}  # by problem, until the end of the step

    def expand_groups(
        self, groups: Sequence[Group], context: ScoringContext
    ) -> Sequence[Sequence[EpisodePlan]]:
        """Return the continuations for each group, within a budget for all groups together."""
        if any(group.problem.id in self._sources for group in groups):  # are not continued again
            return [[] for _ in groups]
        continuations = self.settings.continuations
        self._credit += self.settings.share * sum(len(group.members) for group in groups)
        count = source_count(self._credit, share=1, continuations=continuations)
        calls = [[self._call(member, context.tokenizer) for member in group.members] for group in groups]
        self._credit -= count * continuations
        return self._plan(groups, calls, count)

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of rollouts, prefixes and continuations on the rows."""
        settings = self.settings
        samples = [member.episode.sample for member in group.members]
        planned = sum(sample < self.group_size for sample in samples)
        if planned < 2:
            return group
        scale = settings.scale_by_std
        rewards = torch.tensor(group.rewards, dtype=torch.float64)
        compared = rewards[:planned] if settings.own_group else rewards
        values = torch.zeros_like(rewards)
        values[: len(compared)] = relative_advantages(compared[None], scale_by_std=scale)[0]
        prefixes: dict[int, Call] = {}
        credited = settings.prefix_credit and settings.fix_prefix
        for number, chosen in enumerate(self._sources.get(group.problem.id, ())):
            first = self.group_size + number * settings.continuations
            tries = [place for place, s in enumerate(samples) if 0 <= s - first < settings.continuations]
            if settings.own_group and len(tries) > 1:
                values[tries] = relative_advantages(rewards[None, tries], scale_by_std=scale)[0]
            source, call = samples.index(chosen.sample), chosen.fork
            if tries and call.fork > call.start and credited:
                prefixes[source] = call
                recovered = (rewards[tries] >= settings.success).any()[None]
                values[source] = prefix_advantages(
                    compared, torch.tensor([source]), recovered, success=settings.success, scale_by_std=scale
                )[0]
        learned = enumerate(zip(group.rows, values.float(), strict=True))
        return group.with_rows([_learned(row, value, prefixes.get(place)) for place, (row, value) in learned])

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Return the groups as they are; the step ends."""
        self._sources = {}
        return groups

    def state_dict(self) -> dict[str, Any]:
        """Return the credit that is left."""
        return {"credit": self._credit}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        Raises:
            ValueError: The state belongs to another algorithm.
        """
        if set(state) != {"credit"} or not 0 <= float(state["credit"]) < math.inf:
            raise ValueError(f"the state of {self.name!r} is a credit of at least 0, got {dict(state)!r}")
        self._credit = float(state["credit"])

    def _plan(
        self, groups: Sequence[Group], calls: Sequence[Sequence[Call | None]], count: int
    ) -> list[list[EpisodePlan]]:
        """Plan the continuations of at most `count` rollouts, given the first call of each rollout."""
        width = max((len(group.members) for group in groups), default=0)
        rewards = torch.zeros(len(groups), width)
        probabilities = torch.full((len(groups), width), torch.nan)
        eligible = torch.zeros(len(groups), width, dtype=torch.bool)
        forks: dict[tuple[int, int], Call] = {}
        for number, group in enumerate(groups):
            for place, member in enumerate(group.members):
                call = calls[number][place]
                eligible[number, place] = (call is not None) == self.settings.resample_calls
                rewards[number, place] = member.episode.reward
                if fork := self._fork(member, call):
                    forks[number, place] = fork
                    part = member.row.sampler_log_probs[None, fork.open : fork.end]
                    probabilities[number, place] = mean_probabilities(part, torch.ones_like(part) > 0)[0]
        wrong = triggered(rewards, eligible, success=self.settings.success)
        candidates = eligible & wrong[:, None] & ~probabilities.isnan()
        chosen = choose_sources(probabilities, candidates, count=count, rank=self.settings.rank)
        return [
            self._continue(
                group, {place: forks[number, place] for place in picked.nonzero().flatten().tolist()}
            )
            for number, (group, picked) in enumerate(zip(groups, chosen, strict=True))
        ]

    def _continue(self, group: Group, forks: Mapping[int, Call]) -> list[EpisodePlan]:
        """Plan the continuations of the chosen rollouts of a group, and remember which these are."""
        plans: list[EpisodePlan] = []
        sources = []
        for place, fork in forks.items():
            member = group.members[place]
            fixed = self.settings.fix_prefix
            prefix = tuple(member.row.token_ids[fork.start : fork.fork].tolist()) if fixed else ()
            snapshot = member.branches.get(_turn(member, fork)) if fixed else None
            sources.append(_Source(sample=member.episode.sample, fork=fork))
            for _ in range(self.settings.continuations):
                plans.append(
                    EpisodePlan(
                        sample=self.group_size + len(plans),
                        prefix_ids=prefix,
                        snapshot=snapshot,
                        parent=member.episode.sample,
                        role=EpisodeRole.CONTINUATION,
                    )
                )
        self._sources[group.problem.id] = sources
        return plans

    def _fork(self, member: Scored, call: Call | None) -> Call | None:
        """Return where to sample a rollout again; None if it cannot be continued there."""
        if not self.settings.resample_calls:
            sampled = member.row.loss_mask.nonzero().flatten().tolist()
            if not sampled:
                return None
            return Call(start=sampled[0], open=sampled[0], fork=sampled[0], end=sampled[-1] + 1)
        if call is None:
            return None
        turn = _turn(member, call)
        return call if turn == 0 or turn in member.branches else None

    def _call(self, member: Scored, tokenizer: Any) -> Call | None:
        """Return the first call of a rollout."""
        if self._find_call is not None:
            return self._find_call(member)

        def decode(ids: Sequence[int]) -> str:
            text = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
            return str(text)

        settings, row = self.settings, member.row
        return find_call(
            row.token_ids,
            row.loss_mask,
            decode=decode,
            open_tag=settings.open_tag,
            close_tag=settings.close_tag,
            ignored=settings.ignored,
        )


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A rollout that is sampled again."""

    sample: int
    fork: Call


def _turn(member: Scored, call: Call) -> int:
    """Return the number of the step whose reply has the call."""
    return int(member.row.turn_ids[call.open])


def _learned(row: Row, advantage: Tensor, prefix: Call | None = None) -> Row:
    """Return the row with an advantage on all sampled tokens, or only on those before the fork of a call."""
    part = row.loss_mask
    if prefix is not None:
        places = torch.arange(len(row))
        part = part & (places < prefix.fork)  # earlier replies lead to the call, too
    kept = row.weights[RL] * part * (prefix is not None or not row.truncated)
    return replace(row, advantages=advantage * part, weights={**row.weights, RL: kept})
