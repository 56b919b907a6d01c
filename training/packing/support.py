"""Whether a model gives the same log-probs for packed rows; other models are refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ..errors import TrainingError
from ..rows import RL, Row
from ..settings import Packing
from .attention import packed_attention_in
from .layout import collate_packed
from .scoring import score

_ATTENTION = ("full_attention", "sliding_attention")
"""Kinds of layers that the packed attention computes."""
_CLOSE = {torch.float64: 1e-9, torch.float32: 1e-4}
"""Largest difference of log-probs that is taken for rounding, by the dtype of the model."""
_CLOSE_OTHERWISE = 0.1
_PROMPT, _REPLIES = 7, (9, 4, 6)


def check_packing(model: Any, packing: Packing) -> None:
    """Raise unless packed rows get the log-probs of rows that go through the model alone.

    The configuration tells the reason for known obstacles. Then three short rows of random tokens, two of
    them with the same prompt, are scored in both ways; equal scores prove positions and attention.

    Args:
        model: Causal language model of transformers; its mode is left as it was.
        packing: How rows will go through the model.

    Raises:
        TrainingError: The model cannot be used with this packing; the message says why.
    """
    if packing == "off":
        return
    for reason in _obstacles(model):
        raise TrainingError(_refusal(model, packing, reason))
    was_training = model.training
    model.eval()  # without dropout, which draws other numbers for packed rows
    try:
        difference = _difference(model, packing)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TrainingError(_refusal(model, packing, f"its forward pass fails: {error}")) from error
    finally:
        model.train(was_training)
    allowed = _CLOSE.get(next(model.parameters()).dtype, _CLOSE_OTHERWISE)
    if not difference <= allowed:
        reason = f"log-probs of packed rows differ by {difference:.2g}, allowed is {allowed:g}"
        raise TrainingError(_refusal(model, packing, reason))


def _obstacles(model: Any) -> Iterator[str]:
    """Yield the reasons that the configuration of a model tells."""
    config = model.config.get_text_config()
    kinds = [kind for kind in getattr(config, "layer_types", None) or () if kind not in _ATTENTION]
    if getattr(model, "_is_stateful", False) or kinds:
        named = f" of the kind {kinds[0]!r}" if kinds else ""
        yield f"its layers{named} carry a state from token to token, which would cross from row to row"
    if config.is_encoder_decoder:
        yield "it has an encoder"
    if not model._can_set_attn_implementation():
        yield "its attention is not an attention function of transformers and cannot be replaced"
    if getattr(config, "sliding_window", None) and not model._supports_flash_attn:
        # Flash attention, as packed attention, needs the window as an argument instead of in the mask.
        yield "its layers do not hand their sliding window on to attention"


def _refusal(model: Any, packing: Packing, reason: str) -> str:
    return f"packing {packing!r} cannot be used with {type(model).__name__}: {reason}; use packing 'off'"


def _difference(model: Any, packing: Packing) -> float:
    """Return the largest difference between the log-probs of packed rows and of rows alone."""
    rows = _probe(model.config.get_text_config().vocab_size)
    with torch.no_grad():
        alone = [_scored(model, [row], "off") for row in rows]
        with packed_attention_in(model, packing):
            packed = _scored(model, rows, packing)
    return max(
        float((together[: len(own[0])] - own[0]).abs().max())
        for together, own in zip(packed, alone, strict=True)
    )


def _scored(model: Any, rows: list[Row], packing: Packing) -> Tensor:
    return score(model, collate_packed(rows, packing, device=model.device)).log_probs


def _probe(vocabulary: int) -> list[Row]:
    generator = torch.Generator().manual_seed(0)
    prompts = torch.randint(vocabulary, (2, _PROMPT), generator=generator)
    rows = []
    for number, length in enumerate(_REPLIES):
        reply = torch.randint(vocabulary, (length,), generator=generator)
        ids = torch.cat([prompts[int(number == 1)], reply])  # the first and the last row share a prompt
        mask = torch.arange(len(ids)) >= _PROMPT
        rows.append(
            Row(
                episode_id=str(number),
                group_id="probe",
                token_ids=ids,
                loss_mask=mask,
                sampler_log_probs=torch.zeros(len(ids)),
                advantages=torch.zeros(len(ids)),
                weights={RL: torch.ones(len(ids))},
                turn_ids=torch.zeros(len(ids), dtype=torch.int64),
                reward=0.0,
                truncated=False,
                policy_version=0,
            )
        )
    return rows
