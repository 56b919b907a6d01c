"""Run the updates of a learner in their order in a thread, while this process samples."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..rows import Row
from ..updating.learner import Learner
from ..updating.update import UpdateMetrics, UpdateSettings


@dataclass(frozen=True, kw_only=True)
class Updated:
    """The result of an update."""

    metrics: UpdateMetrics
    weights: tuple[Tensor, ...] = field(repr=False)
    """Copies of the weights that are trained after the update; see `Learner.weights`."""
    optimizer: Mapping[str, Any] | None = field(repr=False)
    """State of the optimizer after the update; None unless it was asked for."""
    time_s: float
    """Wall seconds of the update."""


class Background:
    """Updates in the order in which they are submitted.

    Args:
        learner: The learner, which only this object uses once an update is submitted.
    """

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        # The learner waits for another process, or for an accelerator, so that a thread is enough.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="update")

    def submit(
        self, rows: Sequence[Row], settings: UpdateSettings, *, lr: float, keep_optimizer: bool
    ) -> Future[Updated]:
        """Start an update once all earlier updates are done; errors as for `Learner.update`."""
        return self._thread.submit(self._update, rows, settings, lr, keep_optimizer)

    def close(self) -> None:
        """Drop the updates that have not begun, and end the learner; a second call does nothing."""
        self._learner.close()
        self._thread.shutdown(cancel_futures=True)

    def _update(
        self, rows: Sequence[Row], settings: UpdateSettings, lr: float, keep_optimizer: bool
    ) -> Updated:
        started = time.monotonic()
        metrics = self._learner.update(rows, settings, lr=lr)
        with torch.no_grad():
            weights = tuple(weight.detach().clone() for weight in self._learner.weights)
        return Updated(
            metrics=metrics,
            weights=weights,
            # A copy, because the state may share tensors with the optimizer, which the next update changes.
            optimizer=copy.deepcopy(self._learner.optimizer_state()) if keep_optimizer else None,
            time_s=time.monotonic() - started,
        )
