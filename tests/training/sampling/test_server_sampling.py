"""Training that samples on a server of checkpoints, over HTTP."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.problems import Problem
from codefrontier.training import TrainingError
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.agent import PolicyReply
    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.policy.vllm import ServerSampling
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.sampling.sampling import Sampler, SamplingSettings
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import train


class ServedHere:
    """Serves each folder from this process."""

    def __init__(self) -> None:
        self.stack = ExitStack()

    def serve(self, folder: Path) -> str:
        self.close()
        return self.stack.enter_context(serving(ServedModels([ServedModel.load("policy", folder)])))

    def close(self) -> None:
        self.stack.close()


@pytest.fixture
def server(policy: LocalPolicy, tmp_path: Path) -> Iterator[ServerSampling]:
    with ServerSampling(ServedHere(), policy, tmp_path / "sampler") as sampling:
        yield sampling


def sampler_of(policy: LocalPolicy, judge: Any, server: ServerSampling | None = None) -> Sampler:
    settings = SamplingSettings(env_id="Families-single", coverage=1.0, seed=3, max_completion_tokens=16)
    return Sampler(policy, GRPO(group_size=4), VerdictCache(judge, stop_early=True), settings, server=server)


def test_episodes_on_a_server_are_those_of_this_process(
    policy: LocalPolicy,
    server: ServerSampling,
    judge_that: Callable[[], Any],
    problem_of: Callable[..., Problem],
) -> None:
    problems = [problem_of("red"), problem_of("blue")]
    here = sampler_of(policy, judge_that()).sample(problems, step=2)
    there = sampler_of(policy, judge_that(), server).sample(problems, step=2)
    assert server.version == 2
    rows = {row.episode_id: row for group in there.groups for row in group.rows}
    expected = [row for group in here.groups for row in group.rows]
    assert len(rows) == len(expected) == 8
    for row in expected:
        other = rows[row.episode_id]
        assert other.token_ids.tolist() == row.token_ids.tolist()
        assert other.reward == row.reward
        assert other.sampler_log_probs.tolist() == pytest.approx(row.sampler_log_probs.tolist(), abs=1e-5)
    assert there.sample_time_s > 0


def test_nothing_is_scored_when_the_server_has_gone(
    policy: LocalPolicy,
    server: ServerSampling,
    judge_that: Callable[[], Any],
    problem_of: Callable[..., Problem],
) -> None:
    judge = judge_that()
    server.hand_over(2)
    server._server.close()
    with pytest.raises(TrainingError, match=r"8 of 8 episodes of a step are not valid.*refused"):
        sampler_of(policy, judge, server).sample([problem_of("red"), problem_of("blue")], step=2)
    assert not judge.seen


def test_the_setting_of_the_sampler_is_checked(settings: Callable[..., RLSettings]) -> None:
    with pytest.raises(ValueError, match="sampler must be 'local', 'vllm:URL' or 'vllm:COMMAND', got 'vlm'"):
        settings(sampler="vlm")


@pytest.mark.long  # starts five servers
def test_a_run_whose_server_is_killed_is_resumed(
    settings: Callable[..., RLSettings],
    judge_that: Callable[[], Any],
    stream_of: Callable[[], Any],
    descendants: Callable[[], set[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = "from codefrontier.cli import main; main()"
    serve = shlex.join([sys.executable, "-c", program, "serve", "{folder}", "--port", "{port}"])
    chosen = settings(steps=3, sampler=f"vllm:{serve}", checkpoint_every=1)
    before, armed, reply = descendants(), [True], ServerSampling.reply

    def killing(self: ServerSampling, request: SampleRequest) -> PolicyReply:
        if self.version == 1 and armed:
            armed.clear()
            for process in descendants() - before:
                os.kill(process, signal.SIGKILL)
        return reply(self, request)

    monkeypatch.setattr(ServerSampling, "reply", killing)
    judge = judge_that()
    with pytest.raises(TrainingError, match="step 2: 16 of 16 episodes of a step are not valid"):
        train(chosen, judge=judge, problems=stream_of())
    assert len(judge.seen) <= 16  # only the episodes of the first step
    lines = [json.loads(line) for line in (chosen.out / "metrics.jsonl").read_text().splitlines()]
    assert "error" in lines[-1]
    assert descendants() == before
    resumed = settings(steps=3, sampler=f"vllm:{serve} --threads 1", checkpoint_every=1, resume=True)
    assert train(resumed, judge=judge_that(), problems=stream_of()).name == "checkpoint-000003"
    assert descendants() == before
