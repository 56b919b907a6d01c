"""Stream a merge and its parents and sum up their differences, tensor by tensor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoints.checkpoint import MERGE, Checkpoint, open_checkpoint
from ..checkpoints.formats import Bits, FloatFormat, round_nearest, widen
from ..checkpoints.runs import checkpoint_of
from ..checkpoints.shards import ShardReader
from ..checkpoints.tensor_file import Tensor
from ..checkpoints.ties import leave_out_copies
from ..errors import MergeError
from .figures import Figures, Sums, figures, sum_up

_CHUNK = 1 << 18
"""Number of weights in memory at a time, per checkpoint."""
MOST_IDENTICAL = 0.99
"""Share of the changed weights above which a merge is a copy of a parent for practical purposes."""
LARGEST_ALPHA_ERROR = 0.1
"""Largest accepted difference between the requested and the effective alpha."""
SMALLEST_STEP = 0.5
"""Share of the parents' changes that vanish in 16 bits, above which rounding decides what a merge is."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The figures of a merge, over all weights and by tensor."""

    merged: Path
    parents: tuple[Path, ...]
    base: Path | None
    points: tuple[str, ...]
    """Names of the points whose changes are compared: the parents, without the anchor."""
    requested_alpha: float | None
    """Alpha that merge.json names; None without one."""
    whole: Figures
    tensors: dict[str, Figures]
    """Figures by name of the tensor, in the order of the files."""
    dtypes: tuple[str, ...]
    """Dtypes of the merge's weights."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the merge, or makes it useless for a comparison; empty if nothing is."""
        return tuple(_faults(self))

    def worst(self, count: int) -> list[str]:
        """Return the tensors with the largest distance of their effective alpha from the one of the whole.

        Without two parents, those with the largest part outside of the span of the parents' changes.
        """
        return sorted(self.tensors, key=self._distance, reverse=True)[:count]

    def _distance(self, name: str) -> float:
        one = self.tensors[name]
        if self.whole.effective_alpha is None:
            return one.outside or 0.0
        return 0.0 if one.effective_alpha is None else abs(one.effective_alpha - self.whole.effective_alpha)


