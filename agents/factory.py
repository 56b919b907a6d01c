"""From the text a user writes to agents: `reference`, `slow`, ..., `litellm:<model>`, `policy:<path>`."""

from __future__ import annotations

from .agent import Agent, AgentFactory
from .errors import AgentError
from .litellm_agent import LiteLLMFactory
from .model_options import ModelOptions
from .scripted import SCRIPTED, ScriptedFactory
from .serving.model_list import PREFIX
from .serving.served_agent import ServedFactory

LITELLM_PREFIX = "litellm:"
POLICY_PREFIX = "policy:"


def agent_factory(spec: str, options: ModelOptions | None = None) -> AgentFactory:
    """Return what makes the agents a spec names.

    Args:
        spec: `reference`, `slow`, `wrong`, `crash`, `silent`, `litellm:<model>` (`litellm:frontier/<name>`
            is a checkpoint of `codefrontier serve`), or `policy:<path>` of a checkpoint, which is loaded into
            this process.
        options: Of the litellm and policy agents; scripted agents have none.

    Raises:
        AgentError: The spec is unknown, litellm or torch is not installed, or the checkpoint is bad.
    """
    if spec in SCRIPTED:
        return ScriptedFactory(name=spec)
    if spec.startswith(LITELLM_PREFIX):
        model = spec.removeprefix(LITELLM_PREFIX)
        make = ServedFactory if model.startswith(PREFIX) else LiteLLMFactory
        return make(model, options or ModelOptions())
    if spec.startswith(POLICY_PREFIX):
        return _policy_factory(spec.removeprefix(POLICY_PREFIX), options)
    allowed = ", ".join([*SCRIPTED, f"{LITELLM_PREFIX}<model>", f"{POLICY_PREFIX}<path>"])
    raise AgentError(f"unknown agent {spec!r}: must be one of {allowed}")


def _policy_factory(path: str, options: ModelOptions | None) -> AgentFactory:
    try:
        from .policy_agent import PolicyFactory  # torch takes seconds to import
    except ImportError as error:
        raise AgentError(
            f"policy agents need torch and transformers, which cannot be imported ({error}): "
            "install codefrontier[train]"
        ) from error
    return PolicyFactory.load(path, options)


def make_agent(spec: str, options: ModelOptions | None = None) -> Agent:
    """Make one agent from its spec; see `agent_factory`."""
    return agent_factory(spec, options).make()
