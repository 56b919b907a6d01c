"""The place of a process in a run that torchrun has started; FSDP is imported only where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World


def launched_rank() -> int | None:
    """Return the rank of this process, from 0; None unless torchrun has started it."""
    # torchrun tells its processes their places by environment variables only.
    return int(os.environ["RANK"]) if "TORCHELASTIC_RUN_ID" in os.environ else None


def local_rank() -> int:
    """Return the number of this process on its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def follows() -> bool:
    """Return whether this process follows another process that leads the run and reports on it."""
    return bool(launched_rank())


@contextmanager
def joined(device: str) -> Iterator[World | None]:
    """Join the ranks of the run for as long as the context lasts; None unless torchrun has started it.

    Raises:
        TrainingError: The ranks cannot be joined.
    """
    if launched_rank() is None:
        yield None
        return
    from .world import join_world  # FSDP takes seconds to import

    with join_world(device) as world:
        yield world


def on_ranks(device: str, lead: Callable[[World | None], Path], *, out: Path) -> Path:
    """Run the leader of a run on rank 0, and follow it on the other ranks; without torchrun just run it.

    Args:
        device: Device of the model.
        lead: The run, given its ranks.
        out: Folder of the run, which is returned on ranks that follow.

    Raises:
        TrainingError: The ranks cannot be joined, or a rank is lost.
    """
    with joined(device) as world:
        if world is not None and world.rank:
            from .following import follow  # FSDP takes seconds to import

            follow(world)
            return out
        return lead(world)
