"""The arms of the experiment on verifiers, from a start that has just learned to answer at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.experiment import Scale
    from codefrontier.benchmarks.lab.methods.runner import run_experiment
    from codefrontier.benchmarks.lab.verification.experiment import EXPERIMENT


@pytest.mark.long
def test_every_arm_samples_equally_many_replies_and_learns_from_them(tmp_path: Path) -> None:
    scale = Scale(steps=4, prompts=4, group=4, lr=1e-3, problems=2, sft_steps=120, width=32)
    results = run_experiment(EXPERIMENT, tmp_path, seeds=(0,), scale=scale)
    metrics = {arm: runs[0].metrics for arm, runs in results.items()}
    start = metrics.pop("start")
    assert start["parsed easy"] > 0.5
    assert start["replies"] == start["learned_tokens"] == 0
    for arm, found in metrics.items():
        assert found["replies"] == 4 * 4 * 4, arm
        assert found["learned_tokens"] > 0, arm
        assert found["margin easy"] != start["margin easy"], arm
        assert {c.metric for c in EXPERIMENT.statement.comparisons} <= {*found}
    assert metrics["raft"]["learned_tokens"] < metrics["raft"]["sampled_tokens"]
    assert metrics["bo_grpo"]["updates"] == metrics["grpo"]["updates"] == 4
    assert metrics["bo_grpo"]["learned_tokens"] > 2 * metrics["grpo"]["learned_tokens"]
