"""A model whose weights, gradients and optimizer state are sharded over ranks with FSDP2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from ..models.optimizer import make_optimizer
from ..models.precision import HALF, keep_float32
from ..models.settings import ModelSettings
from ..models.trained import TrainedModel, recompute_activations
from ..rows import Row
from ..updating.learner import set_lr
from ..updating.ranks import whole
from ..updating.update import UpdateMetrics, UpdateSettings, update
from .world import Call, World, ranks_lost


class Shards:
    """The shards of one rank. Every method is called by all ranks at the same time.

    Args:
        model: What `TrainedModel.copied` returned, the same on every rank; it is sharded in place.
        settings: Settings of the model and of the optimizer.
        lr: Learning rate, until an update sets another.
        world: The ranks.
    """

    def __init__(self, model: Any, settings: ModelSettings, lr: float, world: World) -> None:
        self._world = world
        if settings.gradient_checkpointing:
            recompute_activations(model)
        self._model = sharded(model, settings, world)
        self._weights = [each for each in self._model.parameters() if each.requires_grad]
        self._optimizer = make_optimizer(self._weights, settings, lr=lr)

    def update(self, rows: Sequence[Row], settings: UpdateSettings, lr: float | None = None) -> UpdateMetrics:
        """Take the optimizer steps of a batch; all ranks get the whole batch and return the same metrics.

        Raises:
            DivergedError: The loss, gradient, weights or predictions are not finite, on every rank.
            RuntimeError: A rank is lost.
        """
        set_lr(self._optimizer, lr)
        return update(self._model, self._optimizer, rows, settings, ranks=self._world)

    @torch.no_grad()
    def gather_weights(self, into: Sequence[Tensor] | None = None) -> None:
        """Copy the whole weights that are trained into tensors of one rank; the other ranks give None."""
        for place, shard in enumerate(self._weights):
            gathered = whole(shard.detach())  # one weight at a time, so that no rank holds all of them
            if into is not None:
                into[place].copy_(gathered)

    def optimizer_state(self) -> dict[str, Any]:
        """Gather the state of the optimizer on the CPU, in the order of the parameters of the whole model."""
        state = self._optimizer.state_dict()
        gathered = {
            number: {
                name: whole(value).cpu() if isinstance(value, Tensor) else value
                for name, value in values.items()
            }
            for number, values in state["state"].items()
        }
        return {**state, "state": gathered}

    def load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Shard the state that `optimizer_state` returned, on any number of ranks."""
        shards = {
            number: {name: _like(self._weights[number], value) for name, value in values.items()}
            for number, values in state["state"].items()
        }
        self._optimizer.load_state_dict({**state, "state": shards})


def sharded(model: Any, settings: ModelSettings, world: World) -> Any:
    """Shard a model in place: each layer on its own, then what is left.

    If the precision is bf16, a rank holds float32 shards, and the model computes with bfloat16 weights that
    are gathered from them. What stays float32 then is the same as in one process.
    """
    names = set(getattr(model, "_no_split_modules", None) or ())
    half = settings.precision == "bf16"
    # Gradients leave bfloat16 before they are added up over parts and ranks.
    policy = MixedPrecisionPolicy(HALF, torch.float32) if half else MixedPrecisionPolicy()
    kept = keep_float32(model) if half and settings.fp32_head else set()
    groups = [module for module in model.modules() if type(module).__name__ in names]
    if kept:
        # What is left becomes one group of one number format, so what is not kept gets groups of its own.
        inside = {id(parameter) for module in groups for parameter in module.parameters()}
        for module in model.modules():
            own = {id(parameter) for parameter in module.parameters(recurse=False)}
            if own - inside and not own & kept:
                groups.append(module)
    for module in groups:
        fully_shard(module, mesh=world.mesh, mp_policy=policy)
    fully_shard(model, mesh=world.mesh, mp_policy=MixedPrecisionPolicy() if kept else policy)
    for module in model.modules():
        if isinstance(module, FSDPModule):
            # Gradients are added up, not averaged, because losses are divided by the tokens of all ranks.
            # Only plain sums exist in every backend.
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)
    return model


def _like(parameter: Tensor, value: Any) -> Any:
    """Shard a value of the optimizer's state like its parameter, if it has the parameter's shape."""
    if not isinstance(parameter, DTensor) or not isinstance(value, Tensor):
        return value
    if value.shape != parameter.shape:
        return value
    return distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)


class ShardedLearner:
    """The learner of rank 0: it shards a copy of a model over all ranks and leads their updates.

    Args:
        trained: The model, which gets the whole weights after each update unless they are kept apart.
        settings: Settings of the model and of the optimizer.
        lr: Learning rate, until an update sets another.
        world: The ranks; all ranks but this one run `follow`.
        apart: Leave the model as it is, because it samples during the updates.

    Raises:
        TrainingError: A rank is lost.
    """

    def __init__(
        self, trained: TrainedModel, settings: ModelSettings, world: World, *, lr: float, apart: bool = False
    ) -> None:
        self._world = world
        self._trained = None if apart else trained
        self.weights: Sequence[Tensor] = (
            [weight.detach().clone() for weight in trained.weights] if apart else trained.weights
        )
        sent = trained.copied().cpu()
        self._send(Call(method="__init__", arguments=(sent, settings, lr)))
        self._shards = Shards(sent, settings, lr, world)

    def update(
        self, rows: Sequence[Row], settings: UpdateSettings, *, lr: float | None = None
    ) -> UpdateMetrics:
        """Take the optimizer steps of a batch on all ranks; see `Learner`."""
        self._send(Call(method="update", arguments=(list(rows), settings, lr)))
        try:
            metrics = self._shards.update(rows, settings, lr)
            self._world.send(Call(method="gather_weights"))
            self._shards.gather_weights(self.weights)
        except RuntimeError as error:
            raise ranks_lost(error, self._world.size) from error
        if self._trained is not None:
            self._trained.take(self.weights)  # it has them; they are rounded if it computes in bfloat16
        return metrics

    def optimizer_state(self) -> dict[str, Any]:
        """Return the whole state of the optimizer."""
        self._send(Call(method="optimizer_state"))
        try:
            return self._shards.optimizer_state()
        except RuntimeError as error:
            raise ranks_lost(error, self._world.size) from error

    def load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Restore the state of the optimizer on all ranks."""
        self._send(Call(method="load_optimizer", arguments=(dict(state),)))
        try:
            self._shards.load_optimizer(state)
        except RuntimeError as error:
            raise ranks_lost(error, self._world.size) from error

    def close(self) -> None:
        """Do nothing; the ranks end with their world."""

    def _send(self, call: Call) -> None:
        try:
            self._world.send(call)
        except RuntimeError as error:
            raise ranks_lost(error, self._world.size) from error
