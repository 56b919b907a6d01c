"""One pass over the parents that writes every merge of a sweep.

Memory does not depend on the size of the model. It holds two sets of chunks (a set has one chunk per parent
and per merge, by default 2 MiB each in float32) and the float64 blocks of the arithmetic. Measured on float32
parents: 57 MiB resident for one merge and 71 MiB for four, of which 42 MiB are Python and numpy.

Chunks, blocks and threads never affect a result: a weight depends only on its parents, its row and its noise.
While a chunk is computed, two other threads hash and write the previous chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .block import BLOCK, Block, ParentsView
from .census import Census
from .checkpoints.shards import Raw, ShardReader, ShardWriter
from .checkpoints.tensor_file import Tensor, TensorFile
from .errors import MergeError
from .methods.method import Blend
from .plan import MergePlan

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


def run_sweep(plan: MergePlan, folders: Sequence[Path], on_progress: Callable[[int], None]) -> SweepResult:
    """Write the weight files of every merge into its folder.

    Args:
        plan: The sweep.
        folders: One existing folder without weights per merge.
        on_progress: Called with the number of weights merged since the last call.

    Raises:
        MergeError: A weight is not finite or exceeds the range of the output, or integer tensors differ.
        OSError: A file cannot be read or written.
    """
    _keep_freed_memory()
    census = Census(parents=len(plan.parents), merges=len(plan.methods), pairs=plan.pairs)
    written: list[dict[str, str]] = [{} for _ in folders]
    with ExitStack() as stack:
        readers = [stack.enter_context(ShardReader(parent)) for parent in plan.parents]
        pool = stack.enter_context(ThreadPoolExecutor(2, thread_name_prefix="merge"))
        for shard in plan.parents[0].shards:
            writers = [
                ShardWriter(folder / shard.path.name, plan.header(shard, merge))
                for merge, folder in enumerate(folders)
            ]
            _ShardPass(plan, census, readers, writers, pool).run(shard, on_progress)
            for digests, writer in zip(written, writers, strict=True):
                digests[shard.path.name] = writer.digest()
        parent_digests = tuple(reader.digests() for reader in readers)
    return SweepResult(census=census, parent_digests=parent_digests, merge_digests=tuple(written))


def _keep_freed_memory() -> None:
    """Make glibc keep freed arrays for reuse; without this, half of the CPU time went into page faults.

    When a large block is freed, glibc raises the size up to which it keeps freed memory (mallopt(3),
    M_MMAP_THRESHOLD). The block is never written to, so it costs no memory. Other allocators are unaffected.
    """
    np.empty(_LARGEST_REUSED, np.uint8)


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

    def run(self, shard: TensorFile, on_progress: Callable[[int], None]) -> None:
        with ExitStack() as stack:
            for writer in self._writers:
                stack.enter_context(writer)
            stack.callback(self._settle)
            for tensor in shard.tensors:
                blends = self._blends(tensor)
                for first in range(0, tensor.count, self._plan.chunk):
                    count = min(self._plan.chunk, tensor.count - first)
                    self._merge_chunk(tensor, first, count, blends)
                    on_progress(count)

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
