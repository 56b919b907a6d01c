"""The processes that share an update: how the parts of a batch are divided, and what all must agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor

from ..errors import DivergedError
from ..rows import Row


class Ranks(Protocol):
    """The ranks of an update. Every rank calls the same methods in the same order."""

    rank: int
    """Number of this process, from 0."""
    size: int
    """Number of processes."""

    def total(self, values: Sequence[float]) -> list[float]:
        """Return the sums over all ranks, in float64 and the same on every rank."""
        ...

    def agree(self, error: DivergedError | None) -> None:
        """Raise the error of the lowest rank that has one, on every rank."""
        ...


class Alone:
    """The only process of an update."""

    rank, size = 0, 1

    def total(self, values: Sequence[float]) -> list[float]:
        """Return the values."""
        return list(values)

    def agree(self, error: DivergedError | None) -> None:
        """Raise the error if there is one."""
        if error is not None:
            raise error


ALONE = Alone()


def share(parts: Sequence[list[Row]], ranks: Ranks) -> list[list[Row]]:
    """Return the parts of a batch that a rank takes: every `size`-th part, from its own number on.

    All ranks get equally many parts, because every rank must join each pass through a sharded model. A rank
    that lacks a part gets a part of one row that is not learned from.
    """
    mine = list(parts[ranks.rank :: ranks.size])
    rounds = -(-len(parts) // ranks.size)
    return mine + [[_silent(parts[0][0])]] * (rounds - len(mine))


def _silent(row: Row) -> Row:
    """Return a row with weight 0 at every token."""
    return replace(row, weights={name: torch.zeros_like(weights) for name, weights in row.weights.items()})


def local(tensor: Tensor) -> Tensor:
    """Return the shard of this rank of a sharded tensor; another tensor is returned as it is."""
    # Sharded tensors are of a class of `torch.distributed.tensor`, whose import takes seconds.
    part: Tensor = getattr(tensor, "to_local", lambda: tensor)()
    return part


def whole(tensor: Tensor) -> Tensor:
    """Gather a sharded tensor, which every rank must do; another tensor is returned as it is."""
    gathered: Tensor = getattr(tensor, "full_tensor", lambda: tensor)()
    return gathered
