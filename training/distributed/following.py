"""The loop of the ranks that do not lead a run."""

from __future__ import annotations

import signal
import threading

from ..errors import TrainingError
from .shards import Shards
from .world import World, ranks_lost


def follow(world: World) -> None:
    """Do what the leader says until the run has ended, successfully or not.

    Raises:
        TrainingError: The leader or another rank is lost.
    """
    if threading.current_thread() is threading.main_thread():
        # While torch waits for another rank, Python runs no handler of its own.
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.SIG_DFL)
    shards: Shards | None = None
    while (call := world.receive()) is not None:
        try:
            if call.method == "__init__":
                model, settings, lr = call.arguments
                shards = Shards(model, settings, lr, world)
            else:
                getattr(shards, call.method)(*call.arguments)
        except TrainingError:
            continue  # the leader has the same error and ends the run
        except RuntimeError as error:
            raise ranks_lost(error, world.size) from error
