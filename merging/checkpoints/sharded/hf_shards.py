"""Read the sharded safetensors files of torch.distributed.checkpoint's Hugging Face writer.

Each rank writes `shard-RRRRR-model-NNNNN-of-NNNNN.safetensors`, whose header says where its pieces begin.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ...errors import MergeError
from ..tensor_file import Tensor, TensorFile, read_header
from .boxes import Box, assemble
from .names import plain_name

PATTERN: Final = "shard-*-model-*-of-*.safetensors"
_KEY: Final = "DCP_SHARDING_INFO"


def is_hf_shards(folder: Path) -> bool:
    """Return whether a folder holds such files."""
    return any(folder.glob(PATTERN))


def read_hf_shards(folder: Path) -> tuple[Tensor, ...]:
    """Return the tensors; their data are not read.

    Raises:
        MergeError: A file is damaged, or pieces are missing.
        OSError: A file cannot be read.
    """
    pieces: dict[str, list[tuple[Tensor, Box]]] = {}
    for path in sorted(folder.glob(PATTERN)):
        shard = read_header(path)
        offsets = _offsets(shard)
        for tensor in shard.tensors:
            place = tuple(offsets.get(tensor.name, {}).get("saved_offsets", (0,) * len(tensor.shape)))
            box = Box(file=path, start=tensor.start, offsets=place, sizes=tensor.shape)
            pieces.setdefault(tensor.name, []).append((tensor, box))
    return tuple(_tensor(folder, name, found) for name, found in pieces.items())


def _offsets(shard: TensorFile) -> dict[str, Any]:
    try:
        offsets = json.loads(shard.metadata.get(_KEY, "{}"))
    except ValueError as error:
        raise MergeError(f"{shard.path}: {_KEY} in its header is not JSON: {error}") from error
    if not isinstance(offsets, dict):
        raise MergeError(f"{shard.path}: {_KEY} in its header is no JSON object")
    return offsets


def _tensor(folder: Path, name: str, found: list[tuple[Tensor, Box]]) -> Tensor:
    codes = {tensor.code for tensor, _ in found}
    if len(codes) != 1:
        raise MergeError(f"{folder}: tensor {name!r} has pieces of the dtypes {sorted(codes)}")
    ends = [[o + s for o, s in zip(box.offsets, box.sizes, strict=True)] for _, box in found]
    # No file holds the shape of the whole tensor: it ends where its last piece ends.
    shape = [max(axis) for axis in zip(*ends, strict=True)] if ends[0] else []
    return assemble(plain_name(name), codes.pop(), shape, [box for _, box in found])
