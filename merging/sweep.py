"""One pass over the parents that writes every merge of a sweep.

Memory does not depend on the size of the model. It holds two sets of chunks (a set has one chunk per parent
and per merge, by default 2 MiB each in float32) and the float64 blocks of the arithmetic. Measured on float32
parents: 57 MiB resident for one merge and 71 MiB for four, of which 42 MiB are Python and numpy.

Chunks, blocks and threads never affect a result: a weight depends only on its parents, its row and its noise.
While a chunk is computed, two other threads hash and write the previous chunk.

With a journal, a point is noted at the end of every shard, and within a shard after every 256 MiB of output.
A merge that was killed continues at its last point.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from .block import BLOCK, Block, ParentsView
from .census import Census
from .checkpoints.shards import Raw, ShardReader, ShardWriter
from .checkpoints.tensor_file import Tensor, data_size
from .errors import MergeError
from .methods.method import Blend
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


def run_sweep(
    plan: MergePlan,
    folders: Sequence[Path],
    on_progress: Callable[[int], None],
    journal: Journal | None = None,
) -> SweepResult:
    """Write the weight files of every merge into its folder.

    Args:
        plan: The sweep.
        folders: One existing folder per merge. It has no weights, except those that the journal knows.
        on_progress: Called with the number of weights merged since the last call.
        journal: Journal of the sweep. The sweep continues at its last point if the files agree with it, and
            begins anew otherwise. None notes nothing.

    Raises:
        MergeError: A weight is not finite or exceeds the range of the output, or integer tensors differ.
        OSError: A file cannot be read or written.
    """
    _keep_freed_memory()
    point = journal.point if journal else None
    if journal and point:
        if outputs_are_left(plan, point, folders):
            with _Pass(plan, folders, journal) as begun:
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
    with _Pass(plan, folders, journal) as opened:
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

    def __init__(self, plan: MergePlan, folders: Sequence[Path], journal: Journal | None) -> None:
        self._plan, self._folders, self._journal = plan, folders, journal
        self._census = Census(parents=len(plan.parents), merges=len(plan.methods), pairs=plan.pairs)
        self._finished: list[dict[str, str]] = [{} for _ in folders]
        """State of the digest of each finished file, for each merge."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.readers = [self._open.enter_context(ShardReader(parent)) for parent in self._plan.parents]
        self._pool = self._open.enter_context(ThreadPoolExecutor(2, thread_name_prefix="merge"))
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
        shard_pass = _ShardPass(self._plan, self._census, self.readers, writers, self._pool)
        shard_pass.run(
            shard.tensors[done:], on_progress, lambda tensors: self._note(number, done + tensors, writers)
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


class _ShardPass:
    """Merges the tensors of one shard of the anchor, alternating between two sets of buffers."""

    def __init__(
        self,
        plan: MergePlan,
        census: Census,
        readers: Sequence[ShardReader],
        writers: Sequence[ShardWriter],
        pool: ThreadPoolExecutor,
    ) -> None:
        self._plan, self._census, self._pool = plan, census, pool
        self._readers, self._writers = readers, writers
        self._pending: list[Future[None]] = []
        arrays = len(readers) + len(writers)
        self._buffers = [[np.empty(0, np.uint8)] * arrays for _ in range(2)]

    def run(
        self, tensors: Sequence[Tensor], on_progress: Callable[[int], None], note: Callable[[int], None]
    ) -> None:
        """Merge tensors, and call `note` now and then with the number of tensors that are written."""
        with ExitStack() as stack:
            for writer in self._writers:
                stack.enter_context(writer)
            stack.callback(self._settle)
            since = 0
            for number, tensor in enumerate(tensors, start=1):
                blends = self._blends(tensor)
                for first in range(0, tensor.count, self._plan.chunk):
                    count = min(self._plan.chunk, tensor.count - first)
                    self._merge_chunk(tensor, first, count, blends)
                    on_progress(count)
                since += data_size([tensor], [self._plan.code_of(tensor)]) * len(self._writers)
                if since >= notes.EVERY_BYTES and number < len(tensors):
                    self._settle()
                    note(number)
                    since = 0

    def _settle(self) -> None:
        """Wait until the previous chunk is hashed and written; then its buffers are free."""
        pending, self._pending = self._pending, []
        for future in pending:
            future.result()

    def _blends(self, tensor: Tensor) -> list[Blend]:
        """Return the formula of a tensor in each merge; integers and empty tensors have none."""
        if tensor.form is None or not tensor.count:
            return []
        view = ParentsView(plan=self._plan, tensor=tensor, readers=self._readers)
        return [method.blend(view) for method in self._plan.methods]

    def _merge_chunk(self, tensor: Tensor, first: int, count: int, blends: Sequence[Blend]) -> None:
        sources = [parent.tensors[tensor.name] for parent in self._plan.parents]
        sizes = [source.item_size for source in sources]
        form = self._plan.form_of(tensor)
        sizes += [form.bits.itemsize if form else tensor.item_size] * len(self._writers)
        buffers = self._take_buffers([size * count for size in sizes])
        raw, merged = buffers[: len(sources)], buffers[len(sources) :]
        for reader, source, buffer in zip(self._readers, sources, raw, strict=True):
            reader.read(source, first, buffer)
        if form is None:
            self._copy_integers(tensor, first, raw, merged)
        else:
            bits = [buffer.view(f"<u{source.item_size}") for buffer, source in zip(raw, sources, strict=True)]
            results = [buffer.view(form.bits) for buffer in merged]
            for start in range(0, count, BLOCK):
                part = slice(start, min(start + BLOCK, count))
                block = Block(plan=self._plan, tensor=tensor, form=form, first=first + start)
                block.merge(
                    [data[part] for data in bits], [data[part] for data in results], blends, self._census
                )
        # Not earlier: the previous chunk was hashed and written while this chunk was computed.
        self._settle()
        for reader, source, buffer in zip(self._readers, sources, raw, strict=True):
            self._pending.append(self._pool.submit(reader.digest, source, first, buffer))
        for writer, buffer in zip(self._writers, merged, strict=True):
            self._pending.append(self._pool.submit(writer.write, buffer))

    def _take_buffers(self, sizes: Sequence[int]) -> list[Raw]:
        self._buffers.reverse()
        buffers = self._buffers[0]
        for index, size in enumerate(sizes):
            if len(buffers[index]) < size:
                buffers[index] = np.empty(size, np.uint8)
        return [buffer[:size] for buffer, size in zip(buffers, sizes, strict=True)]

    def _copy_integers(self, tensor: Tensor, first: int, raw: Sequence[Raw], merged: Sequence[Raw]) -> None:
        for name, data in zip(self._plan.names[1:], raw[1:], strict=True):
            unequal = np.flatnonzero(data != raw[0])
            if len(unequal):
                place = first + int(unequal[0]) // tensor.item_size
                raise MergeError(
                    f"tensor {tensor.name!r} ({tensor.code}) differs between {self._plan.names[0]} and "
                    f"{name} at element {place}: only floating-point tensors are merged; other tensors must "
                    "be equal"
                )
        for target in merged:
            target[:] = raw[0]
