"""Choose the arithmetic of a merge, after comparing the compiled kernel with numpy on this host."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..block import Block
from ..census import Census
from ..checkpoints.checkpoint import Checkpoint
from ..checkpoints.formats import FORMATS, Bits, FloatFormat
from ..checkpoints.tensor_file import Tensor, TensorFile
from ..methods.method import LinearBlend
from ..plan import MergePlan, Rounding
from .arithmetic import Arithmetic, CompiledArithmetic, NumpyArithmetic

_LOG = logging.getLogger(__name__)
_COUNT: Final = 1500
"""Number of weights that are compared; not a multiple of the kernel's tiles."""
_BLENDS: Final = (
    LinearBlend(row=(0.3, -0.7)),
    LinearBlend(row=(0.0, 1.0)),
    LinearBlend(row=(0.4, 0.1), scale=0.5),
)
_PAIRS: Final = ((0, 1), (0, 3), (2, 4), (3, 5))


@cache
def best_arithmetic() -> Arithmetic:
    """Return the compiled arithmetic, or numpy where it cannot be built or differs from numpy."""
    try:
        compiled = CompiledArithmetic()
    except (OSError, subprocess.SubprocessError) as error:
        _LOG.info("the kernel of merges cannot be built, so numpy computes the weights: %s", error)
        return NumpyArithmetic()
    if not agrees(compiled):
        _LOG.warning("the kernel of merges differs from numpy on this host, so numpy computes the weights")
        return NumpyArithmetic()
    return compiled


def agrees(arithmetic: Arithmetic) -> bool:
    """Return whether an arithmetic gives the bits and the sums of numpy, in all formats and roundings."""
    return all(agreement(arithmetic, form) for form in FORMATS)


def agreement(arithmetic: Arithmetic, form: FloatFormat, *, digits: int | None = None) -> bool:
    """Return whether an arithmetic agrees with numpy on random weights.

    Args:
        arithmetic: The arithmetic.
        form: Format of the merged weights.
        digits: Number of digits that the sums must share; None for equal sums.
    """
    roundings: tuple[Rounding, ...] = ("nearest", "stochastic")
    for parents, rounding in product((FORMATS, FORMATS[::-1]), roundings):
        chunk = _chunk(form, parents, rounding)
        bits = [_bits(parent, number) for number, parent in enumerate(parents)]
        found, wanted = (_computed(each, chunk, bits) for each in (arithmetic, NumpyArithmetic()))
        if found[0] != wanted[0]:
            return False
        exact = digits is None and found[1] == wanted[1]
        if not exact and (digits is None or not _close(found[1], wanted[1], digits)):
            return False
    return True


def _computed(
    arithmetic: Arithmetic, chunk: Block, bits: Sequence[Bits]
) -> tuple[list[bytes], dict[str, Any]]:
    results = [np.empty(_COUNT, chunk.form.bits) for _ in _BLENDS]
    census = Census(parents=len(bits), merges=len(_BLENDS), pairs=_PAIRS)
    arithmetic.merge(chunk, bits, results, _BLENDS, census)
    return [result.tobytes() for result in results], census.state


def _close(found: dict[str, Any], wanted: dict[str, Any], digits: int) -> bool:
    return all(np.allclose(found[name], wanted[name], rtol=10.0**-digits, atol=0) for name in wanted)


def _bits(form: FloatFormat, seed: int) -> Bits:
    """Return random finite numbers of all signs and magnitudes that every format holds, and both zeros."""
    random = np.random.default_rng(seed)
    size = 8 * form.bits.itemsize
    drawn: NDArray[np.int64] = random.integers(0, 1 << size, _COUNT, dtype=np.uint64).astype(np.int64)
    exponents = {"float32": (23, 8, 139), "bfloat16": (7, 8, 139), "float16": (10, 5, 27)}
    shift, width, largest = exponents[form.name]
    exponent = drawn >> shift & ((1 << width) - 1)
    excess: NDArray[np.int64] = np.where(exponent > largest, exponent - exponent % largest, 0)
    drawn -= excess << shift
    drawn[:4] = 0, 1 << (size - 1), 1, 0
    bits: Any = drawn.astype(form.bits)
    found: Bits = bits
    return found


def _chunk(form: FloatFormat, parents: tuple[FloatFormat, ...], rounding: Rounding) -> Block:
    opened = []
    for parent in parents:
        tensor = Tensor(name="checked", code=parent.code, shape=(_COUNT,), file=Path(), start=0)
        shard = TensorFile(path=Path(), data_start=0, metadata={}, tensors=(tensor,))
        opened.append(Checkpoint(folder=Path(), shards=(shard,), config={}))
    plan = MergePlan(
        parents=tuple(opened),
        names=tuple(parent.name for parent in parents),
        methods=(),
        labels=tuple(str(blend.row) for blend in _BLENDS),
        form=form,
        rounding=rounding,
        seed=0,
        pairs=_PAIRS,
        metadata=(),
    )
    return Block(plan=plan, tensor=opened[0].tensors["checked"], form=form, first=3)
