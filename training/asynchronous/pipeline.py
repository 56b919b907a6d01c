"""The order of sampling and updates in asynchronous training.

    this process    | sample 0 | sample 1 |      sample 2      |      sample 3      | ...
    the learner     |          |      update 0      |      update 1      |  ...        (staleness 1)

All hooks of the algorithm are called in this process and in an order that does not depend on time: the batch
of step t + N is sampled and scored before the metrics of step t are observed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from ..errors import TrainingError
from ..models.trained import TrainedModel
from ..prepared import Prepared
from ..rows import Row
from ..updating.learner import Learner
from ..updating.update import UpdateMetrics, UpdateSettings
from .background import Background, Updated

Prepare = Callable[[int, int], Prepared]
"""Function from the number of a step and the number of updates of the sampling weights to its batch."""


@dataclass(frozen=True, kw_only=True)
class PipelineSettings:
    """Settings of a pipeline."""

    staleness: int
    """Number of updates between the weights that sample a batch and the weights that learn from it; at least
    1."""
    steps: int
    """Number of steps of the run."""
    checkpoint_every: int
    """Number of steps between checkpoints, which need the state of the optimizer."""
    update: UpdateSettings
    lr: Callable[[int], float]
    """Function from the number of a step, from 0, to its learning rate."""

    def keeps_optimizer(self, step: int) -> bool:
        """Return whether a checkpoint follows a step, which is counted from 0."""
        return (step + 1) % self.checkpoint_every == 0 or step + 1 == self.steps


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A step that the pipeline has taken."""

    prepared: Prepared
    metrics: UpdateMetrics
    time_s: Mapping[str, float]
    """Wall seconds by activity. `update` overlaps with the other times; `wait` is the time in which the step
    waited for the update."""


@dataclass(frozen=True, kw_only=True)
class _InFlight:
    prepared: Prepared
    future: Future[Updated] | None
    """The update; None for a step after the last step of the run."""


class Pipeline:
    """Samples batches ahead of the updates.

    Args:
        settings: Settings of the pipeline.
        learner: Learner of another process or of several ranks, with a model of its own.
        trained: The model that samples; it gets the weights of each update when the update is taken.
        prepare: Samples and scores a batch with the model.
    """

    def __init__(
        self, settings: PipelineSettings, learner: Learner, trained: TrainedModel, prepare: Prepare
    ) -> None:
        self._settings = settings
        self._background = Background(learner)
        self._trained = trained
        self._prepare = prepare
        self._queue: deque[_InFlight] = deque()
        self._optimizer: Mapping[str, Any] | None = None

    @property
    def in_flight(self) -> list[Prepared]:
        """The batches that were sampled and whose updates were not taken, in the order of their steps."""
        return [each.prepared for each in self._queue]

    def optimizer_state(self) -> dict[str, Any]:
        """Return the state of the optimizer after the last step that was taken.

        Raises:
            TrainingError: No checkpoint was due after that step.
        """
        if self._optimizer is None:
            raise TrainingError(
                "the state of the optimizer is kept only where a checkpoint is due: after every "
                f"{self._settings.checkpoint_every} steps and after the last"
            )
        return dict(self._optimizer)

    def restore(self, step: int, batches: Sequence[Prepared]) -> None:
        """Continue with batches in flight, the first of which belongs to `step`."""
        for number, prepared in enumerate(batches, start=step):
            self._add(number, prepared)

    def take(self, step: int) -> Taken:
        """Sample ahead, wait for the update of a step, and give the model its weights.

        Args:
            step: Number of the step, from 0; each call takes the next step.

        Raises:
            TrainingError: Sampling or the update has failed.
        """
        limit = self._settings.staleness
        sampled = {"sample": 0.0, "judge": 0.0}
        while len(self._queue) <= limit:
            number = step + len(self._queue)
            prepared = drop_stale(self._prepare(number, step), step=number, limit=limit)
            sampled = {name: spent + prepared.time_s[name] for name, spent in sampled.items()}
            self._add(number, prepared)
        first = self._queue.popleft()
        waiting = time.monotonic()
        updated = (first.future or self._submit(step, first.prepared.rows)).result()
        self._trained.take(updated.weights)
        self._optimizer = updated.optimizer
        waited_s = time.monotonic() - waiting
        return Taken(
            prepared=first.prepared,
            metrics=updated.metrics,
            time_s={**sampled, "update": updated.time_s, "wait": waited_s},
        )

    def close(self) -> None:
        """End the updates; see `Background.close`."""
        self._background.close()

    def _add(self, step: int, prepared: Prepared) -> None:
        is_needed = step < self._settings.steps
        future = self._submit(step, prepared.rows) if is_needed else None
        self._queue.append(_InFlight(prepared=prepared, future=future))

    def _submit(self, step: int, rows: Sequence[Row]) -> Future[Updated]:
        settings = self._settings
        return self._background.submit(
            rows, settings.update, lr=settings.lr(step), keep_optimizer=settings.keeps_optimizer(step)
        )


def drop_stale(prepared: Prepared, *, step: int, limit: int) -> Prepared:
    """Drop the groups with a row whose staleness is above the limit, and note the staleness of the rows.

    The batches of a pipeline have a fixed staleness. Staler rows come from an algorithm that keeps rows of
    earlier steps.

    Args:
        prepared: The batch.
        step: Number of updates that the weights have taken when they are updated on the batch.
        limit: Largest staleness, the number of updates between the weights that sampled a row and these
            weights.

    Returns:
        The batch, with further metrics. `staleness_mean` and `staleness_max` are about the rows that are
        kept, in updates, and `stale_groups` is the number of groups that were dropped.
    """
    stale = {row.group_id for row in prepared.rows if step - row.policy_version > limit}
    rows = [row for row in prepared.rows if row.group_id not in stale]
    ages = [step - row.policy_version for row in rows]
    metrics = {
        **prepared.metrics,
        "staleness_mean": sum(ages) / max(1, len(ages)),
        "staleness_max": max(ages, default=0),
        "stale_groups": len(stale),
    }
    return replace(prepared, rows=rows, metrics=metrics)
