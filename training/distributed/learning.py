"""Choose the learner of a run: in this process, in a process of its own, or on the ranks of torchrun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..asynchronous.process_learner import ProcessLearner
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
    # While the model samples, its weights must not change.
    if world is None:
        with ProcessLearner(trained, settings, lr=settings.lr, threads=settings.threads) as learner:
            yield learner
    else:
        yield _on_ranks(trained, settings, world, lr=settings.lr, apart=True)


def shared_learner(
    trained: TrainedModel, settings: ModelSettings, world: World | None, *, lr: float
) -> Learner:
    """Return a learner on all ranks of torchrun, or in this process if there are none.

    Raises:
        TrainingError: A rank is lost, or the model cannot be sharded.
    """
    if world is None:
        return LocalLearner(trained, settings, lr=lr)
    return _on_ranks(trained, settings, world, lr=lr, apart=False)


def _on_ranks(
    trained: TrainedModel, settings: ModelSettings, world: World, *, lr: float, apart: bool
) -> Learner:
    from .shards import ShardedLearner  # FSDP takes seconds to import

    return ShardedLearner(trained, settings, world, lr=lr, apart=apart)