def examine(
    merged: Path,
    parents: Sequence[Path],
    *,
    base: Path | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Examination:
    """Compare a merge with its parents.

    Args:
        merged: The merge.
        parents: Its parents; the first is the anchor unless there is a base. The folder of a run stands for
            its last checkpoint.
        base: What the parents were trained from.
        on_progress: Called with the number of weights read since the last call, and their total number.

    Raises:
        MergeError: A folder is no checkpoint, or the tensors differ in their names or shapes.
        OSError: A file cannot be read.
    """
    if not parents:
        raise MergeError("give at least one parent")
    if len(parents) == 1 and base is None:
        raise MergeError("give a second parent, or the base of the parent with --base")
    base = checkpoint_of(base) if base else None
    parents = [checkpoint_of(parent) for parent in parents]
    folders = [merged, *([base] if base else []), *parents]
    opened = _without_copies([open_checkpoint(folder, base=base) for folder in folders])
    _check_tensors(opened)
    total = sum(tensor.count for tensor in opened[0].tensors.values())
    sums = dict(
        _sums(opened, anchor_is_parent=base is None, on_progress=lambda done: on_progress(done, total))
    )
    whole: Sums = reduce(add, sums.values())
    return Examination(
        merged=merged,
        parents=tuple(parents),
        base=base,
        points=tuple(map(str, parents if base else parents[1:])),
        requested_alpha=_requested(merged),
        whole=figures(whole, anchor_is_parent=base is None),
        tensors={name: figures(each, anchor_is_parent=base is None) for name, each in sums.items()},
        dtypes=tuple(sorted({each.form.name for each in opened[0].tensors.values() if each.form})),
    )


def _without_copies(opened: Sequence[Checkpoint]) -> list[Checkpoint]:
    bare = min(opened, key=lambda each: len(each.tensors))
    return [each if each is bare else leave_out_copies(bare, each)[1] for each in opened]


def _check_tensors(opened: Sequence[Checkpoint]) -> None:
    first = opened[0]
    for other in opened[1:]:
        for name in sorted(first.tensors.keys() ^ other.tensors.keys()):
            place = first if name in first.tensors else other
            raise MergeError(f"tensor {name!r} is only in {place.place}")
        for name, tensor in first.tensors.items():
            theirs = other.tensors[name]
            if tensor.shape != theirs.shape or bool(tensor.form) != bool(theirs.form):
                raise MergeError(
                    f"tensor {name!r} is {tensor.code} {list(tensor.shape)} in {first.place}, and "
                    f"{theirs.code} {list(theirs.shape)} in {other.place}"
                )


def _sums(
    opened: Sequence[Checkpoint], *, anchor_is_parent: bool, on_progress: Callable[[int], None]
) -> Iterator[tuple[str, Sums]]:
    with ExitStack() as stack:
        readers = [stack.enter_context(ShardReader(each)) for each in opened]
        for name, tensor in opened[0].tensors.items():
            if tensor.form is None or not tensor.count:
                continue
            sources = [each.tensors[name] for each in opened]
            blocks = []
            for first in range(0, tensor.count, _CHUNK):
                count = min(_CHUNK, tensor.count - first)
                raw = [_read(*known, first, count) for known in zip(readers, sources, strict=True)]
                blocks.append(_block(raw, sources, tensor.form, anchor_is_parent=anchor_is_parent))
                on_progress(count)
            yield name, reduce(add, blocks)


def _read(reader: ShardReader, tensor: Tensor, first: int, count: int) -> Bits:
    buffer = np.empty(count * tensor.item_size, np.uint8)
    reader.read(tensor, first, buffer)
    bits: Bits = buffer.view(f"<u{tensor.item_size}")
    return bits


def _block(
    raw: Sequence[Bits], sources: Sequence[Tensor], form: FloatFormat, *, anchor_is_parent: bool
) -> Sums:
    values, bits = [], []
    for data, source in zip(raw, sources, strict=True):
        assert source.form is not None, "the tensors' dtype classes agree"
        values.append(widen(data, source.form))
        bits.append(data if source.form is form else round_nearest(values[-1], form))
    merge, anchor, *points = values
    return sum_up(merge, anchor, points, bits=bits, anchor_is_parent=anchor_is_parent, form=form)


def _requested(merged: Path) -> float | None:
    """Return the alpha in the merge.json of a merge of two checkpoints; None without one."""
    try:
        content: Any = json.loads((merged / MERGE).read_bytes())
        return float(content["recipe"]["alpha"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _faults(examination: Examination) -> Iterator[str]:
    whole = examination.whole
    if whole.not_finite:
        yield f"{whole.not_finite} weights are NaN or infinite"
    for parent, share in zip(examination.parents, whole.identical, strict=True):
        if share > MOST_IDENTICAL and share < 1:
            yield f"{share:.2%} of the weights equal {parent} to the bit: the merge is almost this parent"
        elif share == 1:
            yield f"the weights equal {parent} to the bit: the merge is this parent"
    asked, got = examination.requested_alpha, whole.effective_alpha
    if asked is not None and got is not None and abs(asked - got) > LARGEST_ALPHA_ERROR:
        yield f"alpha {asked:g} was requested, but the weights are at {got:.4f}: rounding moved the merge"
    if whole.below_resolution is not None and whole.below_resolution > SMALLEST_STEP:
        yield (
            f"{whole.below_resolution:.1%} of the merge's changes are below half a unit of a 16-bit number: "
            "in float32 the merge is right, but served in 16 bits it loses them"
        )
    if whole.dead_zone is not None and whole.dead_zone > SMALLEST_STEP:
        yield (
            f"{whole.dead_zone:.1%} of the parents' changes vanish in 16 bits: merge float32 checkpoints, or "
            "round stochastically"
        )
