"""One pass over the parents that writes every merge of a sweep.

Memory does not depend on the size of the model. It holds four sets of chunks: a set has one chunk per parent
and per merge, by default 1 MiB each in 16-bit formats. Chunks, blocks and threads never affect a result: a
weight depends only on its parents, its row and its noise.

With a journal, a point is noted at the end of every shard, and within a shard after every 256 MiB of output.
A merge that was killed continues at its last point.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from .census import Census
from .checkpoints.shards import ShardReader, ShardWriter
from .engine.arithmetic import Arithmetic
from .engine.choice import best_arithmetic
from .engine.shard_pass import ShardPass, Threads
from .errors import MergeError
from .plan import MergePlan
from .resuming import journal as notes
from .resuming.journal import Journal, Point
from .resuming.replay import digest_of, outputs_are_left, replay, weights_until, written_bytes

_LARGEST_REUSED = 31 << 20
"""Size in bytes, just below 32 MiB, the largest value to which glibc raises its threshold."""


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """The results of a pass."""

    census: Census
    parent_digests: tuple[dict[str, str], ...]
    """SHA-256 by weight file, for each parent."""
    merge_digests: tuple[dict[str, str], ...]
    """SHA-256 by weight file, for each merge."""
    arithmetic: str
    """What computed the weights: `compiled`, `numpy` or a device of torch. All give the same bytes."""


def run_sweep(
    plan: MergePlan,
    folders: Sequence[Path],
    on_progress: Callable[[int], None],
    journal: Journal | None = None,
    arithmetic: Arithmetic | None = None,
) -> SweepResult:
    """Write the weight files of every merge into its folder.

    Args:
        plan: The sweep.
        folders: One existing folder per merge. It has no weights, except those that the journal knows.
        on_progress: Called with the number of weights merged since the last call.
        journal: Journal of the sweep. The sweep continues at its last point if the files agree with it, and
            begins anew otherwise. None notes nothing.
        arithmetic: Computes the weights; None for the fastest on this host. All give the same bytes.

    Raises:
        MergeError: A weight is not finite or exceeds the range of the output, or integer tensors differ.
        OSError: A file cannot be read or written.
    """
    _keep_freed_memory()
    arithmetic = arithmetic or best_arithmetic()
    point = journal.point if journal else None
    if journal and point:
        if outputs_are_left(plan, point, folders):
            with _Pass(plan, folders, journal, arithmetic) as begun:
                if replay(plan, point, begun.readers, on_progress):
                    return begun.run(on_progress, point)
                on_progress(-weights_until(plan, point))
        if journal.placed:
            raise MergeError(
                f"{journal.path}: an earlier run of this merge was killed when it was complete, but its "
                "files or its parents have changed since then: remove this file and the merges beside it"
            )
        journal = journal.restarted()
    for folder in folders:
        _clear(folder)
    with _Pass(plan, folders, journal, arithmetic) as opened:
        return opened.run(on_progress, None)


def _clear(folder: Path, kept: Container[str] = ()) -> None:
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _keep_freed_memory() -> None:
    """Make glibc keep freed arrays for reuse; without this, half of the CPU time went into page faults.

    When a large block is freed, glibc raises the size up to which it keeps freed memory (mallopt(3),
    M_MMAP_THRESHOLD). The block is never written to, so it costs no memory. Other allocators are unaffected.
    """
    np.empty(_LARGEST_REUSED, np.uint8)


class _Pass:
    """A pass over the parents; a context manager that keeps their files open."""

    def __init__(
        self, plan: MergePlan, folders: Sequence[Path], journal: Journal | None, arithmetic: Arithmetic
    ) -> None:
        self._plan, self._folders, self._journal = plan, folders, journal
        self._arithmetic = arithmetic
        self._census = Census(parents=len(plan.parents), merges=len(plan.methods), pairs=plan.pairs)
        self._finished: list[dict[str, str]] = [{} for _ in folders]
        """State of the digest of each finished file, for each merge."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.readers = [self._open.enter_context(ShardReader(parent)) for parent in self._plan.parents]
        files = len(self._plan.parents) + len(self._folders)
        self._threads = self._open.enter_context(Threads(files))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def run(self, on_progress: Callable[[int], None], point: Point | None) -> SweepResult:
        """Merge from a point on; the readers have read everything before it."""
        shards = self._plan.parents[0].shards
        first = point.shard if point else 0
        if point:
            if self._journal and not self._journal.placed:
                for folder, states in zip(self._folders, point.outputs, strict=True):
                    _clear(folder, kept=states)
            self._census.restore(point.census)
            names = {shard.path.name for shard in shards[:first]}
            self._finished = [
                {name: state for name, state in states.items() if name in names} for states in point.outputs
            ]
        for number in range(first, len(shards)):
            self._merge_shard(number, on_progress, point if number == first else None)
        return SweepResult(
            census=self._census,
            parent_digests=tuple(reader.digests() for reader in self.readers),
            merge_digests=tuple(
                {name: digest_of(state) for name, state in states.items()} for states in self._finished
            ),
            arithmetic=self._arithmetic.name,
        )

    def _merge_shard(self, number: int, on_progress: Callable[[int], None], point: Point | None) -> None:
        shard = self._plan.parents[0].shards[number]
        name = shard.path.name
        writers = [
            ShardWriter(
                folder / name,
                self._plan.header(shard, merge),
                kept=written_bytes(point.outputs[merge].get(name, "0:")) if point else 0,
            )
            for merge, folder in enumerate(self._folders)
        ]
        done = point.tensor if point else 0
        shard_pass = ShardPass(
            self._plan, self._census, self.readers, writers, self._threads, self._arithmetic
        )
        shard_pass.run(
            shard.tensors[done:],
            on_progress,
            lambda tensors: self._note(number, done + tensors, writers),
            note_every=notes.EVERY_BYTES,
        )
        for states, writer in zip(self._finished, writers, strict=True):
            states[name] = writer.final_state()
        self._note(number + 1, 0, ())

    def _note(self, shard: int, tensor: int, writers: Sequence[ShardWriter]) -> None:
        if self._journal is None:
            return
        states = [dict(finished) for finished in self._finished]
        for state, writer in zip(states, writers, strict=False):  # no writers between two shards
            state[writer.name] = writer.state()
        point = Point(
            shard=shard,
            tensor=tensor,
            parents=tuple(reader.states() for reader in self.readers),
            outputs=tuple(states),
            census=self._census.state,
        )
        self._journal.note(point)
