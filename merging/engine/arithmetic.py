"""Who computes the weights of a merge: the compiled kernel, numpy, or torch. All give the same bits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from ctypes import CDLL
from dataclasses import replace
from functools import cache
from typing import Protocol

import numpy as np

from ..block import BLOCK, Block, merge_in_blocks
from ..census import BlockSums, Census
from ..checkpoints.formats import FORMATS, Bits
from ..kernel import picked_parent
from ..methods.method import Blend, Kind, Terms, terms_of
from ..noise import noise_key
from . import library as native


class Arithmetic(Protocol):
    """Computes chunks of weights."""

    @property
    def name(self) -> str:
        """Its name in merge.json."""
        ...

    def merge(
        self,
        chunk: Block,
        bits: Sequence[Bits],
        results: Sequence[Bits],
        blends: Sequence[Blend],
        census: Census,
    ) -> None:
        """Fill the results of a chunk and add it to the census, as `merge_in_blocks` does.

        Args:
            chunk: The tensor and the first weight of the chunk.
            bits: The chunk of each parent, in the parent's format.
            results: The chunk of each merge, which is filled.
            blends: The formula of the tensor in each merge.
            census: The counts, which are updated.

        Raises:
            MergeError: A weight is not finite, or a merged weight leaves the range of its format.
        """
        ...


class NumpyArithmetic:
    """Computes with numpy; the reference for all others, which runs everywhere."""

    name = "numpy"

    def merge(
        self,
        chunk: Block,
        bits: Sequence[Bits],
        results: Sequence[Bits],
        blends: Sequence[Blend],
        census: Census,
    ) -> None:
        """Fill the results of a chunk and add it to the census."""
        merge_in_blocks(chunk, bits, results, blends, census)


class CompiledArithmetic:
    """Computes linear formulas with the compiled kernel, on a thread per core; all others with numpy.

    Raises:
        OSError: The kernel cannot be built or loaded.
        subprocess.SubprocessError: The compiler failed.
    """

    name = "compiled"

    def __init__(self) -> None:
        self._library = native.load_library()
        self._threads = len(os.sched_getaffinity(0))

    def merge(
        self,
        chunk: Block,
        bits: Sequence[Bits],
        results: Sequence[Bits],
        blends: Sequence[Blend],
        census: Census,
    ) -> None:
        """Fill the results of a chunk and add it to the census."""
        terms = [known for blend in blends if (known := terms_of(blend))]
        if len(terms) < len(blends):
            merge_in_blocks(chunk, bits, results, blends, census)
            return
        call = _Call(self._library, chunk, bits, results, terms)
        starts = range(0, len(bits[0]), BLOCK)
        for start, each in zip(starts, self._sums(call, starts), strict=True):
            if each is None:  # numpy names the weight that is at fault
                part = slice(start, start + BLOCK)
                pieces = [data[part] for data in bits], [data[part] for data in results]
                merge_in_blocks(replace(chunk, first=chunk.first + start), *pieces, blends, census)
            else:
                census.add_sums(each)

    def _sums(self, call: _Call, starts: Sequence[int]) -> Iterator[BlockSums | None]:
        """Yield the sums of blocks in order; each core computes one part of them, this thread the first."""
        size = -(-len(starts) // self._threads)
        parts = [starts[begin : begin + size] for begin in range(0, len(starts), size)]
        others = [_threads(self._threads).submit(call.all_sums, part) for part in parts[1:]]
        yield from call.all_sums(parts[0])
        for other in others:
            yield from other.result()


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="merge-kernel")


os.register_at_fork(after_in_child=_threads.cache_clear)  # a forked process has none of the threads


class _Call:
    """The arguments of the kernel for one chunk, which keep the arrays alive that they point to."""

    def __init__(
        self,
        library: CDLL,
        chunk: Block,
        bits: Sequence[Bits],
        results: Sequence[Bits],
        formulas: Sequence[Terms],
    ) -> None:
        plan, tensor = chunk.plan, chunk.tensor
        self._library, self._count = library, len(bits[0])
        sources = [parent.tensors[tensor.name].form for parent in plan.parents]
        deltas = len(bits) - 1
        rows = np.array([each.row for each in formulas], np.float64).reshape(len(formulas), deltas)
        pointers = np.array([data.ctypes.data for data in bits], np.uint64)
        formats = np.array([FORMATS.index(form) for form in sources if form], np.int32)
        pairs = np.array(plan.pairs, np.int64).reshape(-1, 2)
        self._kept = (rows, pointers, formats, pairs, bits, results)
        merges = (native.MergeArguments * len(formulas))()
        for merge, (each, result) in enumerate(zip(formulas, results, strict=True)):
            picked = picked_parent(each.row) if each.kind is Kind.COMBINED else None
            merges[merge] = native.MergeArguments(
                row=rows[merge].ctypes.data,
                scale=each.scale,
                divisor=each.divisor,
                kind=each.kind,
                picked=-1 if picked is None else picked,
                result=result.ctypes.data,
            )
        self._job = native.JobArguments(
            parents=len(bits),
            merges=len(formulas),
            pairs=len(pairs),
            bits=pointers.ctypes.data,
            formats=formats.ctypes.data,
            merge=merges,
            pair=pairs.ctypes.data,
            format=FORMATS.index(chunk.form),
            stochastic=chunk.stochastic,
            key=int(noise_key(plan.seed, tensor.name)) if chunk.stochastic else 0,
            start=chunk.first,
            largest=chunk.form.largest,
        )
        self._dots = deltas * (deltas + 1) // 2 + len(formulas) * deltas
        self._pairs = len(pairs)

    def all_sums(self, starts: Sequence[int]) -> list[BlockSums | None]:
        """Merge blocks, and return the sums of each."""
        return [self.sums(start) for start in starts]

    def sums(self, start: int) -> BlockSums | None:
        """Merge the block that starts at a weight of the chunk; None if a weight is refused.

        Raises:
            MemoryError: The kernel cannot have its arrays.
        """
        stop = min(start + BLOCK, self._count)
        dots, same = np.empty(self._dots), np.empty((self._pairs, 2), np.int64)
        sums = native.SumsArguments(dots=dots.ctypes.data, same=same.ctypes.data)
        outcome = self._library.merge_block(self._job, start, stop, sums)
        if outcome == native.NO_MEMORY:
            raise MemoryError("the kernel of a merge cannot have its arrays")
        if outcome == native.REFUSED:
            return None
        return BlockSums(weights=stop - start, moved=sums.moved, largest=sums.largest, dots=dots, same=same)
