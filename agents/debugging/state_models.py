"""Models that continue the trace language: any agent of a spec, asked once for each prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ...envs import EnvError
from ...envs.debugging.debugger_env import DebuggerEnv
from ...judge import Language
from ..agent import AgentFactory, TaskInfo
from ..errors import AgentError, ContextWindowError
from ..factory import agent_factory
from ..llm.options import ModelOptions

MOST_TOKENS = 1024
"""Most tokens of a predicted state."""


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


def open_complete(spec: str) -> Callable[[str], str]:
    """Return the function by which a debugger that runs nothing asks a model; see `envs/tools`.

    Args:
        spec: `policy:CKPT` or `litellm:MODEL`. The model is asked at temperature 0.

    Raises:
        EnvError: The model cannot be opened. A failure of the model later raises it too.
    """
    try:
        model = AgentModel(
            agent_factory(spec, ModelOptions(temperature=0.0, max_completion_tokens=MOST_TOKENS))
        )
    except AgentError as error:
        raise EnvError(f"the debugger {spec!r} cannot be opened: {error}") from error

    def complete(prompt: str) -> str:
        try:
            return model.complete(prompt)
        except ContextWindowError:
            return ""  # no state: the program and its variables are too long for this model
        except AgentError as error:
            raise EnvError(f"the debugger {spec!r} failed: {error}") from error

    return complete
