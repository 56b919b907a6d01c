"""The learner, which updates the weights of a run: the interface, and the learner of this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from ..models.optimizer import make_optimizer
from ..models.settings import ModelSettings
from ..models.trained import TrainedModel
from ..rows import Row
from .update import UpdateMetrics, UpdateSettings, update


class Learner(Protocol):
    """A model in training with its optimizer."""

    @property
    def weights(self) -> Sequence[Tensor]:
        """The whole float32 weights that are trained, after the last update, in the order of
        `TrainedModel.weights`."""
        ...

    def update(
        self, rows: Sequence[Row], settings: UpdateSettings, *, lr: float | None = None
    ) -> UpdateMetrics:
        """Take the optimizer steps of a batch; afterwards `weights` are the new weights.

        Args:
            rows: The rows of the batch.
            settings: Settings of the update.
            lr: Learning rate of this and all later updates; unchanged unless given.

        Raises:
            DivergedError: The loss, gradient, weights or predictions are not finite.
            TrainingError: A process that the update needs is lost.
        """
        ...

    def optimizer_state(self) -> dict[str, Any]:
        """Return the state of the optimizer, as of `torch.optim.Optimizer.state_dict`."""
        ...

    def load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `optimizer_state` returned."""
        ...

    def close(self) -> None:
        """End the process of the learner, if it has its own; a second call does nothing."""
        ...


class LocalLearner:
    """Trains a model in this process.

    Args:
        trained: The model, which is trained in place.
        settings: Settings of its optimizer.
        lr: Learning rate, until an update sets another.
    """

    def __init__(self, trained: TrainedModel, settings: ModelSettings, *, lr: float) -> None:
        self.weights = trained.weights
        self._model = trained.model
        self._optimizer = make_optimizer(trained.weights, settings, lr=lr)
        trained.follow(self._optimizer)

    def update(
        self, rows: Sequence[Row], settings: UpdateSettings, *, lr: float | None = None
    ) -> UpdateMetrics:
        """Take the optimizer steps of a batch; see `Learner`."""
        set_lr(self._optimizer, lr)
        return update(self._model, self._optimizer, rows, settings)

    def optimizer_state(self) -> dict[str, Any]:
        """Return the state of the optimizer."""
        return self._optimizer.state_dict()

    def load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Restore the state of the optimizer."""
        self._optimizer.load_state_dict(dict(state))

    def close(self) -> None:
        """Do nothing."""


def set_lr(optimizer: torch.optim.Optimizer, lr: float | None) -> None:
    """Set the learning rate of all parameters, unless it is None."""
    if lr is not None:
        for parameters in optimizer.param_groups:
            parameters["lr"] = lr
