"""Models that continue the trace language: any agent of a spec, asked once for each prompt."""

from __future__ import annotations

from typing import Protocol

from ...envs.debugging.debugger_env import DebuggerEnv
from ...judge import Language
from ..agent import AgentFactory, TaskInfo


class StateModel(Protocol):
    """Writes what follows a prompt in the trace language."""

    def complete(self, prompt: str, *, instructions: str = "") -> str:
        """Return the reply to a prompt.

        Args:
            prompt: Text of the trace language.
            instructions: What to do, for models that were not trained on the language.
        """
        ...


class AgentModel:
    """An agent as a model of states. Each prompt is a task of its own, in mode single.

    Args:
        factory: Factory of the agents.
    """

    def __init__(self, factory: AgentFactory) -> None:
        self._factory = factory

    def complete(self, prompt: str, *, instructions: str = "") -> str:
        """Return the reply of a new agent.

        Raises:
            AgentError: The agent cannot be asked.
            ModelError: The model gave no reply.
        """
        text = f"{instructions or DebuggerEnv.instructions}\n\n{prompt}"
        agent = self._factory.make()
        try:
            agent.start(TaskInfo(observation=text, mode="single", language=Language.PYTHON))
            return agent.act(text).action
        finally:
            agent.close()
