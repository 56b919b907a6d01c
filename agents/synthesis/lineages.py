"""The state of the conversation on a seed, which the journal's events build up again after a crash."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...problems.synthesis import (
    CHAIN_BANDS,
    Band,
    Direction,
    Reject,
    Seed,
    direction_after,
)
from ..agent import Message
from .conversation import Measured, first_message, rated_message, rejected_message
from .journal import Event
from .settings import SynthesisSettings

KEPT, MEMBER = "kept", "member"
"""Outcomes of a turn whose problem joined the set, or its chain."""
_SHOWN_REPLY = 20_000
"""Most characters of a reply that the conversation repeats."""


@dataclass(kw_only=True)
class LineageState:
    """A seed, the conversation on it, and the problems so far. Changed by `note` only."""

    number: int
    seed: Seed
    settings: SynthesisSettings
    conversation: list[Message] = field(default_factory=list)
    parent: str = ""
    members: list[str] = field(default_factory=list)
    """Ids of the problems of the chain so far, the hard one first."""
    finished: bool = False

    def __post_init__(self) -> None:
        self.conversation = [{"role": "user", "content": first_message(self.seed, self.target)}]

    @property
    def target(self) -> Band:
        """The pass rates that the next problem should have."""
        if not self.settings.chains:
            return self.settings.target
        return CHAIN_BANDS[min(len(self.members), len(CHAIN_BANDS) - 1)]

    @property
    def asked(self) -> list[Message]:
        """The messages that the teacher gets."""
        return self.conversation[:1] if self.settings.single_turn else list(self.conversation)

    @property
    def is_chain(self) -> bool:
        """Whether the chain is complete."""
        return self.settings.chains and len(self.members) == len(CHAIN_BANDS)

    def problem_id(self, turn: int) -> str:
        """Return the id of the problem of a turn."""
        return f"syn-{self.number:06d}-{turn:02d}"

    def outcome_in_band(self, rate: float) -> Reject | None:
        """Return why a pass rate keeps a problem out of the set; None if it does not."""
        kept = self.settings.kept
        if rate < kept.low:
            return Reject.UNSOLVED
        if rate > kept.high:
            return Reject.TRIVIAL
        return Reject.OFF_LEVEL if self.settings.chains and rate not in self.target else None

    def message_after(self, measured: Measured | None, outcome: str, message: str) -> str:
        """Return what the teacher is told about a turn, with the target of the next turn."""
        following = self.target
        if outcome == MEMBER:
            following = CHAIN_BANDS[min(len(self.members) + 1, len(CHAIN_BANDS) - 1)]
        if measured is None:
            return rejected_message(Reject(outcome), message, following)
        return rated_message(measured, self._direction(measured.rate, following), following)

    def note(self, reply: str, ended: Event) -> None:
        """Take over what became of a turn."""
        outcome, problem = str(ended["outcome"]), str(ended["problem"])
        if outcome == Reject.NO_REPLY:
            return
        self.conversation += [
            {"role": "assistant", "content": reply[:_SHOWN_REPLY]},
            {"role": "user", "content": str(ended["message"])},
        ]
        if ended.get("rate") is not None:
            self.parent = problem
        if outcome == MEMBER:
            self.members.append(problem)
            self.finished = self.is_chain

    def _direction(self, rate: float, following: Band) -> Direction:
        if not self.settings.chains:
            return direction_after(rate)
        if rate in following:
            return Direction.IN_BAND
        return Direction.HARDER if rate > following.high else Direction.EASIER
