"""Handing weights to a server: our own server of checkpoints, over HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.agents import ModelError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.handover import HandoverError
    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.policy.vllm import ReloadedServer, ServerSampling, StartedServer
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    torch.set_num_threads(1)

CONTEXT = 64


class ServedHere:
    """Serves the folder that it is given from this process, unless it is told to keep an earlier one."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.keeps: Path | None = None

    def serve(self, folder: Path) -> str:
        self.close()
        served = ServedModel.load("policy", self.keeps or folder)
        return self.stack.enter_context(serving(ServedModels([served])))

    def close(self) -> None:
        self.stack.close()


@pytest.fixture
def policy() -> LocalPolicy:
    tokenizer = build_tokenizer(tuple("abcdefghij"), context=CONTEXT)
    return LocalPolicy(tiny_model(tokenizer, d=16, layers=1, heads=2, context=CONTEXT, seed=1), tokenizer)


@pytest.fixture
def server() -> Iterator[ServedHere]:
    served = ServedHere()
    yield served
    served.close()


@pytest.fixture
def change(policy: LocalPolicy) -> Callable[[float], None]:
    """Change all weights a little, as a step of training does."""

    def by(size: float) -> None:
        torch.manual_seed(0)
        with torch.no_grad():
            for parameter in policy.model.parameters():
                parameter.add_(size * torch.randn_like(parameter))

    return by


def test_each_version_is_sampled_with_its_own_weights(
    policy: LocalPolicy, server: ServedHere, change: Callable[[float], None], tmp_path: Path
) -> None:
    request = SampleRequest(prompt_ids=(1, 6, 7), max_new_tokens=20, seed=4)
    with ServerSampling(server, policy, tmp_path) as sampling:
        replies = []
        for version in (0, 1, 2, 5):
            sampling.hand_over(version)
            sampling.hand_over(version)  # nothing is written or asked again
            [expected] = policy.sample([request])
            reply = sampling.reply(request)
            assert reply.sampled.token_ids == expected.token_ids
            assert reply.sampled.log_probs == pytest.approx(expected.log_probs, abs=1e-5)
            assert reply.sampled.exact
            replies.append(reply.sampled.log_probs)
            change(0.01)
        assert len(set(replies)) == 4
        assert sorted(path.name for path in tmp_path.iterdir()) == ["version-000005"]
        sampling.hand_over(4)  # a run that is repeated from an earlier checkpoint
        sampling.hand_over(5)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["version-000004", "version-000005"]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0.1, "samples from other weights"),
        (3e-6, r"still samples from the previous weights.*moved by at most 0\.00e\+00"),
    ],
)
def test_a_server_that_keeps_the_previous_weights_is_refused(
    policy: LocalPolicy,
    server: ServedHere,
    change: Callable[[float], None],
    tmp_path: Path,
    size: float,
    words: str,
) -> None:
    with ServerSampling(server, policy, tmp_path) as sampling:
        sampling.hand_over(0)
        server.keeps = tmp_path / "version-000000"
        change(size)
        with pytest.raises(HandoverError, match=words):
            sampling.hand_over(1)
        assert sampling.version is None
        with pytest.raises(ModelError, match="the server has no weights"):
            sampling.reply(SampleRequest(prompt_ids=(1,), max_new_tokens=1))
        server.keeps = None
        sampling.hand_over(1)  # the same weights are taken once the server has them
        assert sampling.version == 1


def test_a_change_below_all_rounding_is_not_taken_for_stale_weights(
    policy: LocalPolicy, server: ServedHere, change: Callable[[float], None], tmp_path: Path
) -> None:
    with ServerSampling(server, policy, tmp_path) as sampling:
        for version in range(4):
            sampling.hand_over(version)
            change(1e-8)


def test_a_server_that_has_gone_gives_no_reply(
    policy: LocalPolicy, server: ServedHere, tmp_path: Path
) -> None:
    with ServerSampling(server, policy, tmp_path) as sampling:
        sampling.hand_over(0)
        server.close()
        with pytest.raises(ModelError, match="refused"):
            sampling.reply(SampleRequest(prompt_ids=(1,), max_new_tokens=1))


def test_a_server_with_a_shorter_context_is_refused(
    policy: LocalPolicy, server: ServedHere, tmp_path: Path
) -> None:
    policy.context = CONTEXT + 1
    with (
        ServerSampling(server, policy, tmp_path) as sampling,
        pytest.raises(HandoverError, match="of 64 tokens"),
    ):
        sampling.hand_over(0)


def test_a_server_without_a_route_to_reload_is_refused(policy: LocalPolicy, tmp_path: Path) -> None:
    with serving(ServedModels([ServedModel.of("policy", policy)])) as url:
        server = ReloadedServer(url)
        with pytest.raises(HandoverError, match=r"collective_rpc answers with status 404: start vLLM with"):
            server.serve(tmp_path)
    with pytest.raises(HandoverError, match=r"collective_rpc does not answer"):
        server.serve(tmp_path)


@pytest.mark.parametrize(
    ("sampler", "words"),
    [
        ("sglang:http://host", "a sampler is 'local', vllm:URL or vllm:COMMAND"),
        ("vllm:", "a sampler is"),
        ("vllm:ftp://host", "must be like http"),
        ("vllm:serve {folder}", r"must contain \{port\}"),
        ("vllm:serve --port {port}", r"must contain \{folder\}"),
    ],
)
def test_settings_that_name_no_server_are_refused(
    policy: LocalPolicy, tmp_path: Path, sampler: str, words: str
) -> None:
    with pytest.raises(HandoverError, match=words):
        ServerSampling.of(sampler, policy, tmp_path)


def test_a_command_that_ends_or_never_answers_leaves_no_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ends = StartedServer(f"{sys.executable} -c 'raise SystemExit(3)' {{folder}} {{port}}", log)
    with pytest.raises(HandoverError, match=f"ended with status 3; see {log}"):
        ends.serve(tmp_path)
    hangs = StartedServer("sh -c 'echo $$; exec sleep 150' {folder} {port}", log, start_limit_s=4.0)
    with pytest.raises(HandoverError, match="did not answer within 4 s"):
        hangs.serve(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)
