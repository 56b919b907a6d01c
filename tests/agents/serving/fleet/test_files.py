"""The scripts of a fleet start real servers, and litellm finds them by the model list."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codefrontier.agents import ModelOptions, agent_factory
from codefrontier.agents.serving.model_list import read_model_list
from codefrontier.system.listening import listen

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.agents.serving.fleet.command import CheckFleetCommand, WriteFleetCommand
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving

    torch.set_num_threads(1)

MESSAGES = [{"role": "user", "content": "Go."}]


def free_ports(count: int) -> int:
    """Return the first of some consecutive ports that are free."""
    while True:
        with listen(0) as first:
            port = int(first.getsockname()[1])
        try:
            for place in range(count):
                listen(port + place).close()
        except OSError:
            continue
        return port


def test_the_command_writes_scripts_and_a_model_list(
    pair: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my fleet"
    words = tuple(f"{name}={folder}" for name, folder in pair.items())
    command = WriteFleetCommand(checkpoints=words, out=out, python="/an env/python", gpus=(3,))
    assert command.run() == 0
    printed = capsys.readouterr().out
    assert (
        "frontier/low  http://127.0.0.1:8001/v1  float32  tools: hermes, described by our own text" in printed
    )
    assert f"codefrontier vllm check {out}/models.yaml" in printed
    assert sorted(path.name for path in out.iterdir()) == [
        *("high.jinja", "high.sh", "low.jinja", "low.sh", "models.yaml", "start.sh")
    ]
    for script in ("low.sh", "high.sh", "start.sh"):
        subprocess.run(["sh", "-n", out / script], check=True)
        assert os.access(out / script, os.X_OK)
    low = (out / "low.sh").read_text()
    assert "exec '/an env/python' -m vllm.entrypoints.openai.api_server" in low
    assert "export CUDA_VISIBLE_DEVICES=3\n" in low
    listed = read_model_list(out / "models.yaml")
    assert listed["frontier/high"].model == "hosted_vllm/high"
    assert listed["frontier/high"].api_base == "http://127.0.0.1:8002/v1"
    assert listed["frontier/high"].info["checkpoint"] == str(pair["high"])


def test_what_cannot_be_written_is_reported_with_status_2(
    pair: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for changes, words in (
        ({"checkpoints": ("nowhere",)}, "nowhere is no folder"),
        ({"port": 99999}, "port must be in [1, 65535], got 99999"),
        ({"more": "'"}, "No closing quotation"),
    ):
        settings: dict[str, Any] = {"checkpoints": (str(pair["low"]),), "out": tmp_path / "out", **changes}
        assert WriteFleetCommand(**settings).run() == 2
        assert words in " ".join(capsys.readouterr().err.split())


def test_litellm_finds_each_model_by_the_list(pair: dict[str, Path], tmp_path: Path) -> None:
    litellm = pytest.importorskip("litellm", reason="the extra agents is not installed")
    shelf = {name: ServedModel.load(name, folder) for name, folder in pair.items()}
    port = free_ports(2)
    words = tuple(f"{name}={folder}" for name, folder in pair.items())
    assert WriteFleetCommand(checkpoints=words, out=tmp_path, port=port).run() == 0
    with (
        serving(ServedModels([shelf["low"]]), port=port),
        serving(ServedModels([shelf["high"]]), port=port + 1),
    ):
        router = litellm.Router(
            model_list=yaml.safe_load((tmp_path / "models.yaml").read_text())["model_list"]
        )
        assert sorted(router.get_model_names()) == ["frontier/high", "frontier/low"]
        for name, model in shelf.items():
            answer = router.completion(f"frontier/{name}", MESSAGES, seed=4, max_tokens=9)
            [expected] = reply_here(model.policy, seed=4, length=9)
            assert answer.choices[0].message.content == expected
        streamed = asyncio.run(stream(router, "frontier/high"))
        assert streamed == reply_here(shelf["high"].policy, seed=5, length=9)[0]


def reply_here(policy: LocalPolicy, *, seed: int, length: int) -> list[str]:
    from codefrontier.agents.policy.policy import SampleRequest

    prompt = policy.prompt_ids(MESSAGES)
    sampled = policy.sample([SampleRequest(prompt_ids=prompt, max_new_tokens=length, seed=seed)])
    return [policy.decode(each.token_ids) for each in sampled]


async def stream(router: Any, model: str) -> str:
    chunks = await router.acompletion(model, MESSAGES, seed=5, max_tokens=9, stream=True)
    return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])


@pytest.fixture
def fleet(pair: dict[str, Path], stand_in: Path, tmp_path: Path) -> Callable[[], Path]:
    """Write a fleet of `codefrontier serve` in place of vLLM, and return its folder."""

    def write() -> Path:
        out = tmp_path / "fleet"
        words = tuple(f"{name}={folder}" for name, folder in pair.items())
        command = WriteFleetCommand(checkpoints=words, out=out, python=str(stand_in), port=free_ports(2))
        assert command.run() == 0
        return out

    return write


@pytest.fixture
def started(fleet: Callable[[], Path]) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """Run the script that starts all servers, until they are served."""
    out = fleet()
    process = subprocess.Popen(
        ["sh", out / "start.sh"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    with process, process.stdout as told:
        try:
            lines = [told.readline() for _ in range(2)]
            assert [line.split()[0] for line in lines] == ["low", "high"], lines
            yield out, process
        finally:
            process.terminate()


@pytest.mark.long  # starts two servers
def test_the_script_starts_all_servers_and_stops_them(
    started: tuple[Path, subprocess.Popen[str]], descendants: Callable[[int], set[int]], wait_for: Any
) -> None:
    out, process = started
    assert CheckFleetCommand(model_list=out / "models.yaml").run() == 0
    for name, listed in read_model_list(out / "models.yaml").items():
        factory = agent_factory(f"litellm:{name}", ModelOptions(api_base=listed.api_base))
        assert factory.identity.settings["digest"] == listed.info["digest"]
    servers = descendants(process.pid)
    assert len(servers) >= 2
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in servers))


@pytest.mark.long  # starts three servers
def test_the_script_ends_when_a_server_ends_and_when_a_port_is_taken(
    started: tuple[Path, subprocess.Popen[str]], descendants: Callable[[int], set[int]]
) -> None:
    out, process = started
    again = subprocess.run(["sh", out / "start.sh"], capture_output=True, text=True, timeout=30, check=False)
    assert (again.returncode, "answers at port" in again.stderr) == (1, True)
    os.kill(min(descendants(process.pid)), signal.SIGKILL)
    assert process.wait(30) == 1
    assert process.stdout is not None
    assert "a server has ended" in process.stdout.read()
