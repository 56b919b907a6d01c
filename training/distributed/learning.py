"""Choose the learner of a run: in this process, in a process of its own, or on the ranks of torchrun."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..asynchronous.process_learner import ProcessLearner
from ..errors import TrainingError
from ..models.settings import ModelSettings
from ..models.trained import TrainedModel
from ..settings import RLSettings
from ..updating.learner import Learner, LocalLearner

if TYPE_CHECKING:
    from .world import World


@contextmanager
def learning(settings: RLSettings, trained: TrainedModel, world: World | None) -> Iterator[Learner]:
    """Make the learner of a run of reinforcement, and end its process afterwards.

    Args:
        settings: Settings of the run.
        trained: The model that samples. The learner of a synchronous run writes into it.
        world: The ranks of torchrun.

    Raises:
        TrainingError: A process cannot start or is lost, or the model cannot be trained in another process.
    """
    if not settings.staleness:
        yield shared_learner(trained, settings, world, lr=settings.lr)
        return
    _check_plain(settings, "staleness")
    # While a model samples, its weights must not change.
    model = copy.deepcopy(trained.model)
    if world is None:
        with ProcessLearner(model, settings, lr=settings.lr, threads=settings.threads) as learner:
            yield learner
    else:
        yield _on_ranks(model, settings, world, lr=settings.lr)


def shared_learner(
    trained: TrainedModel, settings: ModelSettings, world: World | None, *, lr: float
) -> Learner:
    """Return a learner on all ranks of torchrun, or in this process if there are none.

    Raises:
        TrainingError: A rank is lost, or the model cannot be sharded.
    """
    if world is None:
        return LocalLearner(trained, settings, lr=lr)
    return _on_ranks(trained.model, settings, world, lr=lr)


def _on_ranks(model: Any, settings: ModelSettings, world: World, *, lr: float) -> Learner:
    from .shards import ShardedLearner  # FSDP takes seconds to import

    _check_plain(settings, "torchrun")
    return ShardedLearner(model, settings, world, lr=lr)


def _check_plain(settings: ModelSettings, what: str) -> None:
    """Raise TrainingError unless all weights are float32 weights of the model itself."""
    if settings.precision != "fp32" or settings.lora_rank or settings.gradient_checkpointing:
        raise TrainingError(
            f"{what} needs --precision fp32, --lora-rank 0 and no gradient checkpointing, got precision "
            f"{settings.precision!r}, lora_rank {settings.lora_rank!r} and gradient_checkpointing "
            f"{settings.gradient_checkpointing!r}"
        )
