"""Making agents from the specs that users write: `reference`, `slow`, ..., `litellm:<model>`,
`policy:<path>`, ..."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ..terminal import install_hint
from .agent import Agent, AgentFactory
from .ensemble import EnsembleFactory
from .errors import AgentError
from .llm.litellm_agent import LiteLLMFactory
from .llm.options import ModelOptions
from .replay import ReplayFactory
from .scripted import SCRIPTED, ScriptedFactory
from .serving.model_list import PREFIX
from .serving.served_agent import ServedFactory

LITELLM_PREFIX = "litellm:"
POLICY_PREFIX = "policy:"
OPENHANDS_PREFIX = "openhands:"
REPLAY_PREFIX = "replay:"
ENSEMBLE_PREFIX = "ensemble:"
EQUILIBRIUM_PREFIX = "equilibrium:"
_MEMBER = re.compile(r"(?P<spec>.+?)(\*(?P<share>\d{1,4}))?")


def agent_factory(spec: str, options: ModelOptions | None = None) -> AgentFactory:
    """Return the factory of the agents that a spec names.

    Args:
        spec: `reference`, `slow`, `wrong`, `crash`, `silent`, `litellm:<model>` (`litellm:frontier/<name>`
            is a checkpoint of `codefrontier serve`), `openhands:<model>`, `policy:<path>` of a checkpoint,
            which is loaded into this process, or served at the `api_base` of the options, `replay:<path>` of
            records, `equilibrium:<path>[@<depth>x<breadth>[-<selector>]]` of a checkpoint of `codefrontier
            train equilibrium`, or `ensemble:<spec>*<share>,...`, which splits the samples among other agents.
        options: Options of agents that are models; scripted agents ignore them. An ensemble uses the seed
            too.

    Raises:
        AgentError: The spec is unknown, a required package is not installed, or the checkpoint cannot be
            loaded.
    """
    if spec in SCRIPTED:
        return ScriptedFactory(name=spec)
    prefix, colon, rest = spec.partition(":")
    if prefix + colon in _MAKERS:
        return _MAKERS[prefix + colon](rest, options or ModelOptions())
    allowed = ", ".join([*SCRIPTED, *(f"{prefix}<{what}>" for prefix, what in _ALLOWED.items())])
    raise AgentError(f"unknown agent {spec!r}: must be one of {allowed}")


def _litellm_factory(model: str, options: ModelOptions) -> AgentFactory:
    make = ServedFactory if model.startswith(PREFIX) else LiteLLMFactory
    return make(model, options)


def _openhands_factory(model: str, options: ModelOptions) -> AgentFactory:
    try:
        from .openhands.agent import OpenHandsFactory  # its import takes seconds
    except ImportError as error:
        raise AgentError(
            f"openhands agents need openhands-sdk 1.34 or newer, which cannot be imported ({error}): "
            f"{install_hint('openhands')}, on Python 3.12 or 3.13"
        ) from error
    return OpenHandsFactory(model, options)


def _replay_factory(path: str, options: ModelOptions) -> AgentFactory:
    return ReplayFactory.load(Path(path))


def _ensemble_factory(text: str, options: ModelOptions) -> AgentFactory:
    matches = [_MEMBER.fullmatch(part.strip()) for part in text.split(",")]
    if not all(matches):
        raise AgentError(
            f"an ensemble is written {ENSEMBLE_PREFIX}<spec>*<share>,<spec>*<share>, got {text!r}"
        )
    parts = [(match["spec"], int(match["share"] or 1)) for match in matches if match]
    members = [agent_factory(spec, options) for spec, _ in parts]
    return EnsembleFactory(members, [share for _, share in parts], seed=options.model_seed or 0)


def _policy_factory(path: str, options: ModelOptions) -> AgentFactory:
    try:
        from .policy.agent import PolicyFactory  # torch takes seconds to import
        from .serving.policy_served import ServedPolicyFactory
    except ImportError as error:
        raise AgentError(
            f"policy agents need torch and transformers, which cannot be imported ({error}): "
            f"{install_hint('train')}"
        ) from error
    return (
        PolicyFactory.load(path, options) if options.api_base is None else ServedPolicyFactory(path, options)
    )


def _equilibrium_factory(spec: str, options: ModelOptions) -> AgentFactory:
    try:
        from .equilibrium.agent import EquilibriumFactory  # torch takes seconds to import
    except ImportError as error:
        raise AgentError(
            f"equilibrium agents need torch and transformers, which cannot be imported ({error}): "
            f"{install_hint('train')}"
        ) from error
    return EquilibriumFactory.load(spec, seed=options.model_seed or 0)


_ALLOWED = {
    LITELLM_PREFIX: "model",
    OPENHANDS_PREFIX: "model",
    POLICY_PREFIX: "path",
    REPLAY_PREFIX: "path",
    EQUILIBRIUM_PREFIX: "path",
    ENSEMBLE_PREFIX: "members",
}
_MAKERS: dict[str, Callable[[str, ModelOptions], AgentFactory]] = {
    LITELLM_PREFIX: _litellm_factory,
    OPENHANDS_PREFIX: _openhands_factory,
    POLICY_PREFIX: _policy_factory,
    REPLAY_PREFIX: _replay_factory,
    EQUILIBRIUM_PREFIX: _equilibrium_factory,
    ENSEMBLE_PREFIX: _ensemble_factory,
}


def make_agent(spec: str, options: ModelOptions | None = None) -> Agent:
    """Make one agent from its spec; see `agent_factory`."""
    return agent_factory(spec, options).make()
