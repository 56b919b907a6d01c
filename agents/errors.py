"""Errors of agents: the agent could not be made, or could not act."""

from __future__ import annotations

from enum import StrEnum

from .agent import Usage


class ModelFailure(StrEnum):
    """Why a request to a model gave no reply; how patiently it is repeated depends on it."""

    RATE_LIMIT = "rate_limit"
    """429: too many requests. Repeated, with the longest pauses, or those the server asks for."""
    SERVER_ERROR = "server_error"
    """5xx, 409, 425 or an error in place of a reply. Repeated."""
    CONNECTION = "connection"
    """The server cannot be reached, or the connection broke before the reply was whole. Repeated."""
    TIMEOUT = "timeout"
    """No reply within the limit, here or at a gateway. Repeated a few times."""
    BROKEN_REPLY = "broken_reply"
    """A reply that is none: no JSON, no choices, a stream that just ends, a log-prob that is no number.
    Repeated a few times."""
    REFUSED = "refused"
    """Any other 4xx, a spent quota, or a server that cannot do what is asked. Never repeated."""
    OTHER = "other"
    """The model is none behind a server."""


class AgentError(Exception):
    """The agent cannot be made, or cannot play this problem: the message says why."""


class ModelError(AgentError):
    """The model gave no reply. Says nothing about the agent's skill: the episode never counts.

    Args:
        message: What happened.
        kind: Of the last failure.
        usage: What the requests of this move have cost, as far as it is known; they are in no step.
    """

    def __init__(
        self, message: str, *, kind: ModelFailure = ModelFailure.OTHER, usage: Usage | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.usage = usage or Usage()


class ContextWindowError(AgentError):
    """The conversation outgrew the model's context window: a limit of the agent, so the episode counts.

    Args:
        message: What happened.
        usage: What the requests of this move have cost before; they are in no step.
    """

    def __init__(self, message: str, *, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage or Usage()
