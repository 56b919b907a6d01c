"""Merge the tensors of a shard chunk by chunk, while other threads read ahead, hash, and write behind.

One thread reads the chunks, in order. The calling thread computes them, with help of the arithmetic's own
threads. A *lane* is a thread that hashes or writes a file, so that the bytes of each file stay in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from ..block import Block, ParentsView
from ..census import Census
from ..checkpoints.shards import Raw, ShardReader, ShardWriter
from ..checkpoints.tensor_file import Tensor, data_size
from ..errors import MergeError
from ..methods.method import Blend
from ..plan import MergePlan
from .arithmetic import Arithmetic

SLOTS: Final = 4
"""Number of sets of buffers: some are being read into, one is computed, some are being hashed and written."""
_MOST_LANES: Final = 8


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A chunk of a tensor."""

    tensor: Tensor
    first: int
    """Index of the first weight in the tensor."""
    count: int

    @property
    def is_last(self) -> bool:
        """Whether the tensor ends with the chunk."""
        return self.first + self.count == self.tensor.count


@dataclass(kw_only=True)
class _Slot:
    """Buffers for one chunk of each parent and of each merge."""

    buffers: list[Raw]
    pending: list[Future[None]] = field(default_factory=list)
    """Tasks that still use the buffers."""

    def settle(self) -> None:
        """Wait until the buffers are free; raises the error of a task."""
        for future in self.pending:
            future.result()

    def take(self, sizes: Sequence[int]) -> list[Raw]:
        """Return buffers of these sizes in bytes."""
        for index, size in enumerate(sizes):
            if len(self.buffers[index]) < size:
                self.buffers[index] = np.empty(size, np.uint8)
        return [buffer[:size] for buffer, size in zip(self.buffers, sizes, strict=True)]


class Threads:
    """The threads of a pass; a context manager that ends them.

    Args:
        files: Number of files that are hashed or written at a time.
    """

    def __init__(self, files: int) -> None:
        self._open = ExitStack()
        self._files = files

    def __enter__(self) -> Self:
        def thread(name: str) -> ThreadPoolExecutor:
            return self._open.enter_context(ThreadPoolExecutor(1, thread_name_prefix=f"merge-{name}"))

        self.reading = thread("read")
        self.lanes = [thread(f"lane-{number}") for number in range(min(self._files, _MOST_LANES))]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


