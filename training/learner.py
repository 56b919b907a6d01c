"""Where the weights of a run are trained: in this process, unless the run is spread over several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from .rows import Row
from .update import UpdateMetrics, UpdateSettings, update

# AdamW forgets squared gradients sooner than with the default 0.999, as is usual for language models.
BETAS = (0.9, 0.95)


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """Settings of AdamW."""

    lr: float
    weight_decay: float = 0.0

    def make(self, model: Any) -> torch.optim.Optimizer:
        """Return an optimizer of the parameters of a model."""
        return torch.optim.AdamW(model.parameters(), lr=self.lr, betas=BETAS, weight_decay=self.weight_decay)


class Learner(Protocol):
    """A model in training with its optimizer."""

    def update(
        self, rows: Sequence[Row], settings: UpdateSettings, *, lr: float | None = None
    ) -> UpdateMetrics:
        """Take the optimizer steps of a batch; afterwards the model of the run has the new weights.

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


class LocalLearner:
    """Trains a model in this process.

    Args:
        model: Causal language model of transformers, which is trained in place.
        optimizer: Settings of its optimizer.
    """

    def __init__(self, model: Any, optimizer: OptimizerSettings) -> None:
        self._model = model
        self._optimizer = optimizer.make(model)

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


def set_lr(optimizer: torch.optim.Optimizer, lr: float | None) -> None:
    """Set the learning rate of all parameters, unless it is None."""
    if lr is not None:
        for parameters in optimizer.param_groups:
            parameters["lr"] = lr
