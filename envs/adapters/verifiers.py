"""verifiers: a taskset, and the environment in which an agent of verifiers plays it.

verifiers finds a taskset by the name of a top-level module, so a file of one's own names ours:

    # programming.py, for the id `programming`
    from codefrontier.envs.adapters.verifiers import CodingAgentEnv, CodingTaskset
    __all__ = ["CodingAgentEnv", "CodingTaskset"]

The host steps our environment as the run's user: each reply of the model is an action, each observation the
next message. When infrastructure fails, the exchange raises, which verifiers records as an error of the
environment: there is no reward, and its own retries apply.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import verifiers.v1 as vf

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

    solver: vf.AgentConfig = vf.AgentConfig()


class CodingAgentEnv(vf.Env[CodingAgentEnvConfig]):
    """One agent in one of our environments."""

    async def run(self, task: Any, agents: Any) -> None:
        """Play an episode; its reward is `reward`, its numbers are metrics of the trace."""
        async with agents.solver.interaction(task) as interaction:
            await play(interaction, task.data)


async def play(interaction: Any, data: CodingTaskData) -> None:
    """Be the user of an interaction: step the environment with each reply, and record the reward.

    Args:
        interaction: Has `turn(message=None)`, which gives a segment with `last_reply` and `terminated`, and
            `trace`.
        data: Of the task.

    Raises:
        InvalidEpisodeError: Infrastructure failed.
    """
    session = await asyncio.to_thread(Session, data.env_id, **data.keywords)
    try:
        await asyncio.to_thread(session.reset, problem=data.problem_id, seed=data.seed)
        segment = await interaction.turn()
        while not segment.terminated:
            await asyncio.to_thread(session.step, segment.last_reply)
            if session.over:
                break
            segment = await interaction.turn(session.observation)
        interaction.trace.record_reward("reward", session.outcome, 1.0)
        interaction.trace.record_metrics(session.metrics)
        interaction.trace.info["stop_reason"] = session.info["stop_reason"]
    finally:
        await asyncio.to_thread(session.close)