class ShardPass:
    """Merges the tensors of one shard of the anchor.

    Args:
        plan: The merges.
        census: The counts, which are updated.
        readers: A reader per parent.
        writers: A writer per merge, for the file of the shard; not yet entered.
        threads: The threads of the pass.
        arithmetic: Computes the weights.
    """

    def __init__(
        self,
        plan: MergePlan,
        census: Census,
        readers: Sequence[ShardReader],
        writers: Sequence[ShardWriter],
        threads: Threads,
        arithmetic: Arithmetic,
    ) -> None:
        self._plan, self._census, self._threads = plan, census, threads
        self._readers, self._writers, self._arithmetic = readers, writers, arithmetic
        arrays = len(readers) + len(writers)
        self._slots = [_Slot(buffers=[np.empty(0, np.uint8)] * arrays) for _ in range(SLOTS)]
        self._reads: deque[Future[list[Raw]]] = deque()
        self._blends: dict[str, list[Blend]] = {}

    def run(
        self,
        tensors: Sequence[Tensor],
        on_progress: Callable[[int], None],
        note: Callable[[int], None],
        *,
        note_every: int,
    ) -> None:
        """Merge tensors.

        Args:
            tensors: Tensors of the shard, from the first that is not written yet.
            on_progress: Called with the number of weights merged since the last call.
            note: Called with the number of tensors that are hashed and written.
            note_every: Number of bytes of output between two calls of `note`.
        """
        with ExitStack() as stack:
            for writer in self._writers:
                stack.enter_context(writer)
            stack.callback(self._abandon)
            since = finished = 0
            for slot, piece, buffers in self._filled(list(self._pieces(tensors))):
                self._compute(piece, buffers)
                slot.pending = self._finish(piece, buffers)
                on_progress(piece.count)
                if not piece.is_last:
                    continue
                finished = tensors.index(piece.tensor) + 1
                since += self._output_size(piece.tensor)
                if since >= note_every and finished < len(tensors):
                    self._settle()
                    note(finished)
                    since = 0
            self._settle()

    def _pieces(self, tensors: Sequence[Tensor]) -> Iterator[Piece]:
        for tensor in tensors:
            for first in range(0, tensor.count, self._plan.chunk):
                yield Piece(tensor=tensor, first=first, count=min(self._plan.chunk, tensor.count - first))

    def _output_size(self, tensor: Tensor) -> int:
        return data_size([tensor], [self._plan.code_of(tensor)]) * len(self._writers)

    def _filled(self, pieces: Sequence[Piece]) -> Iterator[tuple[_Slot, Piece, list[Raw]]]:
        """Yield the pieces with their buffers when they are read; meanwhile the next ones are being read."""
        asked = 0
        for number, piece in enumerate(pieces):
            # The slot of the previous piece is asked for again only now, when its tasks are known.
            while asked < min(number + SLOTS, len(pieces)):
                slot = self._slots[asked % SLOTS]
                self._reads.append(self._threads.reading.submit(self._fill, slot, pieces[asked]))
                asked += 1
            yield self._slots[number % SLOTS], piece, self._reads.popleft().result()

    def _fill(self, slot: _Slot, piece: Piece) -> list[Raw]:
        """Read a piece, and before the first piece of a tensor what its formulas need."""
        slot.settle()
        tensor, form = piece.tensor, self._plan.form_of(piece.tensor)
        if not piece.first and form:
            # Here, because the readers belong to this thread.
            view = ParentsView(plan=self._plan, tensor=tensor, readers=self._readers)
            self._blends[tensor.name] = [method.blend(view) for method in self._plan.methods]
        sources = self._sources(tensor)
        sizes = [source.item_size for source in sources]
        sizes += [form.bits.itemsize if form else tensor.item_size] * len(self._writers)
        buffers = slot.take([size * piece.count for size in sizes])
        for reader, source, buffer in zip(self._readers, sources, buffers, strict=False):
            reader.read(source, piece.first, buffer)
        return buffers

    def _sources(self, tensor: Tensor) -> list[Tensor]:
        return [parent.tensors[tensor.name] for parent in self._plan.parents]

    def _compute(self, piece: Piece, buffers: Sequence[Raw]) -> None:
        tensor, form = piece.tensor, self._plan.form_of(piece.tensor)
        raw, merged = buffers[: len(self._readers)], buffers[len(self._readers) :]
        if form is None:
            self._copy_integers(piece, raw, merged)
            return
        sources = self._sources(tensor)
        bits = [buffer.view(f"<u{source.item_size}") for buffer, source in zip(raw, sources, strict=True)]
        results = [buffer.view(form.bits) for buffer in merged]
        chunk = Block(plan=self._plan, tensor=tensor, form=form, first=piece.first)
        blends = self._blends.pop(tensor.name) if piece.is_last else self._blends[tensor.name]
        self._arithmetic.merge(chunk, bits, results, blends, self._census)

    def _copy_integers(self, piece: Piece, raw: Sequence[Raw], merged: Sequence[Raw]) -> None:
        tensor = piece.tensor
        for name, data in zip(self._plan.names[1:], raw[1:], strict=True):
            unequal = np.flatnonzero(data != raw[0])
            if len(unequal):
                place = piece.first + int(unequal[0]) // tensor.item_size
                raise MergeError(
                    f"tensor {tensor.name!r} ({tensor.code}) differs between {self._plan.names[0]} and "
                    f"{name} at element {place}: only floating-point tensors are merged; other tensors must "
                    "be equal"
                )
        for target in merged:
            target[:] = raw[0]

    def _finish(self, piece: Piece, buffers: Sequence[Raw]) -> list[Future[None]]:
        """Begin to hash what was read, and to hash and write what was merged."""
        pending, lanes = [], self._threads.lanes
        sources = self._sources(piece.tensor)
        for number, (reader, source) in enumerate(zip(self._readers, sources, strict=True)):
            lane = lanes[number % len(lanes)]
            pending.append(lane.submit(reader.digest, source, piece.first, buffers[number]))
        for number, writer in enumerate(self._writers, start=len(self._readers)):
            pending.append(lanes[number % len(lanes)].submit(writer.write, buffers[number]))
        return pending

    def _settle(self) -> None:
        """Wait until all computed pieces are hashed and written."""
        for slot in self._slots:
            slot.settle()

    def _abandon(self) -> None:
        """After an error: wait until nothing uses the buffers and the files."""
        for read in self._reads:
            read.cancel()
        tasks: list[Future[Any]] = [*self._reads]
        wait(tasks + [future for slot in self._slots for future in slot.pending])
