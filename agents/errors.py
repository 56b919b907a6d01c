"""Errors of agents: the agent could not be made, or could not act."""


class AgentError(Exception):
    """The agent cannot be made, or cannot play this problem: the message says why."""


class ModelError(AgentError):
    """The model gave no reply. Says nothing about the agent's skill: the episode never counts."""


class ContextWindowError(AgentError):
    """The conversation outgrew the model's context window: a limit of the agent, so the episode counts."""
