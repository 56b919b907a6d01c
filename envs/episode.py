"""The state of an episode, from which `info` is made and which a snapshot holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..judge import FailureClass, Judgement, Submission, WorkspaceSnapshot
from .failures import FailureKind
from .rewards import NO_COMPONENTS


class Mode(StrEnum):
    """The form of the actions."""

    SINGLE = "single"
    TOOL = "tool"
    AGENTIC = "agentic"


class StopReason(StrEnum):
    """Why an episode ended. Truncation by a wrapper, such as Gymnasium's `TimeLimit`, is not a member."""

    SUBMITTED = "submitted"
    """The last submission that was allowed was judged and not accepted."""
    ACCEPTED = "accepted"
    """A submission was accepted."""
    MAX_TURNS = "max_turns"
    """The turn limit was reached before a submission ended the episode."""
    MAX_TOKENS = "max_tokens"
    """The actions had more tokens than `max_tokens`."""
    MAX_TOOL_CALLS = "max_tool_calls"
    """A tool was called after `max_tool_calls` calls."""
    PARSE_ERROR = "parse_error"
    """The number of malformed actions reached `max_malformed`."""
    NO_CODE = "no_code"
    """The submission holds no program, so nothing was judged."""
    INFRASTRUCTURE = "infrastructure"
    """The judge, the workspace or the environment failed, so the episode has no reward."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The last submission of an episode."""

    submission: Submission
    judgement: Judgement | None = None
    """Judgement on the hidden tests; None when the submission was judged on the samples only."""


@dataclass(frozen=True, kw_only=True)
class EpisodeEnd:
    """The end of an episode."""

    stop_reason: StopReason
    attempt: Attempt | None = None
    """The submission that counts; None when nothing was submitted and when infrastructure failed."""
    answers: tuple[Attempt, ...] = ()
    """All answers of the reply, where a reply may hold several."""
    error: str | None = None
    """Type of the exception when infrastructure failed, for example `SandboxError`."""
    failure_kind: FailureKind | None = None
    """Part that failed; None exactly when the episode has a reward."""

    @classmethod
    def failed(cls, error: Exception) -> EpisodeEnd:
        """Return the end of an episode whose infrastructure failed."""
        return cls(
            stop_reason=StopReason.INFRASTRUCTURE,
            error=type(error).__name__,
            failure_kind=FailureKind.of(error),
        )

    @property
    def judgement(self) -> Judgement | None:
        """The judgement on the submission that counts."""
        return self.attempt.judgement if self.attempt else None

    @property
    def submission(self) -> Submission | None:
        """The submission that counts."""
        return self.attempt.submission if self.attempt else None

    @property
    def valid(self) -> bool:
        """Whether the episode has a reward."""
        return self.stop_reason is not StopReason.INFRASTRUCTURE

    @property
    def failure_class(self) -> FailureClass | None:
        """The failure class of the submission; None if and only if the episode has no reward."""
        if not self.valid:
            return None
        return self.judgement.failure_class if self.judgement else FailureClass.NO_CODE


@dataclass(frozen=True, kw_only=True)
class ParsedReply:
    """The environment's answer to an action."""

    text: str
    quoted: tuple[str, ...] = ()
    """Parts of the text that the agent or its program wrote."""
    judged: bool = False
    """Whether the text is made from a judgement, so that it must be checked for hidden data."""
    malformed: bool = False
    """Whether the action was not valid."""
    tool_call: bool = False
    """Whether the action called a tool other than `submit`."""
    attempt: Attempt | None = None
    """The submission that the action made."""
    answers: tuple[Attempt, ...] = ()
    """All answers of the action, where it may hold several; the attempt is the best of them."""
    ending: StopReason | None = None
    """Reason why the action ends the episode; None if it does not."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts of the episode so far."""

    turns: int = 0
    tokens: int = 0
    """Tokens of the actions, counted by `count_tokens`; 0 without it."""
    characters: int = 0
    """Characters of the actions."""
    tool_calls: int = 0
    """Calls of tools other than `submit`."""
    malformed: int = 0
    """Actions that were not valid."""
    submissions: int = 0


@dataclass(frozen=True, kw_only=True)
class Episode:
    """The state of an episode."""

    problem_id: str
    mode: Mode
    counts: Counts = field(default_factory=Counts)
    observation: str = field(default="", repr=False)
    """Last observation."""
    attempt: Attempt | None = None
    """Last submission."""
    ending: EpisodeEnd | None = None
    reward: float = 0.0
    """Reward of the step that ended the episode; 0 before."""
    components: Mapping[str, float] = field(default_factory=lambda: dict(NO_COMPONENTS), repr=False)
    several: bool = False
    """Whether a reply may hold several answers, so that `info` has the key `answers`."""

    def shown(self, max_turns: int) -> str:
        """Return the last observation below a line that says where the episode stands, for `render`."""
        where = f"{self.problem_id}, turn {self.counts.turns} of {max_turns}"
        if self.ending is not None:
            reward = f"reward {self.reward:g}" if self.ending.valid else "no reward"
            where += f", {self.ending.stop_reason}, {reward}"
        return f"[{where}]\n{self.observation}\n"

    @property
    def info(self) -> dict[str, Any]:
        """A new `info`: the same keys at every step, plain values, nothing that depends on the clock."""
        ending = self.ending
        judgement = ending.judgement if ending else None
        answers = [_plain(each) for each in ending.answers] if ending else []
        # Plain values: vector environments and records must be able to hold them.
        return {
            "problem_id": self.problem_id,
            "mode": self.mode.value,
            "turn": self.counts.turns,
            "submissions": self.counts.submissions,
            "tool_calls": self.counts.tool_calls,
            "malformed": self.counts.malformed,
            "verdict": judgement.verdict.value if judgement else None,
            "failure_class": ending.failure_class.value if ending and ending.failure_class else None,
            "passed": judgement.passed if judgement else 0,
            "selected": judgement.selected if judgement else 0,
            "stop_reason": ending.stop_reason.value if ending else None,
            "reward_components": dict(self.components),
            "reward_valid": ending is None or ending.valid,
            "error": ending.error if ending else None,
            "failure_kind": ending.failure_kind.value if ending and ending.failure_kind else None,
            **({"answers": answers} if self.several else {}),
        }


def _plain(answer: Attempt) -> dict[str, Any]:
    """Return the judgement of an answer as plain values, with the verdict of each test that was run."""
    judgement = answer.judgement
    assert judgement is not None, "an answer has a judgement"
    return {
        "verdict": judgement.verdict.value,
        "passed": judgement.passed,
        "selected": judgement.selected,
        "runs": {run.index: run.verdict.value for run in judgement.runs},
    }


@dataclass(frozen=True, kw_only=True)
class EpisodeSnapshot:
    """The state of an episode, for `restore`; it can be pickled."""

    problem_set: str
    episode: Episode
    random_state: dict[str, Any] = field(repr=False)
    """State of `np_random`."""
    workspace: WorkspaceSnapshot | bytes | None = field(default=None, repr=False)
    """Files of the workspace and state of its shell in mode agentic; None in the other modes."""
    version: int = 2
    """Format of the snapshot; `restore` refuses other formats."""
