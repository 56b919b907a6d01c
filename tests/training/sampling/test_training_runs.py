"""Whole runs in the three modes, in a mixture of environments, and with a curriculum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge import Judge
from codefrontier.training.errors import TrainingError
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings, TrainEnvOptions

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.checkpoint import find_checkpoint, load_saved
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.trainer import train

Make = Callable[..., RLSettings]
ALGORITHMS = (
    *("axpo", "cispo", "dapo", "dr_grpo", "grpo", "gspo", "max_at_k", "maxrl", "online_fixing", "pow3r"),
    *("repro", "resample_only", "rloo", "stare", "vpo"),
)
FEW_TURNS = TrainEnvOptions(max_turns=2)


@pytest.fixture
def small(chat: Path, tmp_path: Path) -> Make:
    """Return the settings of a short run of the chat model."""

    def make(**changes: Any) -> RLSettings:
        defaults: dict[str, Any] = {
            "init": chat,
            "out": tmp_path / "rl",
            "refill_rounds": 0,
            "max_completion_tokens": 48,
        }
        return RLSettings(**{**defaults, **changes})

    return make


@pytest.mark.sandbox
def test_ten_steps_in_mode_tool_raise_the_reward(
    small: Make, stream_of: Callable[..., ProblemStream]
) -> None:
    chosen = small(env=("Families-tool",), env_options=FEW_TURNS, steps=10, prompts=4, group=8, lr=1e-2)
    with Judge(workers=1) as judge:
        train(chosen, judge=judge, problems=stream_of())
    lines = read_lines(chosen.out / "metrics.jsonl")
    assert [line["invalid_episodes"] for line in lines] == [0] * 10
    assert lines[0]["grad_norm"] > 0
    assert max(line["sampler_kl"] for line in lines) < 1e-5
    first, last = (sum(line["reward_mean"] for line in part) / 3 for part in (lines[:3], lines[-3:]))
    assert last > first + 0.1


@pytest.mark.long
@pytest.mark.sandbox
def test_every_algorithm_takes_a_step_in_mode_tool_where_the_history_is_rewritten(
    small: Make, rewriting: Path, tmp_path: Path, stream_of: Callable[..., ProblemStream]
) -> None:
    with Judge(workers=1) as judge:
        for name in ALGORITHMS:
            chosen = small(
                init=rewriting,
                out=tmp_path / name,
                env=("Families-tool",),
                env_options=FEW_TURNS,
                steps=2,
                prompts=3,
                group=6,
                algorithm=name,
            )
            train(chosen, judge=judge, problems=stream_of())
            lines = read_lines(chosen.out / "metrics.jsonl")
            assert max(line["tokens"] for line in lines) > 0, name
            assert max(line["sampler_kl"] for line in lines) < 1e-5, name


@pytest.mark.sandbox
def test_mode_agentic_is_trained_on_classics(small: Make) -> None:
    chosen = small(
        env=("ClassicsEasy-agentic",), env_options=FEW_TURNS, steps=2, prompts=2, group=6, workspaces=6
    )
    with Judge(workers=1) as judge:
        train(chosen, judge=judge)
    lines = read_lines(chosen.out / "metrics.jsonl")
    assert all(line["invalid_episodes"] == 0 and line["episodes"] == 12 for line in lines)
    # A program that is wrong is worth more than none, so there is something to learn.
    assert any(line["grad_norm"] > 0 for line in lines)


@pytest.mark.sandbox
def test_a_mixture_with_a_curriculum_is_resumed_to_the_same_bytes(
    small: Make, weights_of: Callable[[Path], bytes], tmp_path: Path
) -> None:
    whole = small(
        out=tmp_path / "whole",
        env=("Families-single:2,coverage=0.5", "Classics-tool,max_turns=1"),
        curriculum="stepping_stones",
        curriculum_options=("episodes=4", "fall=0", "rise=0.01"),
        steps=4,
        prompts=3,
        group=2,
        lr=1e-2,
        checkpoint_every=2,
    )
    parted = replace(whole, out=tmp_path / "parted")
    with Judge(workers=1) as judge:
        train(whole, judge=judge)
        train(replace(parted, steps=2), judge=judge)
        train(replace(parted, resume=True), judge=judge)
        with pytest.raises(TrainingError, match=r"other settings.*env \['Families-single:2"):
            train(replace(parted, resume=True, env=parted.env[:1]), judge=judge)
    assert weights_of(parted.out) == weights_of(whole.out)
    ours, theirs = (load_saved(find_checkpoint(chosen.out)).state for chosen in (whole, parted))
    assert ours == theirs
    assert set(ours.progress["exercises"]["taken"]) >= {"0:easy", "1:easy"}
    lines = read_lines(whole.out / "metrics.jsonl")
    shares = [line["environments"]["Families-single#0"]["problems"] for line in lines]
    assert shares == [2] * 4
    assert all(line["curriculum"]["easy_share"] == 1 for line in lines[:2])


@pytest.mark.sandbox
def test_a_schedule_over_the_coverage_changes_it_step_by_step(small: Make) -> None:
    chosen = small(
        env=("Families-single",),
        curriculum="coverage_ramp",
        curriculum_options=("length=2", "start=0.5"),
        steps=3,
        prompts=2,
        group=2,
    )
    with Judge(workers=1) as judge:
        train(chosen, judge=judge)
    lines = read_lines(chosen.out / "metrics.jsonl")
    assert [line["curriculum"]["coverage_mean"] for line in lines] == [0.5, 0.75, 1.0]


def test_a_checkpoint_of_an_earlier_version_is_continued(small: Make) -> None:
    from codefrontier.training.sampling.exercises import exercises_state

    old = {"problems_taken": 5, "algorithm": {}}
    assert exercises_state(old) == {"taken": {"0": 5}, "curriculum": {}}
