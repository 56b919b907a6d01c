"""Training rows: the tokens of an episode with streams that say what to learn from each token.

An algorithm sees one row per episode. Where the chat template has rewritten the history, the tokens of the
episode are several sequences; the update takes each sequence as a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import torch
from torch import Tensor

from ..agents import EpisodeRecord, TokenSpan
from .errors import TrainingError

RL, CE, KL = "rl", "ce", "kl"
"""Names of the components of the loss: reinforcement by advantages, cross-entropy, and divergence from the
reference policy."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """The T tokens of an episode; each stream has one value per token."""

    episode_id: str
    group_id: str
    token_ids: Tensor = field(repr=False)
    """int64 [T]: ids of the prompt, then of replies and observations, exactly as the sampler saw them."""
    loss_mask: Tensor = field(repr=False)
    """bool [T]: whether the policy sampled the token."""
    sampler_log_probs: Tensor = field(repr=False)
    """float32 [T]: log-probs of the sampled tokens at the time of sampling; 0 for other tokens."""
    advantages: Tensor = field(repr=False)
    """float32 [T]: advantages, which the algorithm writes; initially 0."""
    weights: Mapping[str, Tensor] = field(repr=False)
    """float32 [T] per component of the loss: weights of the tokens. A token of weight 0 counts neither in the
    loss nor in its denominator. Initially there is only `rl`, with weight 1 for the sampled tokens."""
    turn_ids: Tensor = field(repr=False)
    """int64 [T]: number of the step of the episode that the token belongs to."""
    reward: float
    truncated: bool
    """Whether the token limit cut a reply."""
    policy_version: int
    """Number of optimizer steps that the sampling policy had taken."""
    reference_log_probs: Tensor | None = field(default=None, repr=False)
    """float32 [T]: log-probs of the reference policy, 0 for the first token; None unless the algorithm wants
    them."""
    entropies: Tensor | None = field(default=None, repr=False)
    """float32 [T]: entropies in nats of the distributions that the tokens were sampled from, 0 for other
    tokens; None unless the algorithm wants them."""
    policy_versions: Tensor | None = field(default=None, repr=False)
    """int64 [T]: number of optimizer steps that the policy had taken when it sampled the token, -1 for other
    tokens; None where the record does not say it."""
    components: Mapping[str, float] | None = field(default=None, repr=False)
    """Components of the reward by name, as the environment computed them; None where the record does not have
    them."""
    starts: tuple[int, ...] = (0,)
    """Places of the first tokens of the sequences, ascending from 0. There are several where the history was
    rewritten: a sequence then begins with the whole new history."""

    def __len__(self) -> int:
        return len(self.token_ids)

    @property
    def has_signal(self) -> bool:
        """Whether some token would change the weights."""
        return any(
            bool((weight * (self.advantages if name == RL else 1)).any())
            for name, weight in self.weights.items()
        )

    @property
    def sequences(self) -> list[Row]:
        """The sequences in which the policy sampled something, as rows of their own.

        A row that is a single sequence is returned as it is.
        """
        if len(self.starts) == 1:
            return [self]
        ends = (*self.starts[1:], len(self))
        parts = [_part(self, slice(*bounds)) for bounds in zip(self.starts, ends, strict=True)]
        return [part for part in parts if bool(part.loss_mask.any())]


def _part(row: Row, place: slice) -> Row:
    """Return one sequence of a row: every stream is cut, and what is said of the episode stays."""

    def cut(value: Any) -> Any:
        if isinstance(value, Tensor):
            return value[place]
        return {name: cut(each) for name, each in value.items()} if isinstance(value, Mapping) else value

    streams = {entry.name: cut(getattr(row, entry.name)) for entry in fields(row)}
    return replace(row, **{**streams, "starts": (0,)})


class _Streams:
    """The streams of a row, collected step by step."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.mask: list[bool] = []
        self.log_probs: list[float] = []
        self.entropies: list[float] = []
        self.versions: list[int] = []
        self.turns: list[int] = []
        self.has_entropies = self.has_versions = True

    def add(self, span: TokenSpan, *, turn: int, own: bool) -> None:
        """Add the tokens of a step; tokens that another episode sampled are context."""
        size = len(span.ids)
        nothing = (0.0,) * size
        version = span.policy_version
        self.ids += span.ids
        self.mask += span.loss_mask if own else (False,) * size
        self.log_probs += (span.log_probs if own else None) or nothing
        self.entropies += (span.entropies if own else None) or nothing
        self.versions += [
            version if own and sampled and version is not None else -1 for sampled in span.loss_mask
        ]
        self.turns += [turn] * size
        self.has_entropies &= span.entropies is not None or not own
        self.has_versions &= version is not None or not own


