"""Runs on several ranks, and how two runs are compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOLERANCE = 1e-5
"""Largest difference of losses, weights and optimizer state between numbers of ranks in float32, where only
the order of sums differs."""
HALF_TOLERANCE = 1e-3
"""The same in bf16, where a master weight that differs in its last bit may be rounded to the other neighbour,
which is up to 1 / 256 of the weight away."""


def run_torchrun(ranks: int, *words: str) -> subprocess.CompletedProcess[str]:
    launcher = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(ranks))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*launcher, *words], capture_output=True, text=True, env=environment, timeout=240, check=False
    )


@pytest.fixture
def run_ranks(start: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the rank program on some ranks, with changes to its settings."""

    def run(ranks: int, name: str, **changes: Any) -> subprocess.CompletedProcess[str]:
        chosen = {
            "init": str(start),
            "out": str(tmp_path / name),
            "prompts": 8,
            "group": 4,
            "lr": 2e-3,
            "max_completion_tokens": 16,
            "refill_rounds": 0,
            **changes,
        }
        return run_torchrun(ranks, str(HERE / "rank_program.py"), str(HERE.parent), json.dumps(chosen))

    return run


def compare_runs(one: Path, other: Path, *, steps: int, tolerance: float = TOLERANCE) -> None:
    """Compare metrics, weights and optimizer state of two runs."""
    import torch
    from safetensors.torch import load_file

    from codefrontier.training.checkpoint import find_checkpoint, load_saved
    from codefrontier.training.metrics import read_lines

    ours, theirs = read_lines(one / "metrics.jsonl"), read_lines(other / "metrics.jsonl")
    assert len(ours) == len(theirs) == steps
    for first, second in zip(ours, theirs, strict=True):
        for name in ("loss", "entropy", "grad_norm"):
            assert first[name] == pytest.approx(second[name], abs=tolerance)
        assert first["tokens"] == second["tokens"]
        assert first.get("reward_mean") == second.get("reward_mean")
    ends = find_checkpoint(one), find_checkpoint(other)
    left, right = (load_file(end / "model.safetensors") for end in ends)
    assert left.keys() == right.keys()
    for name, weight in left.items():
        assert weight.dtype == torch.float32
        assert torch.allclose(weight, right[name], atol=tolerance), name
    states = [load_saved(end).optimizer["state"] for end in ends]
    assert states[0].keys() == states[1].keys()
    for key, state in states[0].items():
        assert torch.allclose(state["exp_avg"], states[1][key]["exp_avg"], atol=tolerance)


@pytest.fixture
def torchrun() -> Callable[..., subprocess.CompletedProcess[str]]:
    return run_torchrun


@pytest.fixture
def assert_alike() -> Callable[..., None]:
    return compare_runs


@pytest.fixture
def tolerances() -> tuple[float, float]:
    """Return the largest differences in float32 and in bf16."""
    return TOLERANCE, HALF_TOLERANCE
