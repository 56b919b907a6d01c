"""Merge on a GPU with torch: the formulas in float64 on the device, the same bytes as on the CPU.

Not measured. The parents and the merges still pass through the memory of the host, where they are hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, Literal

import numpy as np

from ..block import Block, merge_in_blocks
from ..census import BlockSums, Census
from ..checkpoints.formats import FLOAT32, Bits, FloatFormat
from ..errors import MergeError
from ..kernel import picked_parent
from ..methods.method import Blend, Kind, Terms, terms_of
from .arithmetic import Arithmetic
from .choice import best_arithmetic

Device = Literal["cpu", "cuda"]
_SIGN: Final = -(1 << 63)
# By format: number of dropped bits of a float64's mantissa, smallest normal number, and the number whose unit
# in the last place is the step of the smaller numbers.
_ROUNDING: Final = {"bfloat16": (45, 2.0**-126, 2.0**-81), "float16": (42, 2.0**-14, 2.0**28)}


def arithmetic_on(device: Device) -> Arithmetic:
    """Return the arithmetic of a device.

    Raises:
        MergeError: torch is missing, or sees no GPU.
    """
    return best_arithmetic() if device == "cpu" else TorchArithmetic(device)


class TorchArithmetic:
    """Computes sums of differences with torch on a device; other formulas and stochastic rounding with numpy.

    The sums of the census have the order of torch, so statistics can differ in their last digits.

    Args:
        device: A device of torch.

    Raises:
        MergeError: torch is missing, or cannot use the device.
    """

    def __init__(self, device: str) -> None:
        try:
            self._torch: Any = import_module("torch")
        except ImportError as error:
            raise MergeError(f"the device {device} needs torch: install codefrontier[train]") from error
        if device.startswith("cuda") and not self._torch.cuda.is_available():
            raise MergeError(f"torch {self._torch.__version__} sees no GPU: use the device cpu")
        self._device = device
        self.name = f"torch on {device}"

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
        sums = None
        if len(terms) == len(blends) and not chunk.stochastic:
            sums = self._merge(chunk, bits, results, terms)
        if sums is None:  # also where a weight is at fault: numpy names it
            merge_in_blocks(chunk, bits, results, blends, census)
        else:
            census.add_sums(sums)

    def _merge(
        self, chunk: Block, bits: Sequence[Bits], results: Sequence[Bits], terms: Sequence[Terms]
    ) -> BlockSums | None:
        torch, form = self._torch, chunk.form
        sources = [parent.tensors[chunk.tensor.name].form for parent in chunk.plan.parents]
        values = [self._widen(data, source) for data, source in zip(bits, sources, strict=True) if source]
        deltas = [value - values[0] for value in values[1:]]
        moved = torch.stack([delta != 0 for delta in deltas]).any(dim=0)
        merged = [self._round(self._sum(each, values, deltas, moved), form) for each in terms]
        if not all(bool(torch.isfinite(each).all()) for each in (*values, *merged)):
            return None
        if not all(bool((each.abs() <= form.largest).all()) for each in merged):
            return None
        points = [self._stored(self._round(value, form), form) for value in values]
        stored = [self._stored(each, form) for each in merged]
        for result, each in zip(results, stored, strict=True):
            result[:] = each.cpu().numpy().view(form.bits)
        shifts = [each - values[0] for each in merged]
        dots = [left @ right for row, left in enumerate(deltas) for right in deltas[row:]]
        dots += [shift @ delta for shift in shifts for delta in deltas]
        points += stored
        same = [points[first] == points[second] for first, second in chunk.plan.pairs]
        counts = [[int(each.sum()), int((each & moved).sum())] for each in same]
        return BlockSums(
            weights=len(bits[0]),
            moved=int(moved.sum()),
            largest=max(float(delta.abs().max()) for delta in deltas),
            dots=np.array([float(each) for each in dots]),
            same=np.array(counts, np.int64).reshape(-1, 2),
        )

    def _widen(self, bits: Bits, form: FloatFormat) -> Any:
        signed = bits.view(f"<i{bits.itemsize}")
        return self._torch.from_numpy(signed.copy()).to(self._device).view(self._dtype(form)).double()

    def _dtype(self, form: FloatFormat) -> Any:
        return getattr(self._torch, form.name)

    def _sum(self, terms: Terms, values: Sequence[Any], deltas: Sequence[Any], moved: Any) -> Any:
        """Return the formula in float64, in the order of `combine`; no step is fused with another."""
        torch, anchor = self._torch, values[0]
        if terms.kind is Kind.COMBINED and (picked := picked_parent(terms.row)) is not None:
            return values[picked]
        parts = [weight * delta for weight, delta in zip(terms.row, deltas, strict=True)]
        total = terms.scale * anchor if terms.kind is Kind.SCALED else parts.pop(0)
        for part in parts:
            total = total + part
        if terms.kind is Kind.SCALED:
            return total
        if terms.kind is Kind.ADDED:
            # A number that is no tensor would be inverted first on a GPU, which rounds twice.
            total = total / torch.tensor(terms.divisor, dtype=torch.float64, device=self._device)
            return torch.where(total == 0, anchor, anchor + terms.scale * total)
        combined = total + anchor
        return torch.where((combined == 0) & ~moved, anchor, combined)

    def _round(self, values: Any, form: FloatFormat) -> Any:
        """Return the nearest numbers of a format, as float64; torch itself rounds to float32 in between."""
        torch = self._torch
        if form is FLOAT32:
            return values.float().double()
        dropped, normal, magic = _ROUNDING[form.name]
        bits = values.view(torch.int64)
        # Shifts of signed numbers repeat the sign, so the sign is set aside.
        size = bits & ~_SIGN
        below_half = (1 << (dropped - 1)) - 1
        large = (size + below_half + ((size >> dropped) & 1)) & ~((1 << dropped) - 1)
        small = (values.abs() + magic) - magic
        rounded = torch.where(values.abs() < normal, small, large.view(torch.float64))
        return (rounded.view(torch.int64) | (bits & _SIGN)).view(torch.float64)

    def _stored(self, rounded: Any, form: FloatFormat) -> Any:
        """Return the bits of numbers of a format as signed integers."""
        integers = self._torch.int32 if form is FLOAT32 else self._torch.int16
        return rounded.to(self._dtype(form)).view(integers)
