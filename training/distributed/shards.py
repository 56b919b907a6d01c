"""A model whose weights, gradients and optimizer state are sharded over ranks with FSDP2."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from ..models.optimizer import make_optimizer
from ..models.settings import ModelSettings
from ..rows import Row
from ..updating.learner import set_lr
from ..updating.ranks import whole
from ..updating.update import UpdateMetrics, UpdateSettings, update
from .world import Call, World, ranks_lost


class Shards:
    """The shards of one rank. Every method is called by all ranks at the same time.

    Args:
        model: Causal language model of transformers, the same on every rank; it is sharded in place.
        settings: Settings of the optimizer.
        lr: Learning rate, until an update sets another.
        world: The ranks.
    """

    def __init__(self, model: Any, settings: ModelSettings, lr: float, world: World) -> None:
        self._world = world
        self._model = sharded(model, world)
        self._optimizer = make_optimizer(list(self._model.parameters()), settings, lr=lr)

    def update(self, rows: Sequence[Row], settings: UpdateSettings, lr: float | None = None) -> UpdateMetrics:
        """Take the optimizer steps of a batch; all ranks get the whole batch and return the same metrics.

        Raises:
            DivergedError: The loss, gradient, weights or predictions are not finite, on every rank.
            RuntimeError: A rank is lost.
        """
        set_lr(self._optimizer, lr)
        return update(self._model, self._optimizer, rows, settings, ranks=self._world)

    @torch.no_grad()
    def gather_weights(self, target: Any = None) -> None:
        """Copy the whole weights into a model of one rank; the other ranks give None."""
        into = [None] * len(list(self._model.parameters())) if target is None else target.parameters()
        for shard, parameter in zip(self._model.parameters(), into, strict=True):
            gathered = whole(shard.detach())  # one weight at a time, so that no rank holds all of them
            if parameter is not None:
                parameter.copy_(gathered)

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
        parameters = list(self._model.parameters())
        shards = {
            number: {name: _like(parameters[number], value) for name, value in values.items()}
            for number, values in state["state"].items()
        }
        self._optimizer.load_state_dict({**state, "state": shards})


def sharded(model: Any, world: World) -> Any:
    """Shard a model in place: each layer on its own, then what is left."""
    names = set(getattr(model, "_no_split_modules", None) or ())
    for module in model.modules():
        if type(module).__name__ in names:
            fully_shard(module, mesh=world.mesh)
    fully_shard(model, mesh=world.mesh)
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
        model: Causal language model of transformers, which gets the whole weights after each update.
        settings: Settings of the optimizer.
        lr: Learning rate, until an update sets another.
        world: The ranks; all ranks but this one run `follow`.

    Raises:
        TrainingError: A rank is lost.
    """

    def __init__(self, model: Any, settings: ModelSettings, world: World, *, lr: float) -> None:
        self._world = world
        self.model = model
        sent = copy.deepcopy(model).cpu()
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
            self._shards.gather_weights(self.model)
        except RuntimeError as error:
            raise ranks_lost(error, self._world.size) from error
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
