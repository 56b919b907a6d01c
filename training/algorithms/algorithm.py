"""The base class of algorithms, which decide what is sampled and what is learned from each token.

The trainer is independent of the algorithm: it samples the planned episodes and sums the components of the
loss over the streams that the algorithm has written to the rows. A new method is a subclass of `Algorithm`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import torch

from ...agents import EpisodeBranch, EpisodeRecord, JudgementRecord
from ...problems import Problem
from ..rows import Row
from .framework.losses import Clipping, Surrogate, policy_loss

EXPANSIONS = 4
"""Largest number of rounds of further episodes within a round of sampling."""


class EpisodeRole(StrEnum):
    """What an episode is for the metrics and the curriculum of a run."""

    ATTEMPT = "attempt"
    """An attempt at the problem."""
    CONTINUATION = "continuation"
    """A repetition of a part of a chosen episode; its reward counts apart."""
    RETROSPECTION = "retrospection"
    """A reply about an episode, not about the problem; its reward counts nowhere."""


@dataclass(frozen=True, kw_only=True)
class EpisodePlan:
    """The plan of one episode."""

    sample: int
    """Number of the episode in its group, from 0. It is part of the seed, so it differs within a group."""
    prefix_ids: tuple[int, ...] = field(default=(), repr=False)
    """Token ids at the start of the reply. They are context and are not learned from; only the tokens that
    follow are sampled."""
    group: int = 0
    """Number of the group of the problem that the episode is compared in."""
    prompt: str | None = field(default=None, repr=False)
    """Text that the policy reads instead of the first observation, for example a request to repair a program;
    None keeps the observation. The submission is judged on the same problem."""
    snapshot: EpisodeBranch | None = field(default=None, repr=False)
    """State of another episode on the problem that the episode continues, for example an entry of
    `Scored.branches`; None begins a new episode. What was played before is context and is not learned from.
    `prefix_ids` then begin the first reply after the snapshot, and `prompt` must be None."""
    turns: int | None = None
    """Largest number of steps of the episode; the limit of the environment holds as well. No other limit if
    None."""
    parent: int | None = None
    """Sample number of the episode that this episode continues, repairs or repeats; None has no parent."""
    role: EpisodeRole = EpisodeRole.ATTEMPT
    """What the episode is for the metrics of the run."""

    def __post_init__(self) -> None:
        if self.snapshot is not None and self.prompt is not None:
            raise ValueError("a plan that continues from a snapshot cannot have another prompt")


@dataclass(frozen=True, kw_only=True)
class Wants:
    """What an algorithm needs besides rewards; the trainer computes it only if it is wanted."""

    all_runs: bool = False
    """Whether judgements must have a run for every selected test. Otherwise judging stops at the first failed
    run."""
    components: bool = False
    """Whether the components of rewards are used; some of them need a run for every selected test."""
    answers: int = 1
    """Number of answers that a reply may hold, each judged with all runs; above 1 only in mode single."""
    judge_model: bool = False
    """Whether scoring asks a judge model, which the settings of the run must name."""
    reference: bool = False
    """Whether rows need the log-probs of the reference policy, which is the checkpoint that the run started
    from."""
    entropy: bool = False
    """Whether rows need the entropies of the distributions that their tokens were sampled from."""
    snapshots: bool = False
    """Whether the states of episodes before each step are kept, so that plans can continue from them."""

    def __post_init__(self) -> None:
        if self.answers < 1:
            raise ValueError(f"answers must be at least 1, got {self.answers!r}")

    @property
    def every_run(self) -> bool:
        """Whether judging must not stop at the first failed run."""
        return self.all_runs or self.components or self.answers > 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """A valid episode and its training row."""

    episode: EpisodeRecord
    row: Row
    plan: EpisodePlan | None = None
    """Plan of the episode; None when the episode was not sampled by the trainer."""
    branches: Mapping[int, EpisodeBranch] = field(default_factory=dict, repr=False)
    """States of the episode from which plans can continue, by the number of the step that followed, from 0;
    empty unless the algorithm wants snapshots."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """The valid episodes of one group of a problem, ordered by sample number."""

    problem: Problem
    members: tuple[Scored, ...]
    number: int = 0
    """Number of the group among the groups of the problem."""

    @property
    def rewards(self) -> list[float]:
        """The rewards of the episodes."""
        return [member.episode.reward for member in self.members]

    @property
    def rows(self) -> list[Row]:
        """The rows of the episodes."""
        return [member.row for member in self.members]

    @property
    def attempts(self) -> list[EpisodeRecord]:
        """The episodes that are attempts at the problem."""
        return [
            member.episode
            for member in self.members
            if member.plan is None or member.plan.role is EpisodeRole.ATTEMPT
        ]

    @property
    def has_signal(self) -> bool:
        """Whether some token of some row would change the weights."""
        return any(row.has_signal for row in self.rows)

    def with_rows(self, rows: Sequence[Row]) -> Group:
        """Return the group with other rows for the same episodes."""
        members = tuple(replace(member, row=row) for member, row in zip(self.members, rows, strict=True))
        return replace(self, members=members)


def rows_with_signal(groups: Sequence[Group]) -> list[Row]:
    """Return the rows of the groups that have signal after all hooks; other groups are not learned from.

    An episode whose history was rewritten gives a row per sequence.
    """
    return [part for group in groups if group.has_signal for row in group.rows for part in row.sequences]


ProgramJudge = Callable[[Problem, str], JudgementRecord]
"""Function that judges the source of a Python program.

