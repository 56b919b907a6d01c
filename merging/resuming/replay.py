"""Check that a merge can continue at a point: the files are those that were read and written until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..checkpoints.digests import StreamDigest
from ..checkpoints.shards import ShardReader
from ..checkpoints.tensor_file import Tensor
from ..plan import MergePlan
from .journal import Point


def written_bytes(state: str) -> int:
    """Return the number of bytes that the state of the digest of an output covers."""
    return int(state.partition(":")[0])


def digest_of(state: str) -> str:
    """Return the SHA-256 in the state of the digest of a finished output."""
    return state.split(":")[1]


def outputs_are_left(plan: MergePlan, point: Point, folders: Sequence[Path]) -> bool:
    """Return whether the outputs are what was written until a point; the last file may be longer.

    Args:
        plan: The merges.
        point: The point.
        folders: Folder of each merge.
    """
    finished = {shard.path.name for shard in plan.parents[0].shards[: point.shard]}
    for folder, states in zip(folders, point.outputs, strict=True):
        for name, state in states.items():
            path, size = folder / name, written_bytes(state)
            if not path.is_file() or (name in finished and path.stat().st_size != size):
                return False
            digest = StreamDigest(path)
            digest.read_until(size)
            if digest.state != state:
                return False
    return True


def replay(
    plan: MergePlan, point: Point, readers: Sequence[ShardReader], on_progress: Callable[[int], None]
) -> bool:
    """Read the parents until a point, and return whether they are the parents of then.

    Afterwards the digests of the readers cover everything that was read until the point.

    Args:
        plan: The merges.
        point: The point.
        readers: A reader per parent that has not read anything.
        on_progress: Called with the number of weights that were read.
    """
    buffer = np.empty(0, np.uint8)
    for tensor in _tensors_until(plan, point):
        for reader, parent in zip(readers, plan.parents, strict=True):
            source = parent.tensors[tensor.name]
            for first in range(0, source.count, plan.chunk):
                size = min(plan.chunk, source.count - first) * source.item_size
                if len(buffer) < size:
                    buffer = np.empty(size, np.uint8)
                reader.read(source, first, buffer[:size])
                reader.digest(source, first, buffer[:size])
        on_progress(tensor.count)
    return tuple(reader.states() for reader in readers) == point.parents


def weights_until(plan: MergePlan, point: Point) -> int:
    """Return the number of weights that are written at a point."""
    return sum(tensor.count for tensor in _tensors_until(plan, point))


def _tensors_until(plan: MergePlan, point: Point) -> list[Tensor]:
    shards = plan.parents[0].shards
    finished = [tensor for shard in shards[: point.shard] for tensor in shard.tensors]
    begun = shards[point.shard].tensors[: point.tensor] if point.shard < len(shards) else ()
    return [*finished, *begun]
