"""Dequantise 8-bit floating-point weights while they are read, where their scales are known.

Known are block scales (`weight_scale_inv`, as DeepSeek-V3 has, arXiv 2412.19437, section 3.3), and scales per
tensor, per output row or per block (`weight_scale`, as compressed-tensors and modelopt have). The value of a
weight is its 8-bit number times its scale. Other quantised weights are refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..errors import MergeError
from .float32 import as_float32, read_values
from .formats import FLOAT32, Values, round_nearest
from .source import ReadBytes
from .tensor_file import Tensor, TensorFile

SETTINGS: Final = ("quantization_config", "compression_config")
"""Keys of config.json that describe quantised weights."""
_LAYOUTS: Final = {"F8_E4M3": (4, 3), "F8_E5M2": (5, 2)}
"""Number of bits of the exponent and of the mantissa."""
_KNOWN_METHODS: Final = ("fp8", "compressed-tensors", "modelopt", "fbgemm_fp8")
_BLOCK_SCALE, _SCALE = "_scale_inv", "_scale"
_OF_ACTIVATIONS: Final = (".input_scale", ".k_scale", ".v_scale", ".q_scale", ".output_scale")
"""Scales of activations, which an unquantised model does not have."""


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The weights of a checkpoint without quantisation."""

    shards: tuple[TensorFile, ...]
    note: str = ""
    """What was dequantised; empty if nothing was."""


