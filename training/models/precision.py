"""Computation in bfloat16 with float32 master weights.

bfloat16 has 8 significant bits: an update of a thousandth of a weight would be rounded away. So the optimizer
changes a float32 copy of each weight, the *master weight*, and the model computes with the rounded copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

HALF = torch.bfloat16


def half_precision(model: Any, *, fp32_head: bool) -> set[int]:
    """Convert the weights of a float32 model to bfloat16, in place.

    Args:
        model: Causal language model of transformers.
        fp32_head: Keep the last layer in float32. Where the embeddings are tied to it, they stay float32 as
            well, and their output is rounded.

    Returns:
        The ids of the parameters that stay float32.
    """
    kept = keep_float32(model) if fp32_head else set()
    for parameter in model.parameters():
        if id(parameter) not in kept:
            parameter.data = parameter.data.to(HALF)
    return kept


def keep_float32(model: Any) -> set[int]:
    """Prepare a model for bfloat16 in all layers but the last, whose input is widened to float32.

    A second call changes nothing, as for a copy of a model that was prepared.

    Returns:
        The ids of the parameters that stay float32: those of the last layer, which may be the embeddings too.
    """
    head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
    if head is None:
        return set()
    kept = {id(parameter) for parameter in head.parameters()}
    if _widen not in head._forward_pre_hooks.values():
        head.register_forward_pre_hook(_widen)
    tied = any(id(parameter) in kept for parameter in embedding.parameters())
    if tied and _narrow not in embedding._forward_hooks.values():
        embedding.register_forward_hook(_narrow)
    return kept


def _widen(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (inputs[0].float(), *inputs[1:])


def _narrow(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return output.to(HALF)


class MasterWeights:
    """The float32 weights of a model, and the bfloat16 copies that it computes with.

    Converts the model in place. Gradients are added up in float32: the bfloat16 gradient of a part of a batch
    is moved to its master weight as soon as it is complete.

    Args:
        model: Causal language model of transformers in float32.
        fp32_head: Keep the last layer in float32.
    """

    def __init__(self, model: Any, *, fp32_head: bool) -> None:
        # Weights that are not trained stay on the CPU: they are needed for checkpoints only.
        masters = {
            id(each): nn.Parameter(each.detach().clone())
            if each.requires_grad
            else each.detach().cpu().clone()
            for each in model.parameters()
        }
        kept = half_precision(model, fp32_head=fp32_head)
        self._pairs: list[tuple[Any, Tensor]] = []
        self.trained: list[Tensor] = []
        """float32 weights that the optimizer changes, in the order of the model's parameters."""
        for parameter in model.parameters():
            if id(parameter) in kept:
                master: Tensor = parameter
            else:
                master = masters[id(parameter)]
                self._pairs.append((parameter, master))
            if parameter.requires_grad:
                self.trained.append(master)
                if master is not parameter:
                    parameter.register_post_accumulate_grad_hook(_move_gradient(master))

    @torch.no_grad()
    def publish(self) -> None:
        """Round the master weights into the model; called after each step of the optimizer."""
        for parameter, master in self._pairs:
            if parameter.requires_grad:
                parameter.copy_(master)

    @contextmanager
    def in_model(self) -> Iterator[None]:
        """Let the model hold its float32 weights within the context."""
        rounded = [parameter.data for parameter, _ in self._pairs]
        try:
            for parameter, master in self._pairs:
                parameter.data = master.data
            yield
        finally:
            for (parameter, _), data in zip(self._pairs, rounded, strict=True):
                parameter.data = data


def _move_gradient(master: Tensor) -> Callable[[Tensor], None]:
    def move(parameter: Tensor) -> None:
        assert parameter.grad is not None
        gradient = parameter.grad.to(master.dtype)
        master.grad = gradient if master.grad is None else master.grad + gradient
        parameter.grad = None

    return move
