"""verifiers: a taskset, and the environment in which an agent of verifiers plays it.

verifiers finds a taskset by the name of a top-level module, so a file of one's own names ours:

    # programming.py, for the id `programming`
    from codefrontier.envs.adapters.verifiers import CodingAgentEnv, CodingTaskset
    __all__ = ["CodingAgentEnv", "CodingTaskset"]

The host steps our environment as the run's user: each reply of the model is an action, each observation the
next message. The model only talks, so unless another harness is asked for it is the one without tools. When
infrastructure fails, the exchange raises, which verifiers records as an error of the environment; when the
model or its harness fails, that is on the trace. Either way there is no reward, and verifiers' retries apply.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import verifiers.v1 as vf
from verifiers.v1.harnesses.null import NullHarnessConfig

from .session import Session

__all__ = ["CodingAgentEnv", "CodingTaskset"]


class CodingTasksetConfig(vf.TasksetConfig):
    """Which environment is played."""

    env_id: str = "Classics-single"
    """Id of the environment."""
    keywords: dict[str, Any] = {}  # noqa: RUF012  # pydantic copies it
    """Keyword arguments of the environment, but for its judge."""
    seed: int = 0
    """Of each episode."""


class CodingTaskData(vf.TaskData):
    """One problem of the set."""

    env_id: str
    keywords: dict[str, Any]
    problem_id: str
    seed: int


class CodingTask(vf.Task[CodingTaskData, vf.State, vf.TaskConfig]):
    """A task without signals of its own: the environment records the reward."""


class CodingTaskset(vf.Taskset[CodingTask, CodingTasksetConfig]):
    """Every problem of an environment; the prompt is its first observation."""

    def load(self) -> Iterator[CodingTask]:
        """Yield a task for each problem, in the order of the environment.

        Raises:
            ValueError: A keyword argument has a bad value.
            ProblemError: The problem set cannot be loaded.
        """
        config = self.config
        with Session(config.env_id, **config.keywords) as session:
            for problem in session.coding.problems:
                data = CodingTaskData(
                    id=problem.id,
                    name=problem.title,
                    prompt=session.reset(problem=problem.id, seed=config.seed),
                    env_id=config.env_id,
                    keywords=config.keywords,
                    problem_id=problem.id,
                    seed=config.seed,
                )
                yield CodingTask(data, config.task)


class CodingAgentEnvConfig(vf.EnvConfig):
    """The one agent that plays."""

    solver: vf.AgentConfig = vf.AgentConfig(
        harness=NullHarnessConfig(id="null"), runtime=vf.SubprocessConfig()
    )


class CodingAgentEnv(vf.Env[CodingAgentEnvConfig]):
    """One agent in one of our environments."""

    async def run(self, task: Any, agents: Any) -> None:
        """Play an episode; its reward is `reward`, its numbers are metrics of the trace."""
        async with agents.solver.interaction(task) as interaction:
            await play(interaction, task.data)


async def play(interaction: Any, data: CodingTaskData) -> None:
    """Be the user of an interaction: step the environment with each reply, and record the reward, if any.

    Args:
        interaction: Has `turn(message=None)`, which gives a segment with `messages`, `root_reply` and
            `terminated`, and `trace`, whose `errors` say when the model or its harness failed.
        data: Of the task.

    Raises:
        InvalidEpisodeError: Infrastructure failed.
    """
    session = await asyncio.to_thread(Session, data.env_id, **data.keywords)
    try:
        await asyncio.to_thread(session.reset, problem=data.problem_id, seed=data.seed)
        segment = await interaction.turn()
        while not segment.terminated:
            await asyncio.to_thread(session.step, _words(segment))
            if session.over:
                break
            segment = await interaction.turn(session.observation)
        if segment.terminated and interaction.trace.errors:
            return  # the model or its harness failed, not what it wrote
        interaction.trace.record_reward("reward", session.outcome, 1.0)
        interaction.trace.record_metrics(session.metrics)
        interaction.trace.info["stop_reason"] = session.info["stop_reason"]
    finally:
        await asyncio.to_thread(session.close)


def _words(segment: Any) -> str:
    """Return what the model said, with the white space around it, which `last_reply` leaves out."""
    if segment.root_reply is not None:
        return str(segment.root_reply)
    said = (message.content for message in reversed(segment.messages) if message.role == "assistant")
    return next(said, None) or ""