@dataclass(frozen=True, kw_only=True)
class Dequantised:
    """8-bit numbers times their scales, in float64, rounded to float32."""

    weight: Tensor
    scales: Tensor
    block: tuple[int, int]
    """Number of rows and columns that share a scale."""
    columns: int
    """Number of columns of the weight as a matrix."""
    _kept: dict[str, Values] = field(default_factory=dict, compare=False, repr=False)

    @property
    def files(self) -> frozenset[Path]:
        """The files that are read."""
        return self.weight.files | self.scales.files

    def read(self, first: int, into: memoryview, read: ReadBytes) -> None:
        """Fill a buffer with the bytes of the elements from `first` on."""
        result = np.frombuffer(into, "<u4")
        raw = np.empty(len(result), np.uint8)
        self.weight.read(first, memoryview(raw), read)
        if "scales" not in self._kept:
            self._kept["scales"] = read_values(self.scales, 0, self.scales.count, read)
        rows, places = np.divmod(np.arange(first, first + len(result)), self.columns)
        per_row = -(-self.columns // self.block[1])
        scales = self._kept["scales"][(rows // self.block[0]) * per_row + places // self.block[1]]
        values = table_of(self.weight.code)[raw] * scales
        result[:] = round_nearest(values, FLOAT32)
        if first + len(result) == self.weight.count:
            self._kept.clear()


def table_of(code: str) -> Values:
    """Return the value of each 8-bit number of a format: float64 [256].

    `F8_E4M3` is the variant without infinities, e4m3fn.

    References:
        FP8 formats: arXiv 2209.05433, table 1.
    """
    exponents, mantissas = _LAYOUTS[code]
    bits = np.arange(256)
    exponent, mantissa = (bits >> mantissas) & ((1 << exponents) - 1), bits & ((1 << mantissas) - 1)
    bias = (1 << (exponents - 1)) - 1
    fraction = mantissa / (1 << mantissas) + (exponent > 0)
    values = fraction * 2.0 ** (np.maximum(exponent, 1) - bias)
    top = exponent == (1 << exponents) - 1
    if code == "F8_E4M3":
        values[top & (mantissa == 7)] = np.nan
    else:
        values[top] = np.where(mantissa[top] == 0, np.inf, np.nan)
    return np.asarray(np.where(bits >> 7, -values, values))


def dequantise(folder: Path, config: Mapping[str, Any], shards: tuple[TensorFile, ...]) -> Plain:
    """Return shards without quantised tensors; their weights become float32.

    Args:
        folder: The checkpoint, for messages.
        config: Content of config.json.
        shards: Headers of the checkpoint.

    Raises:
        MergeError: The checkpoint is quantised in a way that is not known; the message says which.
    """
    tensors = {tensor.name: tensor for shard in shards for tensor in shard.tensors}
    short = [tensor for tensor in tensors.values() if tensor.code in _LAYOUTS]
    _check_method(folder, config)
    if not short:
        return Plain(shards=shards)
    settings = _settings(config)
    plain = {tensor.name: _dequantised(tensor, tensors, settings) for tensor in short}
    used = {name + end for name in plain for end in (_BLOCK_SCALE, _SCALE)}
    dropped = {name for name in tensors if name in used or name.endswith(_OF_ACTIVATIONS)}
    kept = tuple(
        replace(
            shard,
            tensors=tuple(
                as_float32(plain.get(each.name, each)) for each in shard.tensors if each.name not in dropped
            ),
        )
        for shard in shards
    )
    codes = " and ".join(sorted({tensor.code for tensor in short}))
    return Plain(
        shards=tuple(shard for shard in kept if shard.tensors),
        note=f"dequantised from {codes} ({_how(settings)}), tensors: {len(short)}; read as float32",
    )


def _settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in SETTINGS:
        if isinstance(config.get(key), dict):
            return dict(config[key])
    return {}


def _how(settings: Mapping[str, Any]) -> str:
    return f"quant_method {settings['quant_method']!r}" if settings.get("quant_method") else "no quant_method"


def _check_method(folder: Path, config: Mapping[str, Any]) -> None:
    settings = _settings(config)
    method = settings.get("quant_method")
    layout = str(settings.get("format") or "")
    packed = method == "compressed-tensors" and layout not in (
        "",
        "float-quantized",
        "naive-quantized",
        "dense",
    )
    if settings and (method not in _KNOWN_METHODS or packed):
        named = f"{method!r} in the format {layout!r}" if packed else repr(method)
        raise MergeError(
            f"{folder}: its weights are quantised with {named}, which cannot be merged: give the checkpoint "
            "that it was quantised from. FP8 weights with known scales are dequantised: "
            f"{', '.join(_KNOWN_METHODS)}"
        )


def _dequantised(tensor: Tensor, tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> Tensor:
    scales = tensors.get(tensor.name + _BLOCK_SCALE) or tensors.get(tensor.name + _SCALE)
    place = f"{tensor.file}: tensor {tensor.name!r} has dtype {tensor.code!r}"
    if scales is None:
        raise MergeError(
            f"{place} and no scale ({tensor.name + _BLOCK_SCALE} or {tensor.name + _SCALE}), so its values "
            "are not known and it cannot be merged"
        )
    if scales.form is None:
        raise MergeError(f"{place}, and its scale has dtype {scales.code!r}, which is not supported")
    shape = tensor.shape if len(tensor.shape) == 2 else (1, tensor.count)
    block = _block(shape, scales.shape, settings)
    if block is None:
        raise MergeError(
            f"{place} and shape {list(tensor.shape)}, and its scale has shape {list(scales.shape)}, which is "
            "neither one scale, nor one per row, nor one per block of weight_block_size "
            f"({_block_size(settings)!r})"
        )
    source = Dequantised(weight=tensor, scales=scales, block=block, columns=shape[1])
    return replace(tensor, code=FLOAT32.code, start=0, source=source)


def _block(
    shape: Sequence[int], scales: Sequence[int], settings: Mapping[str, Any]
) -> tuple[int, int] | None:
    """Return the number of rows and columns that share a scale; None if the shapes do not say."""
    rows, columns = shape
    if math.prod(scales) == 1:
        return max(rows, 1), max(columns, 1)
    if tuple(scales) in ((rows,), (rows, 1)):
        return 1, columns
    size = _block_size(settings)
    if size and tuple(scales) == (-(-rows // size[0]), -(-columns // size[1])):
        return size
    return None


def _block_size(settings: Mapping[str, Any]) -> tuple[int, int] | None:
    given = settings.get("weight_block_size")
    groups = settings.get("config_groups")
    if given is None and isinstance(groups, dict):
        weights = [group.get("weights") for group in groups.values() if isinstance(group, dict)]
        given = next(
            (each["block_structure"] for each in weights if each and each.get("block_structure")), None
        )
    match given:
        case [int(rows), int(columns)] if rows > 0 and columns > 0:
            return rows, columns
    return None
