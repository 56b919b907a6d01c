"""The supervised starts of the experiments: trained once per folder, and shared by all runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ....problems.families import corpus
from ....training import SFTSettings, find_checkpoint, train_sft
from ....training.pretraining.tokenizer import CHAT_TEMPLATE
from .experiment import RunTask

Pairs = Callable[[int], Iterator[tuple[str, str]]]
"""Function from a seed to an endless iterator of prompts and programs."""
_EVERY = 100


def plain_start(task: RunTask) -> Path:
    """Return the checkpoint that was trained on the corpus of the families."""
    return make_start(task, "plain", corpus)


def make_start(
    task: RunTask,
    name: str,
    pairs: Pairs,
    *,
    pieces: Sequence[str] | None = None,
    template: str = CHAT_TEMPLATE,
    batch: int = SFTSettings.batch,
    seed: int = SFTSettings.seed,
) -> Path:
    """Return the last checkpoint of a start, which is trained if it does not exist.

    Args:
        task: The run that needs the start.
        name: Name of the start.
        pairs: The pairs to train on.
        pieces: Pieces of the tokenizer; those of the families unless given.
        template: Chat template of the tokenizer.
        batch: Number of pairs per step.
        seed: Seed of the weights and of the pairs.
    """
    settings = SFTSettings(
        out=task.starts / name,
        steps=task.scale.sft_steps,
        d=task.scale.width,
        batch=batch,
        seed=seed,
        checkpoint_every=min(_EVERY, task.scale.sft_steps),
        resume=True,
    )
    last = settings.out / f"checkpoint-{settings.steps:06d}"
    # A whole checkpoint is taken as it is, without loading it to find that nothing is left to do.
    if last.exists():
        return last
    return find_checkpoint(train_sft(settings, pairs=pairs, pieces=pieces, template=template))
