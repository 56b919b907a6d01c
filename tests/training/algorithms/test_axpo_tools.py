"""AXPO in mode tool: wrong calls are sampled again from their tag on, and a resumed run ends the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings, TrainEnvOptions

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.algorithm import Group, Scored
    from codefrontier.training.algorithms.axpo import AXPO, AXPOSettings
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.rows import RL
    from codefrontier.training.sampling.environments import TrainingEnvironment
    from codefrontier.training.sampling.exercises import Exercise
    from codefrontier.training.sampling.sampling import Sampler, SamplingSettings
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import train

Stream = Callable[..., ProblemStream]
TAG = "<tool_call>"
TURNS = 4


def axpo() -> AXPO:
    return AXPO(group_size=4, settings=AXPOSettings(share=1.0, continuations=2))


@pytest.fixture(scope="module")
def played(tool_start: Path, stream_of: Stream, judge_that: type[Any]) -> list[tuple[Group, Scored, Scored]]:
    """Return the continuations of some steps, each with its group and the rollout that it continues."""
    algorithm = axpo()
    environment = TrainingEnvironment(env_id="Families-tool", options={"max_turns": TURNS})
    exercises = [
        Exercise(environment=environment, problem=problem, coverage=1.0) for problem in stream_of().take(4)
    ]
    settings = SamplingSettings(seed=3, max_completion_tokens=8)
    sampler = Sampler(LocalPolicy.load(tool_start), algorithm, VerdictCache(judge_that()), settings)
    found = []
    for step in range(3):
        for group in sampler.sample(exercises, step=step).groups:
            by_sample = {member.episode.sample: member for member in group.members}
            for member in group.members:
                if member.plan is not None and member.plan.parent is not None:
                    found.append((group, member, by_sample[member.plan.parent]))
        algorithm.score_batch([])
    return found


def test_a_wrong_call_is_sampled_again_from_its_tag_on(
    played: list[tuple[Group, Scored, Scored]],
) -> None:
    assert {member.episode.continued_steps for _, member, _ in played} >= {0, 1}
    for _, member, source in played:
        assert source.episode.reward < 1
        begun = member.episode.continued_steps
        before = [step.action for step in source.episode.steps[:begun]]
        assert [step.action for step in member.episode.steps[:begun]] == before
        assert member.episode.steps[begun].action.startswith(TAG)
        assert '"submit"' not in source.episode.steps[begun].action
        # The tag is given and not learned from; the first sampled token is the one after it.
        first = int(member.row.loss_mask.nonzero()[0])
        tag = first - 1
        assert member.row.token_ids[: tag + 1].tolist() == source.row.token_ids[: tag + 1].tolist()
        assert bool(source.row.loss_mask[tag])
        assert int(source.row.turn_ids[tag]) == begun


def test_a_recovered_call_credits_the_prefix_and_not_the_rest(
    played: list[tuple[Group, Scored, Scored]],
) -> None:
    recovered = [(member, source) for _, member, source in played if member.episode.reward >= 1]
    assert recovered, "no call was recovered"
    for member, source in recovered:
        fork = int(member.row.loss_mask.nonzero()[0])
        credited = source.row.loss_mask.clone()
        credited[fork:] = False
        assert bool((source.row.advantages[credited] > 0).all())
        assert torch.equal(source.row.weights[RL] != 0, credited)
        assert not source.row.advantages[fork:].any()
        assert member.row.advantages[member.row.loss_mask].min() >= 0


def test_a_run_resumes_exactly(
    settings: Callable[..., RLSettings],
    tool_start: Path,
    stream_of: Stream,
    judge_that: type[Any],
    weights_of: Callable[[Path], bytes],
    tmp_path: Path,
) -> None:
    def play(name: str, **changes: Any) -> bytes:
        sizes = {"steps": 3, "prompts": 3, "refill_rounds": 0, "max_completion_tokens": 8, **changes}
        chosen = settings(
            init=tool_start,
            out=tmp_path / name,
            env=("Families-tool",),
            env_options=TrainEnvOptions(max_turns=TURNS),
            **sizes,
        )
        train(chosen, algorithm=axpo(), judge=judge_that(), problems=stream_of())
        return weights_of(tmp_path / name)

    whole = play("whole")
    lines = read_lines(tmp_path / "whole" / "metrics.jsonl")
    assert any(line["continuations"] for line in lines)
    assert all(line["episodes"] == 12 + line["continuations"] for line in lines)
    play("parts", steps=1)
    assert play("parts", resume=True) == whole
    assert whole != (tool_start / "model.safetensors").read_bytes()
