"""Reinforcement of any causal model, with every choice of precision and memory, and its exact resume."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import json

    import torch

    from codefrontier.training.algorithms.algorithm import Algorithm, Group
    from codefrontier.training.checkpoint import find_checkpoint, load_saved
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.trainer import train

SHAPES = ("gpt2", "llama", "qwen2", "qwen3")
CHOICES: dict[str, dict[str, Any]] = {
    "plain": {},
    "bf16": {"precision": "bf16", "gradient_checkpointing": True, "part_tokens": 900},
    "scheduled": {"schedule": "cosine", "warmup": 1, "betas": (0.8, 0.99), "weight_decay": 0.1},
    "lora": {"lora_rank": 2, "lora_alpha": 8.0},
    "lora-bf16": {"lora_rank": 2, "lora_targets": ("q_proj", "o_proj"), "precision": "bf16"},
    "lora-bf16-stale": {"lora_rank": 2, "precision": "bf16", "staleness": 1, "gradient_checkpointing": True},
}


def alternating() -> Algorithm:
    """Return an algorithm that gives every second episode a positive advantage: always some signal."""

    class Alternating(Algorithm):
        name = "alternating"

        def score_group(self, group: Group) -> Group:
            signs = [1.0 if number % 2 else -0.5 for number in range(len(group.rows))]
            rows = [
                replace(row, advantages=sign * row.loss_mask.float(), truncated=False)
                for row, sign in zip(group.rows, signs, strict=True)
            ]
            return group.with_rows(rows)

    return Alternating(group_size=2)


@pytest.fixture
def run(tmp_path: Path, checkpoint_of: Callable[[str], Path], stream_of: Any, judge_that: Any) -> Any:
    def call(shape: str, name: str, **changes: Any) -> Path:
        settings = RLSettings(
            **{
                "init": checkpoint_of(shape),
                "out": tmp_path / name,
                "steps": 3,
                "prompts": 1,
                "group": 2,
                "refill_rounds": 0,
                "max_completion_tokens": 3,
                "checkpoint_every": 1,
                "lr": 1e-3,
                **changes,
            }
        )
        return train(settings, algorithm=alternating(), judge=judge_that(), problems=stream_of())

    return call


@pytest.mark.parametrize("shape", SHAPES)
def test_any_causal_model_is_trained(shape: str, run: Any, tmp_path: Path, weights_of: Any) -> None:
    last = run(shape, "run", steps=1)
    [line] = read_lines(tmp_path / "run" / "metrics.jsonl")
    assert line["tokens"] > 0
    assert line["grad_norm"] > 0
    assert line["ratio_mean"] == pytest.approx(1, abs=1e-4)
    start = Path(json.loads((tmp_path / "run" / "run.json").read_text())["starts"][0]["settings"]["init"])
    assert weights_of(last) != weights_of(start)


@pytest.mark.parametrize(
    "choice",
    [pytest.param(each, marks=pytest.mark.long if "stale" in each else ()) for each in CHOICES],
)
def test_a_resumed_run_ends_with_the_same_bits(
    choice: str, run: Any, tmp_path: Path, weights_of: Any
) -> None:
    how = CHOICES[choice]
    if "lora_rank" in how:
        pytest.importorskip("peft", reason="needs the extra lora")
    whole = run("llama", "whole", **how)
    again = run("llama", "again", **how)
    # As after a kill between two checkpoints: the last one is gone.
    for path in again.iterdir():
        if path.is_file():
            path.unlink()
    for path in (again / "adapter").glob("*"):
        path.unlink()
    again.rename(tmp_path / "gone")
    resumed = run("llama", "again", resume=True, **how)
    assert weights_of(resumed) == weights_of(whole)
    if "lora_rank" in how:
        name = "adapter/adapter_model.safetensors"
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    ours, theirs = (load_saved(find_checkpoint(path)) for path in (whole, resumed))
    for one, other in zip(ours.optimizer["state"].values(), theirs.optimizer["state"].values(), strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_scheduled_run_has_the_rates_of_its_schedule(run: Any, tmp_path: Path) -> None:
    run("llama", "run", schedule="linear", warmup=1, lr_floor=0.0, lr=1e-3)
    rates = [line["lr"] for line in read_lines(tmp_path / "run" / "metrics.jsonl")]
    assert rates == pytest.approx([1e-3, 1e-3, 0.5e-3])
    with pytest.raises(TrainingError, match="steps 3 instead of 5"):
        run("llama", "run", schedule="linear", warmup=1, lr_floor=0.0, lr=1e-3, steps=5, resume=True)


def test_every_choice_is_in_run_json(run: Any, tmp_path: Path) -> None:
    run("llama", "run", steps=1, precision="bf16", part_tokens=700)
    [start] = json.loads((tmp_path / "run" / "run.json").read_text())["starts"]
    chosen = start["settings"]
    assert chosen["precision"] == "bf16"
    assert chosen["part_tokens"] == 700
    assert chosen["betas"] == [0.9, 0.95]
    assert chosen["model"]["computation"] == "torch.bfloat16"
    assert chosen["model"]["master_weights"] == "torch.float32"
    with pytest.raises(TrainingError, match="precision 'bf16' instead of 'fp32'"):
        run("llama", "run", steps=1, part_tokens=700, resume=True)
