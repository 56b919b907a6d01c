"""The interface of agents: an agent turns observations into actions; each episode has its own agent
object."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ..judge import Language
from ..problems import Problem

Message = dict[str, Any]
"""A message in the form of the OpenAI chat protocol: its shape belongs to that protocol."""


@dataclass(frozen=True, kw_only=True)
class AgentIdentity:
    """Everything that decides how an agent acts; equal digests mean the same agent."""

    name: str
    """Name in tables: the spec the agent was made from, for example `reference` or `litellm:openai/x`."""
    kind: str
    """`scripted`, `litellm`, `policy`, `openhands`, `replay`, `equilibrium` or `ensemble`."""
    model: str | None = None
    """Name of the model with its provider; None without a model."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Sampling settings and the digest of the prompts, as JSON values; the address of the server is not among
    them."""
    digest: str = ""
    """SHA-256 over the four fields above; computed unless given."""

    def __post_init__(self) -> None:
        if not self.digest:
            # Sorted keys, so that the order in which settings were given does not change the digest.
            described = json.dumps(
                [self.name, self.kind, self.model, dict(self.settings)], sort_keys=True, allow_nan=False
            )
            object.__setattr__(self, "digest", hashlib.sha256(described.encode()).hexdigest())


@dataclass(frozen=True, kw_only=True)
class TaskInfo:
    """Information an agent gets when its episode begins."""

    observation: str = field(repr=False)
    """The first observation: the statement with its limits and samples."""
    mode: str
    """`single`, `tool` or `agentic`."""
    language: Language
    """Language of the submission."""
    tools: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """OpenAI function schemas of the environment's tools; empty in the single mode."""
    problem: Problem | None = None
    """Problem of the episode, for scripted agents, which take their program from it; other agents must not
    use it."""
    sample: int = 0
    """Number of this sample among the agent's samples of the problem, from 0. Models add it to their seed."""
    literal: bool = False
    """Whether the answer is a Python literal and not a program."""

    @property
    def prompt(self) -> str:
        """Name of the template of the system message: the mode, or `literal`."""
        return "literal" if self.literal else self.mode


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Requests, tokens and cost of acting."""

    requests: int = 0
    """Requests to the model, including repeated requests."""
    prompt_tokens: int = 0
    """Tokens read by the model, over all requests."""
    completion_tokens: int = 0
    """Tokens written by the model, over all requests."""
    cost_usd: float | None = None
    """Cost in US dollars; None when no price is known."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """Number of requests that gave no reply, by `ModelFailure`."""
    failed_prompt_tokens: int = 0
    """Part of `prompt_tokens` that requests without a reply are known to have cost."""
    failed_completion_tokens: int = 0
    """Part of `completion_tokens` that requests without a reply are known to have cost."""
    failed_cost_usd: float | None = None
    """Part of `cost_usd` for requests without a reply; None when no such request is known to have cost
    anything."""

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
        """Return this usage as the usage of one request that gave no reply."""
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
    # None stands for an unknown cost, not for 0.
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None


@dataclass(frozen=True, kw_only=True)
class TokenSpan:
    """Tokens that one action appends to the sequence; the spans of consecutive steps make up the sequence."""

    ids: tuple[int, ...] = field(repr=False)
    """Token ids: first the new part of the prompt, then the sampled tokens."""
    loss_mask: tuple[bool, ...] = field(repr=False)
    """True where the agent sampled the token."""
    log_probs: tuple[float, ...] | None = field(default=None, repr=False)
    """Natural logarithms of the sampled tokens' probabilities; 0 where `loss_mask` is False."""
    starts_row: bool = False
    """Whether a new row begins here, because the history was rewritten: the prompt did not begin with the
    tokens so far."""
    entropies: tuple[float, ...] | None = field(default=None, repr=False)
    """Entropies in nats of the distributions that the sampled tokens were drawn from; 0 where `loss_mask` is
    False. None in older records, and unless the sampler computed them."""
    policy_version: int | None = None
    """Number of optimizer steps that the policy had taken when it sampled these tokens; None in older
    records, and outside of training."""

    def __post_init__(self) -> None:
        streams = (self.log_probs, self.entropies)
        known = [stream for stream in streams if stream is not None]
        lengths = {len(self.ids), len(self.loss_mask), *map(len, known)}
        if len(lengths) != 1:
            raise ValueError(
                f"ids, loss_mask, log_probs and entropies must have one length, got {sorted(lengths)}"
            )
        if not all(map(math.isfinite, self.log_probs or ())):
            raise ValueError("log_probs must be finite: a token of probability 0 cannot be sampled")
        if not all(map(math.isfinite, self.entropies or ())):
            raise ValueError("entropies must be finite")


@dataclass(frozen=True, kw_only=True)
class AgentAction:
    """One move of an agent."""

    action: str = field(repr=False)
    """Text for `env.step`."""
    messages: tuple[Message, ...] = field(default=(), repr=False)
    """Messages appended to the conversation: the observation as the model saw it, then the model's reply."""
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    """Reason why the model stopped: `stop`, `length`, `tool_calls`, ...; None without a model call."""
    reasoning: str | None = field(default=None, repr=False)
    """Reasoning of the model where the provider returns it; it is not sent back to the model."""
    tokens: TokenSpan | None = None
    """Tokens of this action, from policies that know their tokens."""


class Agent(Protocol):
    """Plays one episode; every episode gets a new agent."""

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agent."""
        ...

    def start(self, task: TaskInfo) -> None:
        """Begin the episode.

        Raises:
            AgentError: The agent cannot play this task.
        """
        ...

    def act(self, observation: str) -> AgentAction:
        """Return the action for an observation; the first call gets the observation of the task.

        Raises:
            ModelError: The model gave no reply.
            ContextWindowError: The conversation no longer fits the model's context window.
        """
        ...

    def close(self) -> None:
        """Release what the agent holds. A second call does nothing."""
        ...


@runtime_checkable
class ContinuingAgent(Agent, Protocol):
    """An agent that can continue the conversation of an episode that another agent has begun."""

    def resume(self, messages: Sequence[Message], spans: Sequence[TokenSpan]) -> None:
        """Take over a conversation; call between `start` and the first `act`, which gets the observation
        after the last reply.

        Args:
            messages: The conversation up to the last reply.
            spans: Tokens of the steps so far, as far as they are known.
        """
        ...


class AgentFactory(Protocol):
    """Makes an agent for each episode. All workers share a factory, so `make` must be thread-safe."""

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        ...

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return why the agents cannot play this problem in this language; None when they can."""
        ...

    def make(self) -> Agent:
        """Make the agent of one episode."""
        ...
