"""A fleet of real vLLM servers: tokens, tools, litellm, and the check that finds a wrong hot swap.

VLLM_PYTHON is the interpreter of an environment in which vLLM is installed; without a GPU a build for CPUs.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import httpx
import pytest
import yaml

from codefrontier.agents import ModelOptions, TaskInfo, agent_factory, rollout
from codefrontier.agents.records import episode_faults
from codefrontier.agents.serving.model_list import read_model_list
from codefrontier.judge import Language
from codefrontier.system.listening import listen

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.serving.fleet.command import CheckFleetCommand, WriteFleetCommand
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    torch.set_num_threads(1)

PYTHON = os.environ.get("VLLM_PYTHON", "")
START_LIMIT_S = 900
CONTEXT = 512
PROGRAM = "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n"
MESSAGES = [{"role": "user", "content": "w1w2w3"}]
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(3 * START_LIMIT_S),
    pytest.mark.skipif(not PYTHON, reason="VLLM_PYTHON names no interpreter of an environment with vLLM"),
]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    out: Path
    folders: dict[str, Path]

    @property
    def models(self) -> Path:
        return self.out / "models.yaml"

    def api_base(self, name: str) -> str:
        return read_model_list(self.models)[f"frontier/{name}"].api_base

    def post(self, name: str, route: str, **body: Any) -> int:
        url = f"{self.api_base(name).removesuffix('/v1')}/{route}"
        return httpx.post(url, json=body, timeout=300, trust_env=False).status_code


@pytest.fixture(scope="module")
def folders(says: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two models of one shape with other weights, and a model that calls a tool."""
    root = tmp_path_factory.mktemp("models")
    tokenizer = build_tokenizer(tuple(f"w{number}" for number in range(250)), context=CONTEXT)
    for seed, name in enumerate(("low", "high")):
        tiny_model(tokenizer, d=256, layers=4, heads=4, context=CONTEXT, seed=seed).save_pretrained(
            root / name
        )
        tokenizer.save_pretrained(root / name)
    call = json.dumps({"name": "submit", "arguments": {"code": PROGRAM}})
    caller = says(["I am ", "sure.\n\n", "<tool_call>", call[:20], call[20:], "</tool_call>"], name="caller")
    return {"low": root / "low", "high": root / "high", "caller": caller}


@pytest.fixture(scope="module")
def fleet(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Write a fleet and start it by its own script."""
    out = tmp_path_factory.mktemp("fleet")
    with listen(0) as free:
        port = int(free.getsockname()[1])
    words = tuple(f"{name}={folder}" for name, folder in folders.items())
    command = WriteFleetCommand(
        checkpoints=words, out=out, python=PYTHON, port=port, more="--enforce-eager --max-num-seqs 16"
    )
    assert command.run() == 0
    # The development mode has the routes of a hot swap.
    environment = {**os.environ, "VLLM_SERVER_DEV_MODE": "1"}
    with (
        (out / "start.log").open("w") as log,
        subprocess.Popen(
            ["sh", out / "start.sh"], stdout=subprocess.PIPE, stderr=log, env=environment, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for name in folders:
                line = process.stdout.readline()
                assert line.startswith(f"{name} is served at http://127.0.0.1:"), (
                    out / "start.log"
                ).read_text()
            yield Fleet(out=out, folders=folders)
        finally:
            process.terminate()


def greedy(folder: Path, length: int = 12) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the prompt and the most probable continuation in this process."""
    policy = LocalPolicy.load(folder)
    prompt = policy.prompt_ids(MESSAGES)
    request = SampleRequest(prompt_ids=prompt, max_new_tokens=length, temperature=0.0)
    return prompt, policy.sample([request])[0].token_ids


def test_each_server_samples_from_its_own_checkpoint(fleet: Fleet) -> None:
    assert CheckFleetCommand(model_list=fleet.models).run() == 0


def test_litellms_router_gets_the_tokens_of_each_checkpoint(fleet: Fleet) -> None:
    litellm = pytest.importorskip("litellm", reason="the extra agents is not installed")
    router = litellm.Router(model_list=yaml.safe_load(fleet.models.read_text())["model_list"])
    for name in ("low", "high"):
        prompt, expected = greedy(fleet.folders[name])
        answer = router.completion(f"frontier/{name}", MESSAGES, temperature=0, max_tokens=12)
        assert tuple(answer.prompt_token_ids) == prompt
        assert tuple(answer.choices[0].provider_specific_fields["token_ids"]) == expected

    async def streamed() -> str:
        chunks = await router.acompletion(
            "frontier/high", MESSAGES, temperature=0, max_tokens=12, stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])

    assert asyncio.run(streamed()) == LocalPolicy.load(fleet.folders["high"]).decode(expected)


def test_a_policy_agent_gets_exact_tokens(fleet: Fleet) -> None:
    _, expected = greedy(fleet.folders["low"])
    options = ModelOptions(api_base=fleet.api_base("low"), temperature=0.0, max_completion_tokens=12)
    agent = agent_factory(f"policy:{fleet.folders['low']}", options).make()
    agent.start(TaskInfo(observation="w1w2w3", mode="single", language=Language.PYTHON))
    tokens = agent.act("w1w2w3").tokens
    agent.close()
    assert tokens is not None
    assert tokens.ids[-len(expected) :] == expected


@pytest.mark.sandbox
@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called_with_the_defaults_of_litellm(
    fleet: Fleet, make_env: Callable[..., gymnasium.Env[str, str]], stream: bool
) -> None:
    options = ModelOptions(api_base=fleet.api_base("caller"), stream=stream, temperature=0.0)
    agent = agent_factory("litellm:frontier/caller", options).make()
    episode = rollout(agent, make_env("tool", max_turns=3))
    agent.close()
    assert (episode.error, list(episode_faults(episode)), episode.usage.failures) == (None, [], {})
    assert (episode.stop_reason, len(episode.steps), episode.reward) == ("accepted", 1, 1.0)
    assert episode.messages[-1]["tool_calls"][0]["function"]["name"] == "submit"


def test_a_hot_swap_that_answers_200_and_gives_wrong_tokens_is_found(fleet: Fleet) -> None:
    """Runs last: afterwards the server has other weights."""
    assert CheckFleetCommand(model_list=fleet.models, names=("low",)).run() == 0
    reload = {"method": "reload_weights", "kwargs": {"weights_path": str(fleet.folders["high"])}}
    assert fleet.post("low", "collective_rpc", **reload) == 200
    assert CheckFleetCommand(model_list=fleet.models, names=("low",)).run() == 1
    # The list promises the new weights now, but the server keeps keys and values that the old ones computed.
    listed = yaml.safe_load(fleet.models.read_text())
    low, high, _ = listed["model_list"]
    low["model_info"] = high["model_info"]
    swapped = fleet.out / "swapped.yaml"
    swapped.write_text(yaml.safe_dump(listed))
    assert CheckFleetCommand(model_list=swapped, names=("low",)).run() == 1
    assert fleet.post("low", "reset_prefix_cache") == 200
    assert CheckFleetCommand(model_list=swapped, names=("low",)).run() == 0
