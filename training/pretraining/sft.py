"""Supervised training of a tiny model from scratch, on pairs of a prompt and a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ...agents.policy.checkpoint import load_checkpoint
from ...problems.families import corpus, vocabulary
from ..distributed.launch import on_ranks
from ..errors import TrainingError
from ..models.trained import TrainedModel
from ..rows import CE, Row
from ..run import deciding, load_last, own_folder
from ..settings import SFTSettings
from ..sft.loop import STAGE, Lessons, Observer, learn
from ..tracking.trackers import check_installed
from .model import CONTEXT, tiny_model
from .tokenizer import CHAT_TEMPLATE, FENCE_OPEN, build_tokenizer, whole_text

if TYPE_CHECKING:
    from ..distributed.world import World

Pair = tuple[str, str]
"""A prompt and a program."""


def train_sft(
    settings: SFTSettings,
    *,
    pairs: Callable[[int], Iterator[Pair]] = corpus,
    pieces: Sequence[str] | None = None,
    template: str = CHAT_TEMPLATE,
    on_step: Observer = lambda metrics: None,
) -> Path:
    """Train a new model and return the folder of its last checkpoint. Sets the number of threads of torch.

    Args:
        settings: Settings of the run.
        pairs: Function from a seed to an endless iterator of pairs.
        pieces: Pieces of the tokenizer; the pieces of the Families unless given.
        template: Chat template of the tokenizer, whose prompts must be those of the pairs.
        on_step: Called with the metrics of each step.

    Returns:
        The last checkpoint. On a rank of torchrun that follows rank 0, the folder of the run.

    Raises:
        TrainingError: The run cannot start or continue, or a rank is lost.
        OSError: The folder of the run cannot be written.
    """
    torch.set_num_threads(settings.threads)
    check_installed(settings.track)
    known = vocabulary() if pieces is None else pieces

    def make_tokenizer() -> Any:
        return build_tokenizer(known, context=CONTEXT, template=template)

    given = (pairs, make_tokenizer, on_step)
    return on_ranks("cpu", lambda world: _lead(settings, given, world), out=settings.out)


def _lead(
    settings: SFTSettings,
    given: tuple[Callable[[int], Iterator[Pair]], Callable[[], Any], Observer],
    world: World | None,
) -> Path:
    """Train, with the other ranks if there are some."""
    pairs, make_tokenizer, on_step = given
    with own_folder(settings.out, STAGE):
        deciders = deciding(settings, steps=settings.steps)
        resumed = load_last(settings, STAGE, deciders)
        if resumed is None:
            tokenizer = make_tokenizer()
            model: Any = tiny_model(
                tokenizer, d=settings.d, layers=settings.layers, heads=settings.heads, seed=settings.seed
            )
        else:
            model, tokenizer = load_checkpoint(resumed.folder)
        # Draws are deterministic, so a resumed run skips the pairs of the steps it has taken.
        taken = 0 if resumed is None else resumed.state.step * settings.batch
        stream = islice(pairs(settings.seed), taken, None)
        lessons = Lessons(
            rows_of=lambda step: sft_rows(tokenizer, list(islice(stream, settings.batch))),
            steps=settings.steps,
            deciders=deciders,
        )
        return learn(settings, lessons, TrainedModel(model, tokenizer, settings), resumed, on_step, world)


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
