"""An update of TRL's GRPOTrainer on given rows, in the environment of TRL.

A rollout function hands the rows over, so nothing is sampled. What the trainer does around the rollout, such
as decoding and rewards, is not counted: only loss, gradient and optimizer step are.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from datasets import Dataset
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from codefrontier.benchmarks.perf.training_parts.workload import (
    BETAS,
    GROUP,
    LONGEST,
    LR,
    PART_ROWS,
    Meter,
    Workload,
    make_model,
    make_rows,
    make_tokenizer,
)
from codefrontier.training.rows import Row

from .worker import say

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")


class _Measured(GRPOTrainer):
    """A trainer that tells its meter how long it prepared the batch, and keeps the norm of the gradient."""

    meter: Meter | None = None
    last_norm: float | None = None

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        found = super()._get_grad_norm(model, grad_norm=grad_norm)
        self.last_norm = float(found)
        return found

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        started = time.process_time()
        prepared = super()._generate_and_score_completions(inputs)
        if self.meter is not None:
            self.meter.excluded_s += time.process_time() - started
        return prepared


class _Turns(TrainerCallback):
    """Starts a step when the parent asks for it, and reports its figures."""

    def __init__(self, turns: Iterator[None]) -> None:
        self._turns = turns
        self.trainer: _Measured | None = None

    def on_step_begin(self, args: Any, state: Any, control: Any, **keywords: Any) -> None:
        assert self.trainer is not None
        next(self._turns, None)
        self.trainer.meter = Meter()

    def on_step_end(self, args: Any, state: Any, control: Any, **keywords: Any) -> None:
        assert self.trainer is not None
        assert self.trainer.meter is not None
        say({**self.trainer.meter.read(), "grad_norm": self.trainer.last_norm})


def run_trl(workload: Workload, rounds: int, turns: Iterator[None]) -> None:
    """Take one update of TRL per turn."""
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    rows = make_rows(workload, len(tokenizer))
    by_group = {
        f"{group:03d}": [r for r in rows if r.group_id == f"{group:03d}"] for group in range(workload.groups)
    }
    with tempfile.TemporaryDirectory() as folder:
        turned = _Turns(turns)
        trainer = _Measured(
            model=model,
            reward_funcs=_rewards,
            args=_config(folder, len(rows), rounds),
            train_dataset=Dataset.from_dict({"prompt": list(by_group)}),
            processing_class=tokenizer,
            callbacks=[turned],
            rollout_func=lambda prompts, trainer: _rollout(prompts, by_group),
        )
        turned.trainer = trainer
        trainer.train()


def _rewards(reward: list[float], **keywords: Any) -> list[float]:
    return reward


def _rollout(prompts: list[str], by_group: dict[str, list[Row]]) -> dict[str, list[Any]]:
    """Return the rows of the groups; each prompt is given once per row of its group."""
    left = {name: iter(group) for name, group in by_group.items()}
    rows = [next(left[prompt]) for prompt in prompts]
    return {
        "prompt_ids": [row.token_ids[~row.loss_mask].tolist() for row in rows],
        "completion_ids": [row.token_ids[row.loss_mask].tolist() for row in rows],
        "logprobs": [[0.0] * int(row.loss_mask.sum()) for row in rows],
        "reward": [row.reward for row in rows],
    }


def _config(folder: str, rows: int, rounds: int) -> Any:
    """Return the configuration with the algorithm, precision and optimizer of this package."""
    return GRPOConfig(
        output_dir=folder,
        per_device_train_batch_size=PART_ROWS,
        gradient_accumulation_steps=rows // PART_ROWS,
        num_generations=GROUP,
        max_completion_length=LONGEST,
        max_steps=rounds,
        learning_rate=LR,
        lr_scheduler_type="constant",
        optim="adamw_torch",
        adam_beta1=BETAS[0],
        adam_beta2=BETAS[1],
        weight_decay=0.0,
        beta=0.0,
        epsilon=0.2,
        epsilon_high=0.28,
        scale_rewards="none",
        loss_type="dapo",
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        report_to=[],
        logging_strategy="no",
        save_strategy="no",
        disable_tqdm=True,
    )
