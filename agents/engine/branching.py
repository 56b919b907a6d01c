"""Points in an episode from which other episodes can continue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...envs.episode import EpisodeSnapshot
from ..agent import Message, TokenSpan
from ..records.record import StepRecord


@dataclass(frozen=True, kw_only=True)
class EpisodeBranch:
    """The state of an episode before a move of its agent: environment, conversation and steps so far.

    An episode that continues from it has the same first steps; its own steps follow. The branch can be used
    any number of times.
    """

    snapshot: EpisodeSnapshot = field(repr=False)
    """State of the environment."""
    observation: str = field(repr=False)
    """First observation of the episode."""
    messages: tuple[Message, ...] = field(repr=False)
    """Conversation so far, without the observation that the agent has not answered yet."""
    steps: tuple[StepRecord, ...] = field(repr=False)
    """Steps so far; none before the first move."""

    @property
    def spans(self) -> tuple[TokenSpan, ...]:
        """The tokens of the steps so far, as far as they are known."""
        return tuple(step.tokens for step in self.steps if step.tokens is not None)


BranchObserver = Callable[[EpisodeBranch], None]
"""Function that is called with the state of an episode before each move of its agent, in the thread of the
episode."""
