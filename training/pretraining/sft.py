"""Supervised training of a tiny model from scratch, on pairs of a prompt and a program."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from ...problems.families import corpus, vocabulary
from ..checkpoint import find_checkpoint
from ..errors import TrainingError
from ..learner import Learner, LocalLearner, OptimizerSettings
from ..rows import CE, Row
from ..run import RunFolder, deciding, load_last, own_folder
from ..settings import SFTSettings
from ..update import UpdateSettings
from .model import CONTEXT, tiny_model
from .tokenizer import FENCE_OPEN, build_tokenizer, whole_text

LOWEST_LR = 0.1
"""Learning rate at the end of the cosine, as a share of the highest."""
SMOOTHING = 0.95
Pair = tuple[str, str]
"""A prompt and a program."""


def train_sft(
    settings: SFTSettings,
    *,
    pairs: Callable[[int], Iterator[Pair]] = corpus,
    pieces: Sequence[str] | None = None,
    on_step: Callable[[Mapping[str, Any]], None] = lambda metrics: None,
) -> Path:
    """Train a new model and return the folder of its last checkpoint. Sets the number of threads of torch.

    Args:
        settings: Settings of the run.
        pairs: Function from a seed to an endless iterator of pairs.
        pieces: Pieces of the tokenizer; those of the families unless given.
        on_step: Called with the metrics of each step.

    Raises:
        TrainingError: The run cannot start or continue.
        OSError: The folder of the run cannot be written.
    """
    torch.set_num_threads(settings.threads)
    with own_folder(settings.out, "sft"):
        return _train(settings, pairs, pieces, on_step)


def _train(
    settings: SFTSettings,
    pairs: Callable[[int], Iterator[Pair]],
    pieces: Sequence[str] | None,
    on_step: Callable[[Mapping[str, Any]], None],
) -> Path:
    """Train in a folder; the caller holds its lock."""
    deciders = deciding(settings, steps=settings.steps)
    resumed = load_last(settings, "sft", deciders, device="cpu")
    if resumed is None:
        tokenizer = build_tokenizer(vocabulary() if pieces is None else pieces, context=CONTEXT)
        model: Any = tiny_model(
            tokenizer, d=settings.d, layers=settings.layers, heads=settings.heads, seed=settings.seed
        )
    else:
        model, tokenizer = resumed.model, resumed.tokenizer
    learner = LocalLearner(model, OptimizerSettings(lr=settings.lr, weight_decay=settings.weight_decay))
    step, loss_ema = 0, 0.0
    if resumed is not None:
        learner.load_optimizer(resumed.optimizer)
        step, loss_ema = resumed.state.step, float(resumed.state.progress["loss_ema"])
    folder = RunFolder(settings, stage="sft", deciders=deciders, step=step)
    # Draws are deterministic, so a resumed run skips the pairs of the steps it has taken.
    stream = islice(pairs(settings.seed), step * settings.batch, None)
    while step < settings.steps:
        rows = sft_rows(tokenizer, list(islice(stream, settings.batch)))
        try:
            metrics = _step(learner, rows, settings, step)
        except TrainingError as error:
            raise folder.failed(step + 1, error, {}) from error
        step += 1
        loss_ema = metrics["loss"] if step == 1 else SMOOTHING * loss_ema + (1 - SMOOTHING) * metrics["loss"]
        metrics = {"step": step, **metrics, "loss_ema": loss_ema}
        folder.note(metrics)
        if folder.is_due(step, settings.steps):
            folder.save(step, model, tokenizer, learner.optimizer_state(), {"loss_ema": loss_ema})
        on_step(metrics)
    return find_checkpoint(settings.out)


def sft_rows(tokenizer: Any, pairs: Sequence[Pair]) -> list[Row]:
    """Make a training row of each pair; the tokens of the reply and of its end are learned.

    Args:
        tokenizer: A tokenizer of `build_tokenizer`.
        pairs: Prompts and programs.

    Raises:
        TrainingError: The tokenizer does not know some part of a pair, or a pair does not fit the context.
    """
    texts = [whole_text(prompt, program) for prompt, program in pairs]
    fence = tokenizer.convert_tokens_to_ids(FENCE_OPEN)
    rows = []
    for (prompt, _), ids in zip(pairs, tokenizer(texts, add_special_tokens=False)["input_ids"], strict=True):
        if tokenizer.unk_token_id in ids:
            raise TrainingError(f"the tokenizer does not know some part of the pair with prompt {prompt!r}")
        if len(ids) > tokenizer.model_max_length:
            raise TrainingError(
                f"the pair with prompt {prompt!r} has {len(ids)} tokens, more than the context of "
                f"{tokenizer.model_max_length}"
            )
        rows.append(_row(prompt, ids, len(ids) - ids.index(fence)))
    return rows


def _row(prompt: str, ids: list[int], learned: int) -> Row:
    """Make a row in which the last `learned` tokens are learned."""
    mask = torch.arange(len(ids)) >= len(ids) - learned
    nothing = torch.zeros(len(ids))
    return Row(
        episode_id=prompt,
        group_id="",
        token_ids=torch.tensor(ids),
        loss_mask=mask,
        sampler_log_probs=nothing,
        advantages=nothing,
        weights={CE: mask.float()},
        turn_ids=torch.zeros(len(ids), dtype=torch.int64),
        reward=0.0,
        truncated=False,
        policy_version=0,
    )


def learning_rate(step: int, *, steps: int, warmup: int, highest: float) -> float:
    """Return the learning rate of a step, counted from 0: linear warm-up, then a cosine down to a tenth."""
    if step < warmup:
        return highest * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return highest * (LOWEST_LR + (1 - LOWEST_LR) * (1 + math.cos(math.pi * progress)) / 2)


def _step(learner: Learner, rows: Sequence[Row], settings: SFTSettings, step: int) -> dict[str, Any]:
    """Take one optimizer step and return its metrics."""
    started = time.monotonic()
    lr = learning_rate(step, steps=settings.steps, warmup=settings.warmup, highest=settings.lr)
    updated = learner.update(rows, UpdateSettings(grad_clip=settings.grad_clip), lr=lr)
    return {
        "loss": updated.loss,
        "entropy": updated.entropy,
        "grad_norm": updated.grad_norm,
        "lr": lr,
        "tokens": updated.tokens,
        "time_s": {"total": time.monotonic() - started},
    }
