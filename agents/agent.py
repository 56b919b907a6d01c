"""What an agent is: something that turns observations into actions, one object per episode."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..judge import Language
from ..problems import Problem

Message = dict[str, Any]
"""A message in the form of the OpenAI chat protocol: its shape belongs to that protocol."""


@dataclass(frozen=True, kw_only=True)
class AgentIdentity:
    """Who acted: everything that decides how, so that equal digests mean the same agent."""

    name: str
    """What tables call it: the spec it was made from, for example `reference` or `litellm:openai/x`."""
    kind: str
    """`scripted`, `litellm`, `policy`, `openhands`, `replay` or `ensemble`."""
    model: str | None = None
    """The model's name with its provider; None without a model."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Sampling settings and the digest of the prompts, as JSON values. Not where the model is served."""
    digest: str = ""
    """SHA-256 over the four fields above; computed unless it is given."""

    def __post_init__(self) -> None:
        if not self.digest:
            described = json.dumps(
                [self.name, self.kind, self.model, dict(self.settings)], sort_keys=True, allow_nan=False
            )
            object.__setattr__(self, "digest", hashlib.sha256(described.encode()).hexdigest())


@dataclass(frozen=True, kw_only=True)
class TaskInfo:
    """What an agent is told when its episode begins."""

    observation: str = field(repr=False)
    """The first observation: the statement with its limits and samples."""
    mode: str
    """`single`, `tool` or `agentic`."""
    language: Language
    """What the submission must be written in."""
    tools: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """OpenAI function schemas of the environment's tools; empty in the single mode."""
    problem: Problem | None = None
    """For scripted agents, which take their program from it. No other agent may look at it."""
    sample: int = 0
    """Which of the agent's attempts at this problem this is, from 0. Models add it to their seed."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What acting has cost."""

    requests: int = 0
    """Replies asked of a model, repeated ones too."""
    prompt_tokens: int = 0
    """Tokens the model read, over all requests."""
    completion_tokens: int = 0
    """Tokens the model wrote, over all requests."""
    cost_usd: float | None = None
    """US dollars; None when no price is known."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """Those of the requests that gave no reply, by `ModelFailure`."""
    failed_prompt_tokens: int = 0
    """Those of the tokens read that requests without a reply are known to have cost."""
    failed_completion_tokens: int = 0
    """Those of the tokens written that requests without a reply are known to have cost."""
    failed_cost_usd: float | None = None
    """That part of the cost; None when no request without a reply is known to have cost anything."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            requests=self.requests + other.requests,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost_usd=_sum_of_known(self.cost_usd, other.cost_usd),
            failures=dict(Counter(self.failures) + Counter(other.failures)),
            failed_prompt_tokens=self.failed_prompt_tokens + other.failed_prompt_tokens,
            failed_completion_tokens=self.failed_completion_tokens + other.failed_completion_tokens,
            failed_cost_usd=_sum_of_known(self.failed_cost_usd, other.failed_cost_usd),
        )

    def failed(self, kind: str) -> Usage:
        """Return this usage as that of one request that gave no reply."""
        known = bool(self.prompt_tokens or self.completion_tokens or self.cost_usd)
        return Usage(
            requests=1,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost_usd=self.cost_usd if known else None,
            failures={kind: 1},
            failed_prompt_tokens=self.prompt_tokens,
            failed_completion_tokens=self.completion_tokens,
            failed_cost_usd=self.cost_usd if known else None,
        )


def _sum_of_known(*costs: float | None) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None


@dataclass(frozen=True, kw_only=True)
class TokenSpan:
    """The tokens one action appended to the sequence; those of all steps in a row are the sequence."""

    ids: tuple[int, ...] = field(repr=False)
    """Token ids: first what was new in the prompt, then what was sampled."""
    loss_mask: tuple[bool, ...] = field(repr=False)
    """True where the token was sampled by the agent."""
    log_probs: tuple[float, ...] | None = field(default=None, repr=False)
    """Natural logarithms of the probabilities the tokens were sampled with; 0 where `loss_mask` is False."""
    starts_row: bool = False
    """The prompt did not begin with the tokens so far: the history was rewritten, and a new row begins."""

    def __post_init__(self) -> None:
        lengths = {len(self.ids), len(self.loss_mask)}
        if self.log_probs is not None:
            lengths.add(len(self.log_probs))
        if len(lengths) != 1:
            raise ValueError(f"ids, loss_mask and log_probs must have one length, got {sorted(lengths)}")
        if not all(map(math.isfinite, self.log_probs or ())):
            raise ValueError("log_probs must be finite: a token of probability 0 cannot be sampled")


@dataclass(frozen=True, kw_only=True)
class AgentAction:
    """One move of an agent."""

    action: str = field(repr=False)
    """The text for `env.step`."""
    messages: tuple[Message, ...] = field(default=(), repr=False)
    """What this move appended to the conversation: the observation as the model saw it, then its reply."""
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    """Why the model stopped: `stop`, `length`, `tool_calls`, ...; None without a model call."""
    reasoning: str | None = field(default=None, repr=False)
    """The model's reasoning where the provider gives it. Not sent back to the model."""
    tokens: TokenSpan | None = None
    """Set by policies that know their tokens."""


class Agent(Protocol):
    """Plays one episode; made anew for each."""

    @property
    def identity(self) -> AgentIdentity:
        """Who this is."""
        ...

    def start(self, task: TaskInfo) -> None:
        """Begin the episode.

        Raises:
            AgentError: The agent cannot play this task.
        """
        ...

    def act(self, observation: str) -> AgentAction:
        """Answer an observation; the first call gets the observation of the task.

        Raises:
            ModelError: There is no reply.
            ContextWindowError: The conversation no longer fits the model.
        """
        ...

    def close(self) -> None:
        """Release what the agent holds. A second call does nothing."""
        ...


class AgentFactory(Protocol):
    """Makes an agent for each episode; shared by all workers, so `make` is thread-safe."""

    @property
    def identity(self) -> AgentIdentity:
        """Who the agents are."""
        ...

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Say why its agents cannot play this problem in this language, or None when they can."""
        ...

    def make(self) -> Agent:
        """Make the agent of one episode."""
        ...
