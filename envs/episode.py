"""The state of an episode: what `info` tells, and what a snapshot holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..judge import FailureClass, Judgement, Submission


class Mode(StrEnum):
    """How an agent acts."""

    SINGLE = "single"
    TOOL = "tool"
    AGENTIC = "agentic"


class StopReason(StrEnum):
    """Why an episode ended. A cut by a wrapper (a time limit) is not among them: it is not ours."""

    SUBMITTED = "submitted"
    """A submission was judged."""
    MAX_TURNS = "max_turns"
    """The turn limit came before a submission."""
    NO_CODE = "no_code"
    """What was handed in holds no program: nothing to judge."""
    INFRASTRUCTURE = "infrastructure"
    """The judge, the workspace or the environment failed: there is no reward."""


@dataclass(frozen=True, kw_only=True)
class Rewards:
    """The reward of each way an episode ends. Every other step has reward 0."""

    accepted: float = 1.0
    """Every selected test is AC."""
    rejected: float = 0.0
    """Judged, and not accepted."""
    no_code: float = -0.1
    """Nothing to judge: no program handed in, or none within the turn limit."""
    invalid: float = 0.0
    """Infrastructure failed. A placeholder: `info["reward_valid"]` is False, so it is masked."""


REWARDS = Rewards()
"""The rewards in use. A change raises the version of the environments."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an episode ends."""

    stop_reason: StopReason
    reward: float
    failure_class: FailureClass | None = None
    judgement: Judgement | None = None
    submission: Submission | None = None
    error: str | None = None
    """Type of the error when infrastructure failed, for example `SandboxError`."""

    @classmethod
    def judged(cls, judgement: Judgement, submission: Submission) -> Ending:
        """End with a judged submission."""
        solved = judgement.verdict.accepted and judgement.passed == judgement.selected
        return cls(
            stop_reason=StopReason.SUBMITTED,
            reward=REWARDS.accepted if solved else REWARDS.rejected,
            failure_class=judgement.failure_class,
            judgement=judgement,
            submission=submission,
        )

    @classmethod
    def without_code(cls, stop_reason: StopReason) -> Ending:
        """End with nothing to judge."""
        return cls(stop_reason=stop_reason, reward=REWARDS.no_code, failure_class=FailureClass.NO_CODE)

    @classmethod
    def failed(cls, error: Exception) -> Ending:
        """End because infrastructure failed."""
        return cls(stop_reason=StopReason.INFRASTRUCTURE, reward=REWARDS.invalid, error=type(error).__name__)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the environment answers to an action."""

    text: str
    quoted: tuple[str, ...] = ()
    """Parts of the text that are the agent's or its program's own words."""
    judged: bool = False
    """The text is composed from what the judge found, so it is checked for hidden data."""
    ending: Ending | None = None
    """Set when the action ends the episode."""


@dataclass(frozen=True, kw_only=True)
class Episode:
    """Where an episode stands."""

    problem_id: str
    mode: Mode
    turn: int = 0
    """Steps taken."""
    observation: str = field(default="", repr=False)
    """The last one."""
    ending: Ending | None = None

    @property
    def info(self) -> dict[str, Any]:
        """A new `info`: the same keys at every step, plain values, nothing that depends on the clock."""
        ending = self.ending
        judgement = ending.judgement if ending else None
        return {
            "problem_id": self.problem_id,
            "mode": self.mode.value,
            "turn": self.turn,
            "verdict": judgement.verdict.value if judgement else None,
            "failure_class": ending.failure_class.value if ending and ending.failure_class else None,
            "passed": judgement.passed if judgement else 0,
            "selected": judgement.selected if judgement else 0,
            "stop_reason": ending.stop_reason.value if ending else None,
            "reward_valid": ending is None or ending.stop_reason is not StopReason.INFRASTRUCTURE,
            "error": ending.error if ending else None,
        }


@dataclass(frozen=True, kw_only=True)
class EpisodeSnapshot:
    """An episode that can be pickled and taken up again by `restore`."""

    problem_set: str
    episode: Episode
    random_state: dict[str, Any] = field(repr=False)
    """Of `np_random`."""
    workspace: bytes | None = field(default=None, repr=False)
    """Files of the workspace as a tar, in mode agentic."""
    version: int = 1
