"""The processes of a run that torchrun has started, joined by process groups of torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from ..errors import DivergedError, TrainingError
from .launch import local_rank

EXCHANGE_LIMIT_S = 600
"""Seconds that a rank waits for other ranks within an update. The limit is for a rank that hangs; a rank that
is killed is noticed at once, because its connections close."""
_IDLE_LIMIT = timedelta(days=30)
"""Time that followers wait for the leader, which samples for as long as it takes."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A message of the leader: a method that every rank must call now."""

    method: str
    arguments: tuple[Any, ...] = ()


class World:
    """The ranks of a run; made by `join_world`.

    Args:
        device: Type of the devices of the models, for example `cpu` or `cuda`.
    """

    def __init__(self, device: str) -> None:
        self.rank = dist.get_rank()
        self.size = dist.get_world_size()
        self.mesh: DeviceMesh = init_device_mesh(device, (self.size,))
        # Messages and sums go through gloo also where weights go through NCCL.
        self._exchange = _gloo_group(timedelta(seconds=EXCHANGE_LIMIT_S))
        self._idle = _gloo_group(_IDLE_LIMIT)

    def total(self, values: Sequence[float]) -> list[float]:
        """Return the sums over all ranks."""
        summed = torch.tensor(list(values), dtype=torch.float64)
        dist.all_reduce(summed, group=self._exchange)
        return [float(value) for value in summed]

    def agree(self, error: DivergedError | None) -> None:
        """Raise the error of the lowest rank that has one, on every rank."""
        errors: list[DivergedError | None] = [None] * self.size
        dist.all_gather_object(errors, error, group=self._exchange)
        for found in errors:
            if found is not None:
                raise found

    def send(self, call: Call | None) -> None:
        """Send a message to the followers; None tells them that the run has ended.

        Raises:
            RuntimeError: A follower is lost.
        """
        dist.broadcast_object_list([call], src=0, group=self._idle)

    def receive(self) -> Call | None:
        """Wait for a message of the leader.

        Raises:
            TrainingError: The leader is lost.
        """
        box: list[Call | None] = [None]
        try:
            dist.broadcast_object_list(box, src=0, group=self._idle)
        except RuntimeError as error:
            raise TrainingError(f"rank {self.rank}: rank 0, which leads the run, is lost: {error}") from error
        return box[0]


def _gloo_group(limit: timedelta) -> dist.ProcessGroup:
    """Return a process group of all ranks, with a limit on the time of an exchange."""
    group = dist.new_group(backend="gloo", timeout=limit)
    assert isinstance(group, dist.ProcessGroup)  # a group of all ranks has this rank
    return group


@contextmanager
def join_world(device: str) -> Iterator[World]:
    """Join the ranks of the run while the context lasts.

    At the end the leader tells the followers that the run has ended, whether it has failed or not.

    Raises:
        TrainingError: The ranks cannot be joined.
    """
    kind = torch.device(device).type
    if kind == "cuda":
        torch.cuda.set_device(local_rank())
    try:
        backend = "gloo" if kind == "cpu" else "cpu:gloo,cuda:nccl"
        dist.init_process_group(backend, timeout=timedelta(seconds=EXCHANGE_LIMIT_S))
        world = World(kind)
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"the processes of torchrun cannot be joined: {error}") from error
    try:
        yield world
    finally:
        if world.rank == 0:
            with suppress(RuntimeError):  # a follower is lost; the run ends with the error that says so
                world.send(None)
        with suppress(RuntimeError):
            dist.destroy_process_group()


def ranks_lost(error: RuntimeError, size: int) -> TrainingError:
    """Return the error of a leader whose update failed on some rank."""
    first = str(error).strip().partition(os.linesep)[0]
    return TrainingError(
        f"an update on {size} ranks failed, because a rank is lost or has failed, so the step was not taken: "
        f"{first}"
    )
