"""Attention over packed rows, as an attention function of transformers.

The branches of a block are padded for the attention only, the other layers see no padding. A branch attends
to its own earlier tokens and to its root, so no mask of the whole packed sequence is needed: that mask would
cost the square of the packed length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from ..errors import TrainingError
from ..settings import Packing
from .layout import Block, Layout, Padding

NAME = "codefrontier_packed"
_UNSUPPORTED = ("softcap", "s_aux", "position_bias")
"""Arguments of attention functions that this function does not apply."""


def packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **keywords: Any,
) -> tuple[Tensor, None]:
    """Attend within the blocks of a layout, which is the keyword `layout` of the model's `forward`.

    Args:
        module: The layer that calls.
        query: float [1, H, N, D].
        key: float [1, K, N, D], with H a multiple of K.
        value: float [1, K, N, D'].
        attention_mask: Ignored: the layout is the mask.
        **keywords: The `layout`. Also `dropout`, the probability with which an attention weight is dropped;
            `scaling`, the factor of the scores, 1 / sqrt(D) unless given; `sliding_window`, the number of
            latest tokens, with the token itself, that a token attends to.

    Returns:
        float [1, N, H, D'], and no attention weights.

    Raises:
        TrainingError: The model does not hand the layout on, or needs an argument that is not supported.
    """
    layout = keywords.get("layout")
    if not isinstance(layout, Layout):
        raise TrainingError(
            f"{type(module).__name__} does not hand the layout of packed rows on to attention"
        )
    for name in _UNSUPPORTED:
        if keywords.get(name) is not None:
            raise TrainingError(f"packing does not support {name!r}, which {type(module).__name__} needs")
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    streams = (query[0].transpose(0, 1), key[0].transpose(0, 1), value[0].transpose(0, 1))  # [N, H, D] each
    window = keywords.get("sliding_window")
    how = (keywords.get("dropout", 0.0), keywords.get("scaling"))
    outputs = [_attend(block, streams, window, how) for block in layout.blocks]
    return torch.cat(outputs)[None], None


def _attend(
    block: Block, streams: tuple[Tensor, Tensor, Tensor], window: int | None, how: tuple[float, float | None]
) -> Tensor:
    """Return the outputs of a block: float [S, H, D]."""
    dropout, scaling = how
    query, key, value = (_branches(stream[block.tokens], block) for stream in streams)  # [G, H, C, D] each
    width, prefix = query.shape[2], 0
    if block.root is not None:
        prefix = block.root.stop - block.root.start
        key, value = (
            torch.cat([_root(stream[block.root], block.branches), own], dim=2)
            for stream, own in zip(streams[1:], (key, value), strict=True)
        )
    # Padding is at the end of the branches, so causal attention never sees it.
    plain = prefix == 0 and (window is None or window >= width)
    output = scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=None if plain else _mask(width, prefix, window, query.device),
        is_causal=plain,
        dropout_p=dropout,
        scale=scaling,
    )
    padded = output.transpose(1, 2).flatten(0, 1)
    return padded if block.padding is None else _unpad(padded, block.padding)


def _branches(stream: Tensor, block: Block) -> Tensor:
    """Pad the branches of a block: [S, H, D] to [G, H, C, D]."""
    padded = stream if block.padding is None else _pad(stream, block.padding)
    return padded.reshape(block.branches, -1, *stream.shape[1:]).transpose(1, 2)


class _Pad(torch.autograd.Function):
    """Takes tokens to places. Nothing reads the padding, so its gradient is 0 and can be left out.

    The gradient of `index_select` adds token by token, which takes longer on a CPU than the attention.
    """

    @staticmethod
    def forward(ctx: Any, stream: Tensor, pad: Tensor, unpad: Tensor) -> Tensor:
        """Return the padded tokens."""
        ctx.save_for_backward(unpad)
        return stream.index_select(0, pad)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None]:
        """Return the gradient of the tokens."""
        (unpad,) = ctx.saved_tensors
        return gradients[0].index_select(0, unpad), None, None


class _Unpad(torch.autograd.Function):
    """Takes places back to tokens; the padding gets the gradient 0."""

    @staticmethod
    def forward(ctx: Any, padded: Tensor, unpad: Tensor, pad: Tensor, real: Tensor) -> Tensor:
        """Return the tokens."""
        ctx.save_for_backward(pad, real)
        return padded.index_select(0, unpad)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None, None]:
        """Return the gradient of the places."""
        pad, real = ctx.saved_tensors
        return gradients[0].index_select(0, pad) * real, None, None, None


def _pad(stream: Tensor, padding: Padding) -> Tensor:
    padded: Tensor = _Pad.apply(stream, padding.pad, padding.unpad)
    return padded


def _unpad(padded: Tensor, padding: Padding) -> Tensor:
    tokens: Tensor = _Unpad.apply(padded, padding.unpad, padding.pad, padding.real)
    return tokens


def _root(stream: Tensor, branches: int) -> Tensor:
    """Repeat the root for each branch: [P, H, D] to [G, H, P, D]."""
    return stream.transpose(0, 1).expand(branches, -1, -1, -1)


def _mask(width: int, prefix: int, window: int | None, device: torch.device) -> Tensor:
    """Return what the tokens of a branch see of root and branch: bool [C, P + C]."""
    position = torch.arange(prefix, prefix + width, device=device)[:, None]
    seen = torch.arange(prefix + width, device=device)
    mask = seen <= position
    return mask if window is None else mask & (position - seen < window)


AttentionInterface.register(NAME, packed_attention)


@contextmanager
def packed_attention_in(model: Any, packing: Packing) -> Iterator[None]:
    """Let a model attend over packed rows, unless packing is off, and restore its own attention at the end.

    The gradient must be computed inside as well: gradient checkpointing runs the layers again.

    Raises:
        TrainingError: The attention of the model cannot be replaced.
    """
    if packing == "off":
        yield
        return
    before = model.config._attn_implementation
    model.set_attn_implementation(NAME)
    try:
        if model.config._attn_implementation != NAME:
            raise TrainingError(
                f"rows cannot be packed for {type(model).__name__}: its attention cannot be replaced; "
                "use packing 'off'"
            )
        yield
    finally:
        model.set_attn_implementation(before)
