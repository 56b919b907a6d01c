"""A real OpenHands agent against a real server of checkpoints, whose model calls tools."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import pytest

from codefrontier.agents import EpisodeRecord, ModelOptions, agent_factory, rollout
from codefrontier.agents.records import episode_faults, token_rows

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("OPENHANDS_SUPPRESS_BANNER", "1")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("openhands.sdk", reason="the extra openhands is not installed")

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving

    torch.set_num_threads(1)

EnvMaker = Callable[..., gymnasium.Env[str, str]]
PROGRAM = "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n"
EDIT = {"name": "edit", "arguments": {"command": "create", "path": "a.py", "text": PROGRAM}}
CALLS = {
    "tool": [{"name": "submit", "arguments": {"code": PROGRAM}}],
    "agentic": [
        EDIT,
        {"name": "bash", "arguments": {"command": "echo 2 20 22 | python3 a.py"}},
        {"name": "submit", "arguments": {"path": "a.py"}},
    ],
    "stubborn": [{"name": "bash", "arguments": {"command": "echo $((6 * 7))"}}],
}
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.filterwarnings("default"),  # OpenHands and what it imports warn a lot
]


@pytest.fixture(scope="module")
def models(says: Callable[..., Path]) -> dict[str, ServedModel]:
    made = {}
    for name, calls in CALLS.items():
        written = [f"<tool_call>{json.dumps(call)}</tool_call>" for call in calls]
        made[name] = ServedModel.load(name, says(["I am ", "sure.\n\n", *written], name=name))
    return made


@pytest.fixture(scope="module")
def url(models: dict[str, ServedModel]) -> Iterator[str]:
    with serving(ServedModels(list(models.values()))) as base:
        yield base


@pytest.fixture
def play(url: str) -> Callable[..., EpisodeRecord]:
    def play(model: str, env: gymnasium.Env[str, str], **options: Any) -> EpisodeRecord:
        agent = agent_factory(f"openhands:{model}", ModelOptions(api_base=url, **options)).make()
        try:
            return rollout(agent, env)
        finally:
            agent.close()

    return play


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
@pytest.mark.parametrize("mode", ["tool", "agentic"])
def test_a_served_checkpoint_solves_a_problem(
    play: Callable[..., EpisodeRecord], make_env: EnvMaker, provider: str, mode: str
) -> None:
    episode = play(f"{provider}/{mode}", make_env(mode))
    assert (episode.error, list(episode_faults(episode)), episode.usage.failures) == (None, [], {})
    assert (episode.stop_reason, episode.reward) == ("accepted", 1.0)
    assert [json.loads(step.action)["name"] for step in episode.steps] == [c["name"] for c in CALLS[mode]]
    assert episode.usage.requests == 1
    [reply] = [message for message in episode.messages if message["role"] == "assistant"]
    assert reply["content"] == "I am sure."
    if mode == "agentic":
        assert "42" in str(episode.steps[1].observation)


def test_a_conversation_goes_on_with_the_results_of_tools(
    play: Callable[..., EpisodeRecord], make_env: EnvMaker, models: dict[str, ServedModel]
) -> None:
    exact: dict[str, Any] = {"token_ids": True, "temperature": 1.0, "top_p": 1.0}
    episode = play("hosted_vllm/stubborn", make_env("agentic", max_turns=3), **exact)
    assert (episode.error, episode.stop_reason, len(episode.steps)) == (None, "max_turns", 3)
    assert all("42" in str(step.observation) for step in episode.steps)
    policy = models["stubborn"].policy
    rows = token_rows(episode)
    sampled = [
        policy.decode([token for token, own in zip(row.ids, row.loss_mask, strict=True) if own])
        for row in rows
    ]
    assert "".join(sampled).count("<tool_call>") == 3
    last = policy.tokenizer.decode(rows[-1].ids)
    assert "<|im_start|>user\n" in last
    assert "42" in last.partition("<tool_call>")[2]
