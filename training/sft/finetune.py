"""Supervised training of an existing checkpoint, on records of episodes or on rows of messages."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ...agents.policy.checkpoint import identify, load_tokens
from ...agents.policy.tokenizer import PolicyTokenizer, eos_ids
from ..checkpoint import check_whole, find_checkpoint
from ..distributed.launch import on_ranks
from ..models.trained import TrainedModel
from ..rows import Row
from ..run import deciding, load_last, own_folder
from ..seeds import derived_seed
from ..settings import FineTuneSettings
from ..tracking.trackers import check_installed
from .loop import STAGE, Lessons, Observer, learn
from .sources import select_rows

if TYPE_CHECKING:
    from ..distributed.world import World


def fine_tune(settings: FineTuneSettings, *, on_step: Observer = lambda metrics: None) -> Path:
    """Train a checkpoint on the replies in files, and return the folder of the last checkpoint.

    Sets the number of threads of torch for the process.

    Args:
        settings: Settings of the run.
        on_step: Called with the metrics of each step.

    Returns:
        The last checkpoint. On a rank of torchrun that follows rank 0, the folder of the run.

    Raises:
        TrainingError: A file cannot be read, there is nothing to learn from, or the run cannot start or
            continue.
        AgentError: The checkpoint cannot be loaded.
        OSError: The folder of the run cannot be written.
    """
    torch.set_num_threads(settings.threads)
    check_installed(settings.track)
    return on_ranks(settings.device, lambda world: _lead(settings, on_step, world), out=settings.out)


def _lead(settings: FineTuneSettings, on_step: Observer, world: World | None) -> Path:
    """Train, with the other ranks if there are some."""
    start = find_checkpoint(settings.init)
    check_whole(start)
    tokens = load_tokens(start)
    policy = PolicyTokenizer(tokens.tokenizer, eos_ids=eos_ids(tokens.generation), context=tokens.context)
    selection = select_rows(policy, settings)
    steps = settings.steps or math.ceil(len(selection.rows) * settings.epochs / settings.batch)
    with own_folder(settings.out, STAGE):
        deciders = deciding(
            settings, steps=steps, init_digest=identify(start).digest, rows_digest=rows_digest(selection.rows)
        )
        resumed = load_last(settings, STAGE, deciders)
        folder = None if resumed is None else resumed.folder
        trained = TrainedModel.load(
            start, settings, device=settings.device, seed=settings.seed, resumed=folder
        )
        lessons = Lessons(
            rows_of=lambda step: rows_of_step(selection.rows, step, batch=settings.batch, seed=settings.seed),
            steps=steps,
            deciders=deciders,
            described={"selection": selection.described},
        )
        return learn(settings, lessons, trained, resumed, on_step, world)


def rows_of_step(rows: Sequence[Row], step: int, *, batch: int, seed: int) -> list[Row]:
    """Return the rows of a step, counted from 0.

    All rows follow one another in an order that each epoch shuffles anew, and each step takes the next
    `batch` of them. The order depends on seed and epoch only, so that a run can be resumed at any step.
    """
    places = [divmod(place, len(rows)) for place in range(step * batch, (step + 1) * batch)]
    orders = {epoch: epoch_order(len(rows), epoch, seed) for epoch, _ in places}
    return [rows[orders[epoch][index]] for epoch, index in places]


def epoch_order(count: int, epoch: int, seed: int) -> list[int]:
    """Return the order of the rows in an epoch, a permutation of their numbers."""
    generator = torch.Generator().manual_seed(derived_seed("rows", seed, epoch))
    order: list[int] = torch.randperm(count, generator=generator).tolist()
    return order


def rows_digest(rows: Sequence[Row]) -> str:
    """Return the SHA-256 of what is learned; a run is resumed on equal rows only."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.token_ids.tolist(), row.loss_mask.tolist()]).encode())
    return digest.hexdigest()
