"""Choose where a run is updated: in this process, in a process of its own, or on the ranks of torchrun."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..asynchronous.process_learner import ProcessLearner
from ..learner import Learner, LocalLearner, OptimizerSettings
from ..settings import RLSettings

if TYPE_CHECKING:
    from .world import World


@contextmanager
def learning(settings: RLSettings, model: Any, world: World | None) -> Iterator[Learner]:
    """Make the learner of a run of reinforcement, and end its process afterwards.

    Args:
        settings: Settings of the run.
        model: The model that samples. The learner of a synchronous run writes into it.
        world: The ranks of torchrun.

    Raises:
        TrainingError: A process cannot start or is lost.
    """
    optimizer = OptimizerSettings(lr=settings.lr)
    # While a model samples, its weights must not change.
    learned = copy.deepcopy(model) if settings.staleness else model
    if world is None and settings.staleness:
        with ProcessLearner(learned, optimizer, threads=settings.threads) as learner:
            yield learner
    else:
        yield shared_learner(learned, optimizer, world)


def shared_learner(model: Any, optimizer: OptimizerSettings, world: World | None) -> Learner:
    """Return a learner on all ranks of torchrun, or in this process if there are none.

    Raises:
        TrainingError: A rank is lost.
    """
    if world is None:
        return LocalLearner(model, optimizer)
    from .shards import ShardedLearner  # FSDP takes seconds to import

    return ShardedLearner(model, optimizer, world)
