"""verifiers, with its own tasks, tasksets and traces; the agent's side of the exchange is written down."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

vf = pytest.importorskip("verifiers.v1", reason="verifiers (the extra `verifiers`) is not installed")

from verifiers.v1.utils.loaders import environment_class, load_taskset  # noqa: E402

from codefrontier.envs.adapters import InvalidEpisodeError, verifiers  # noqa: E402

TASKSET = "programming_for_tests"
pytestmark = [pytest.mark.sandbox, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Have what the library leaves open collected here, where its warnings are not ours."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def taskset_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file with which users name our taskset."""
    (tmp_path / f"{TASKSET}.py").write_text(
        "from codefrontier.envs.adapters.verifiers import CodingAgentEnv, CodingTaskset\n"
        '__all__ = ["CodingAgentEnv", "CodingTaskset"]\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop(TASKSET, None)


@dataclass
class Segment:
    last_reply: str
    terminated: bool = False


class Interaction:
    """The exchange with an agent that says what is written down; the trace is a real one."""

    def __init__(self, task: Any, actions: tuple[str, ...]) -> None:
        self.trace = vf.Trace(
            task=vf.TraceTask(type="CodingTask", data=task.data),
            agent=vf.AgentInfo(config=vf.AgentConfig()),
        )
        self.actions = list(actions)
        self.heard: list[str] = []

    async def turn(self, message: str | None = None) -> Segment:
        if message is not None:
            self.heard.append(message)
        if not self.actions:
            return Segment(last_reply="", terminated=True)
        return Segment(last_reply=self.actions.pop(0))


def tasks(episode: Any) -> list[Any]:
    config = verifiers.CodingTasksetConfig(id=TASKSET, env_id=episode.env_id, keywords=episode.keywords)
    return list(load_taskset(config))


def test_the_taskset_and_its_environment_are_found_by_id() -> None:
    assert environment_class(TASKSET) is verifiers.CodingAgentEnv
    env = verifiers.CodingAgentEnv(
        verifiers.CodingAgentEnvConfig(taskset=verifiers.CodingTasksetConfig(id=TASKSET))
    )
    assert isinstance(env.taskset, verifiers.CodingTaskset)


@pytest.mark.parametrize("mode", ["single", "tool"])
def test_the_golden_episode_has_its_reward(golden: Callable[[str], Any], mode: str) -> None:
    episode = golden(mode)
    (task,) = tasks(episode)
    assert task.data.prompt_text == episode.first
    interaction = Interaction(task, episode.actions)
    asyncio.run(verifiers.play(interaction, task.data))
    assert interaction.trace.reward == episode.reward
    assert interaction.trace.info["stop_reason"] == episode.info["stop_reason"]
    assert interaction.trace.metrics["reward/vector"] == episode.info["reward_components"]["vector"]
    assert len(interaction.heard) == len(episode.actions) - 1
    again = vf.Trace.model_validate_json(interaction.trace.model_dump_json())
    assert again.reward == episode.reward


def test_an_agent_that_stops_has_handed_in_nothing(golden: Callable[[str], Any]) -> None:
    (task,) = tasks(golden("tool"))
    interaction = Interaction(task, ())
    asyncio.run(verifiers.play(interaction, task.data))
    assert interaction.trace.reward == -0.1


def test_a_failure_of_infrastructure_is_an_error_and_no_reward(
    golden: Callable[[str], Any], broken_judge: None
) -> None:
    episode = golden("single")
    (task,) = tasks(episode)
    interaction = Interaction(task, episode.actions)
    with pytest.raises(InvalidEpisodeError):
        asyncio.run(verifiers.play(interaction, task.data))
    assert interaction.trace.rewards == {}
