"""The arithmetic on a block of weights: widen to float64, combine, round once, and count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .census import Census
from .checkpoints.formats import Bits, FloatFormat, Values, round_nearest, round_stochastic, widen
from .checkpoints.shards import ShardReader
from .checkpoints.tensor_file import Tensor
from .errors import MergeError
from .methods.method import Blend, ParentsBlock
from .noise import noise, noise_key
from .plan import MergePlan

BLOCK = 1 << 16
"""Number of weights computed at a time, so that their float64 arrays stay in the cache of a core."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Consecutive weights of one tensor."""

    plan: MergePlan
    tensor: Tensor
    form: FloatFormat
    """Format of the merged weights."""
    first: int
    """Index of the first weight in its tensor."""

    def merge(
        self, bits: Sequence[Bits], results: Sequence[Bits], blends: Sequence[Blend], census: Census
    ) -> None:
        """Compute the block of every merge with numpy and add it to the census.

        Args:
            bits: The block of each parent, in the parent's format.
            results: The block of each merge, which is filled.
            blends: The formula of the tensor in each merge.
            census: The counts, which are updated.
        """
        block = widen_block(self.plan, self.tensor, self.first, bits)
        random = self._noise(len(block.still))
        shifts = []
        for label, blend, result in zip(self.plan.labels, blends, results, strict=True):
            # Results out of range are reported after rounding, with the name of the tensor.
            with np.errstate(over="ignore", invalid="ignore"):
                merged = blend.block(block)
            result[:] = self._round(merged, random)
            stored = widen(result, self.form)
            self._check_range(label, stored)
            shifts.append(np.subtract(stored, block.parents[0], out=stored))
        sources = sources_of(self.plan, self.tensor)
        points = [self._in_form(*known) for known in zip(sources, bits, block.parents, strict=True)]
        census.add(block.deltas, shifts, [*points, *results], ~block.still)

    @property
    def stochastic(self) -> bool:
        """Whether the weights are rounded at random."""
        return self.plan.rounding == "stochastic" and self.form.short

    def _noise(self, count: int) -> NDArray[np.uint16] | None:
        if not self.stochastic:
            return None
        return noise(noise_key(self.plan.seed, self.tensor.name), self.first, count)

    def _round(self, values: Values, random: NDArray[np.uint16] | None) -> Bits:
        if random is None:
            return round_nearest(values, self.form)
        return round_stochastic(values, self.form, random)

    def _in_form(self, source: Tensor, bits: Bits, values: Values) -> Bits:
        """Return a parent's block as the output's format would store it."""
        return bits if source.form is self.form else round_nearest(values, self.form)

    def _check_range(self, label: str, stored: Values) -> None:
        if not np.isfinite(stored).all():
            place = self.first + int(np.flatnonzero(~np.isfinite(stored))[0])
            raise MergeError(
                f"tensor {self.tensor.name!r} leaves the range of {self.form.name} in {label} at element "
                f"{place}: values must stay within +-{self.form.largest:g}"
            )


def merge_in_blocks(
    chunk: Block, bits: Sequence[Bits], results: Sequence[Bits], blends: Sequence[Blend], census: Census
) -> None:
    """Merge a chunk of any size as `Block.merge` does, block by block."""
    for start in range(0, len(bits[0]), BLOCK):
        part = slice(start, start + BLOCK)
        block = replace(chunk, first=chunk.first + start)
        block.merge([data[part] for data in bits], [data[part] for data in results], blends, census)


@dataclass(frozen=True, kw_only=True)
class ParentsView:
    """A tensor in all parents, read from their files whenever a method asks for it."""

    plan: MergePlan
    tensor: Tensor
    readers: Sequence[ShardReader]

    @property
    def name(self) -> str:
        """The name of the tensor."""
        return self.tensor.name

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor."""
        return self.tensor.shape

    @property
    def parents(self) -> int:
        """The number of parents."""
        return len(self.plan.parents)

    def blocks(self) -> Iterator[ParentsBlock]:
        """Read the tensor from its beginning to its end.

        Raises:
            MergeError: A weight is not finite.
        """
        sources = sources_of(self.plan, self.tensor)
        for first in range(0, self.tensor.count, BLOCK):
            count = min(BLOCK, self.tensor.count - first)
            bits = []
            for reader, source in zip(self.readers, sources, strict=True):
                raw = np.empty(count * source.item_size, np.uint8)
                reader.read(source, first, raw)
                bits.append(raw.view(f"<u{source.item_size}"))
            yield widen_block(self.plan, self.tensor, first, bits)


def sources_of(plan: MergePlan, tensor: Tensor) -> list[Tensor]:
    """Return a tensor of the anchor in every parent."""
    return [parent.tensors[tensor.name] for parent in plan.parents]


def widen_block(plan: MergePlan, tensor: Tensor, first: int, bits: Sequence[Bits]) -> ParentsBlock:
    """Return the values of a block in every parent.

    Raises:
        MergeError: A weight is not finite.
    """
    parents = []
    for name, source, data in zip(plan.names, sources_of(plan, tensor), bits, strict=True):
        assert source.form is not None, "the parents' dtype classes agree"
        values = widen(data, source.form)
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0])
            raise MergeError(
                f"tensor {tensor.name!r} of {name} is {values[place]} at element {first + place}: weights "
                "must be finite"
            )
        parents.append(values)
    deltas = [parent - parents[0] for parent in parents[1:]]
    moved = np.logical_or.reduce([delta != 0 for delta in deltas])
    return ParentsBlock(first=first, parents=parents, deltas=deltas, still=~moved)
