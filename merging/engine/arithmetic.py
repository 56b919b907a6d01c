"""Who computes the weights of a merge: the compiled kernel, numpy, or torch. All give the same bits."""

from __future__ import annotations

import os
from collections.abc import Sequence
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
from ..methods.method import Blend, LinearBlend
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
        linear = [blend for blend in blends if isinstance(blend, LinearBlend)]
        if len(linear) < len(blends):
            merge_in_blocks(chunk, bits, results, blends, census)
            return
        call = _Call(self._library, chunk, bits, results, linear)
        starts = range(0, len(bits[0]), BLOCK)
        if len(starts) > 1 and self._threads > 1:
            sums = list(_threads(self._threads).map(call.sums, starts))
        else:
            sums = list(map(call.sums, starts))
        for start, each in zip(starts, sums, strict=True):
            if each is None:  # numpy names the weight that is at fault
                part = slice(start, start + BLOCK)
                pieces = [data[part] for data in bits], [data[part] for data in results]
                merge_in_blocks(replace(chunk, first=chunk.first + start), *pieces, blends, census)
            else:
                census.add_sums(each)


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="merge-kernel")


class _Call:
    """The arguments of the kernel for one chunk, which keep the arrays alive that they point to."""

    def __init__(
        self,
        library: CDLL,
        chunk: Block,
        bits: Sequence[Bits],
        results: Sequence[Bits],
        blends: Sequence[LinearBlend],
    ) -> None:
        plan, tensor = chunk.plan, chunk.tensor
        self._library, self._count = library, len(bits[0])
        sources = [parent.tensors[tensor.name].form for parent in plan.parents]
        deltas = len(bits) - 1
        rows = np.array([blend.row for blend in blends], np.float64).reshape(len(blends), deltas)
        pointers = np.array([data.ctypes.data for data in bits], np.uint64)
        formats = np.array([FORMATS.index(form) for form in sources if form], np.int32)
        pairs = np.array(plan.pairs, np.int64).reshape(-1, 2)
        self._kept = (rows, pointers, formats, pairs, bits, results)
        merges = (native.MergeArguments * len(blends))()
        for merge, (blend, result) in enumerate(zip(blends, results, strict=True)):
            picked = picked_parent(blend.row) if blend.scale == 1 else None
            merges[merge] = native.MergeArguments(
                row=rows[merge].ctypes.data,
                scale=blend.scale,
                picked=-1 if picked is None else picked,
                result=result.ctypes.data,
            )
        self._job = native.JobArguments(
            parents=len(bits),
            merges=len(blends),
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
        self._dots = deltas * (deltas + 1) // 2 + len(blends) * deltas
        self._pairs = len(pairs)

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
