"""From the text a user writes to agents: `reference`, `slow`, ..., `litellm:<model>`."""

from __future__ import annotations

from .agent import Agent, AgentFactory
from .errors import AgentError
from .litellm_agent import LiteLLMFactory
from .model_options import ModelOptions
from .scripted import SCRIPTED, ScriptedFactory

LITELLM_PREFIX = "litellm:"


def agent_factory(spec: str, options: ModelOptions | None = None) -> AgentFactory:
    """Return what makes the agents a spec names.

    Args:
        spec: `reference`, `slow`, `wrong`, `crash`, `silent`, or `litellm:<model>`.
        options: Of the litellm agents; scripted agents have none.

    Raises:
        AgentError: The spec is unknown, or litellm is not installed.
    """
    if spec in SCRIPTED:
        return ScriptedFactory(name=spec)
    if spec.startswith(LITELLM_PREFIX):
        return LiteLLMFactory(spec.removeprefix(LITELLM_PREFIX), options or ModelOptions())
    allowed = ", ".join([*SCRIPTED, f"{LITELLM_PREFIX}<model>"])
    raise AgentError(f"unknown agent {spec!r}: must be one of {allowed}")


def make_agent(spec: str, options: ModelOptions | None = None) -> Agent:
    """Make one agent from its spec; see `agent_factory`."""
    return agent_factory(spec, options).make()