It can be called from several threads, and raises JudgeError when there is no verdict.
"""
JudgeModel = Callable[[str], Awaitable[str]]
"""Coroutine function that sends a prompt to a model and returns its reply.

It raises ModelError when there is no reply, and BudgetError when the budget of the run is spent.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoringContext:
    """What planning and scoring may use besides the episodes."""

    step: int
    """Number of steps of the run taken so far."""
    generator: torch.Generator
    """Source of randomness that depends only on the seed of the run and the step."""
    tokenizer: Any
    """Tokenizer of the policy, as of transformers; a fast tokenizer gives offsets."""
    judge: ProgramJudge | None = None
    """Judges a program on the tests that decide rewards; None outside of a training run."""
    judge_model: JudgeModel | None = None
    """Asks the judge model of the run; None unless the settings name a model."""


class Algorithm:
    """The hooks of a training step, in the order of their calls; each may be overridden.

    Args:
        group_size: Number of episodes per problem.

    Raises:
        ValueError: `group_size` is below 1.
    """

    name = "none"
    """Name in checkpoints; a run is resumed only by an algorithm of the same name."""
    wants = Wants()
    """What the algorithm needs besides rewards."""
    clipping = Clipping()
    """Bounds on the ratios between current and old policy."""
    surrogate: Surrogate = staticmethod(policy_loss)
    """Objective of the component `rl`."""
    coefficients: Mapping[str, float] = {}
    """Factors of the components of the loss by name; a component that is not named has the factor 1."""

    def __init__(self, *, group_size: int) -> None:
        if group_size < 1:
            raise ValueError(f"group_size must be at least 1, got {group_size!r}")
        self.group_size = group_size

    def plan_group(self, problem: Problem) -> Sequence[EpisodePlan]:
        """Return the plans of the episodes to sample on a problem."""
        return [EpisodePlan(sample=sample) for sample in range(self.group_size)]

    def expand(self, group: Group) -> Sequence[EpisodePlan]:
        """Return plans of further episodes of a group, given the results so far."""
        return ()

    def expand_groups(
        self, groups: Sequence[Group], context: ScoringContext
    ) -> Sequence[Sequence[EpisodePlan]]:
        """Return plans of further episodes for each group; calls `expand` for each by default.

        Called with all groups of a round of sampling, and again after the further episodes were played, until
        no group has further plans or `EXPANSIONS` calls were made. An algorithm with a budget for the whole
        batch overrides this method.
        """
        return [self.expand(group) for group in groups]

    def score_episode(self, scored: Scored) -> Row:
        """Return the row with streams that depend on this episode alone."""
        return scored.row

    def score_group(self, group: Group) -> Group:
        """Return the group with streams that depend on a comparison within the group."""
        return group

    def score_groups(
        self, groups: Sequence[Group], context: ScoringContext
    ) -> Sequence[Group] | Coroutine[Any, Any, Sequence[Group]]:
        """Return all groups of a round of sampling with streams; calls `score_group` for each by default.

        An algorithm that compares groups, or that asks a judge model about all of them at once, overrides
        this method. It may be a coroutine function.
        """
        return [self.score_group(group) for group in groups]

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Return the groups with streams that depend on the whole batch; it has only groups with signal."""
        return groups

    def report(self) -> Mapping[str, float | None]:
        """Return metrics of the method for the step, which `metrics.jsonl` has as `algorithm`; none if empty.

        Called once per step, after `score_batch`.
        """
        return {}

    def observe(self, metrics: Mapping[str, Any]) -> None:
        """Note the metrics of the step after its update, as in `metrics.jsonl`."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state that a resumed run needs, as JSON values."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        Raises:
            ValueError: The state belongs to another algorithm.
        """
        if state:
            raise ValueError(f"algorithm {self.name!r} has no state, got {sorted(state)}")
