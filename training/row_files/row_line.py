"""One line of a file of training rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA_VERSION = 1
REINFORCED, IMITATED, DIVERGENCE = "rl", "ce", "kl"
COMPONENTS = (REINFORCED, IMITATED, DIVERGENCE)
"""Components of the loss: reinforcement by advantages, cross-entropy, divergence from a reference policy."""


@dataclass(frozen=True, kw_only=True)
class RowLine:
    """One sequence of an episode: T tokens with streams of one value per token.

    The fields are the keys of the line.
    """

    schema_version: int = SCHEMA_VERSION
    group_id: str
    """Group whose rewards are compared: the episodes of one agent on one problem."""
    group_size: int
    """Number of episodes of the group in the file."""
    episode_id: str
    """Episode that the row is from; different in each episode of the file."""
    row: int
    """Number of the row in the episode, from 0; a rewritten history starts another row."""
    token_ids: list[int] = field(repr=False)
    """[T]: ids of the prompt, then of replies and observations, as the model has read and sampled them."""
    loss_mask: list[bool] = field(repr=False)
    """[T]: whether the policy sampled the token."""
    log_probs: list[float] = field(repr=False)
    """[T]: log-probs of the sampled tokens at the time of sampling; 0 for other tokens."""
    advantages: list[float] = field(repr=False)
    """[T]: advantages; 0 for tokens that were not sampled."""
    weights: dict[str, list[float]] = field(repr=False)
    """[T] per component of the loss: weights of the tokens, at least 0."""
    turns: list[int] = field(repr=False)
    """[T]: number of the step of the episode that the token belongs to."""
    prompt_tokens: dict[str, int]
    """Number of tokens that the model had read before it sampled, per turn where it is known."""
    texts: dict[str, str] = field(repr=False)
    """Text of the reply per turn, where the sampled tokens decode to it."""
    reward: float
    """Reward of the episode."""
    truncated: bool
    """Whether the token limit cut a reply."""

    def plain(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)