def row_of(episode: EpisodeRecord, *, group_id: str, policy_version: int) -> Row:
    """Make the row of an episode; an episode without steps gives a row without tokens.

    The tokens that the policy read, prompts and observations, are context with loss mask False.

    Raises:
        TrainingError: The record lacks tokens or exact log-probs, or the episode has no reward.
    """
    if not episode.reward_valid:
        raise TrainingError(f"an episode on {episode.problem_id!r} is not valid: it has no reward")
    own_steps = episode.steps[episode.continued_steps :]
    streams = _Streams()
    starts = [0]
    for turn, step in enumerate(episode.steps):
        if step.tokens is None or step.tokens.log_probs is None:
            raise TrainingError(
                f"an episode on {episode.problem_id!r} by {episode.agent.name!r} has no tokens with exact "
                "log-probs: train on a local policy that samples at temperature 1 and top_p 1"
            )
        if turn and step.tokens.starts_row:
            # The history was rewritten, so the tokens of later steps do not continue the earlier ones.
            starts.append(len(streams.ids))
        # Earlier steps of another episode are context: nothing is learned from them.
        streams.add(step.tokens, turn=turn, own=turn >= episode.continued_steps)
    loss_mask = torch.tensor(streams.mask, dtype=torch.bool)
    return Row(
        episode_id=f"{episode.problem_id}#{episode.sample}",
        group_id=group_id,
        token_ids=torch.tensor(streams.ids, dtype=torch.int64),
        loss_mask=loss_mask,
        sampler_log_probs=torch.tensor(streams.log_probs, dtype=torch.float32),
        advantages=torch.zeros(len(streams.ids)),
        weights={RL: loss_mask.float()},
        turn_ids=torch.tensor(streams.turns, dtype=torch.int64),
        reward=episode.reward,
        truncated=any(step.finish_reason == "length" for step in own_steps),
        policy_version=policy_version,
        entropies=torch.tensor(streams.entropies) if streams.has_entropies else None,
        policy_versions=torch.tensor(streams.versions, dtype=torch.int64) if streams.has_versions else None,
        components=episode.components,
        starts=tuple(starts),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Rows of different lengths as one tensor, padded at the end with zeros of weight 0.

    The streams are [B, T - 1]: they begin at the second token, because nothing predicts the first token.
    """

    token_ids: Tensor
    """int64 [B, T]: token ids."""
    loss_mask: Tensor
    sampler_log_probs: Tensor
    advantages: Tensor
    weights: Mapping[str, Tensor]
    reference_log_probs: Tensor | None = None


def collate(rows: Sequence[Row], *, device: torch.device | str = "cpu") -> Batch:
    """Pad rows to the same length and stack them.

    Raises:
        ValueError: There are no rows, or a row has several sequences.
    """
    if not rows:
        raise ValueError("a batch needs at least one row")
    if any(len(row.starts) > 1 for row in rows):
        raise ValueError("a row of several sequences cannot be one line of a batch: take its `sequences`")
    names = sorted({name for row in rows for name in row.weights})
    none = [torch.zeros(len(row)) for row in rows]
    return Batch(
        token_ids=_padded([row.token_ids for row in rows]).to(device),
        loss_mask=_padded([row.loss_mask for row in rows])[:, 1:].to(device),
        sampler_log_probs=_padded([row.sampler_log_probs for row in rows])[:, 1:].to(device),
        advantages=_padded([row.advantages for row in rows])[:, 1:].to(device),
        weights={
            name: _padded([row.weights.get(name, zero) for row, zero in zip(rows, none, strict=True)])[
                :, 1:
            ].to(device)
            for name in names
        },
        reference_log_probs=_references(rows, device),
    )


def _references(rows: Sequence[Row], device: torch.device | str) -> Tensor | None:
    streams = [row.reference_log_probs for row in rows if row.reference_log_probs is not None]
    return _padded(streams)[:, 1:].to(device) if len(streams) == len(rows) else None


def token_counts(rows: Sequence[Row]) -> dict[str, int]:
    """Count the tokens of each component of the loss; the counts are the denominators of a batch."""
    counts: dict[str, int] = {}
    for row in rows:
        for name, weight in row.weights.items():
            # Without the first token, which nothing predicts.
            counts[name] = counts.get(name, 0) + int((weight[1:] != 0).sum())
    return counts


def _padded(streams: Sequence[Tensor]) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(list(streams), batch_first=True)
