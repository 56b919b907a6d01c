"""Read the shards that verl saves: `model_world_size_N_rank_R.pt`, one state dict of DTensors per rank.

Both FSDP1 and FSDP2 save such files. The place of a rank's piece in the whole tensor follows from the
placements of the DTensor and the place of the rank in the device mesh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ...errors import MergeError
from ..source import equal_elements, read_elements
from ..tensor_file import Tensor
from .boxes import Box, assemble, check_dtype
from .names import plain_name
from .pickles import Record
from .torch_file import Stored, describe, read_archive

_FILE: Final = re.compile(r"model_world_size_(\d+)_rank_(\d+)\.pt")
PATTERN: Final = "model_world_size_*_rank_*.pt"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The piece of a tensor on one rank."""

    stored: Stored
    shape: tuple[int, ...]
    """Shape of the whole tensor."""
    shards: tuple[tuple[int, int, int], ...] = ()
    """For each dimension of the mesh that shards the tensor: the dimension of the tensor, the place of the
    rank, and the number of places."""
    first: bool = True
    """Whether the rank comes first among those that hold the same piece."""


def is_fsdp_shards(folder: Path) -> bool:
    """Return whether a folder holds such files."""
    return any(_FILE.fullmatch(path.name) for path in folder.glob(PATTERN))


def read_fsdp_shards(folder: Path) -> tuple[Tensor, ...]:
    """Return the tensors; their data are not read.

    Raises:
        MergeError: A rank is missing, a file is damaged or holds more than tensors, or the layout is not
            supported.
        OSError: A file cannot be read.
    """
    files = _files(folder)
    pieces: dict[str, list[Piece | Stored]] = {}
    for rank, path in enumerate(files):
        content = read_archive(path)
        if not isinstance(content, Mapping):
            raise MergeError(f"{path}: holds {describe(content)}, not a state dict")
        for name, value in content.items():
            pieces.setdefault(str(name), []).append(_piece(path, str(name), value, rank))
    return tuple(_tensor(folder, plain_name(name), found, len(files)) for name, found in pieces.items())


def _files(folder: Path) -> list[Path]:
    found: dict[int, dict[int, Path]] = {}
    for path in sorted(folder.glob(PATTERN)):
        if match := _FILE.fullmatch(path.name):
            found.setdefault(int(match[1]), {})[int(match[2])] = path
    if len(found) > 1:
        raise MergeError(f"{folder}: contains shards of several world sizes: {sorted(found)}")
    ((size, ranks),) = found.items()
    missing = sorted(set(range(size)) - set(ranks))
    if missing:
        raise MergeError(f"{folder}: the shards of ranks {missing} of {size} are missing")
    return [ranks[rank] for rank in range(size)]


def _piece(path: Path, name: str, value: Any, rank: int) -> Piece | Stored:
    if isinstance(value, Stored):
        stored: Stored = value
        result: Piece | Stored = value
    elif isinstance(value, Record) and value.is_a("DTensor"):
        stored = value["_local_tensor"]
        result = _sharded(path, name, stored, value["_spec"], rank)
    else:
        raise MergeError(
            f"{path}: {name!r} is a {describe(value)}; only tensors and DTensors are read (ShardedTensors of "
            "older versions: save the state dict with a device mesh)"
        )
    if not stored.contiguous:
        raise MergeError(f"{path}: tensor {name!r} is stored with gaps")
    return result


def _sharded(path: Path, name: str, stored: Stored, spec: Record, rank: int) -> Piece:
    mesh = mesh_of(spec["mesh"])
    if mesh is None or not (mesh == rank).any():
        raise MergeError(f"{path}: tensor {name!r} lies on a device mesh that does not contain rank {rank}")
    place = [int(axis[0]) for axis in np.nonzero(mesh == rank)]
    shards, first = [], True
    for axis, placement in enumerate(spec["placements"]):
        kind = placement.kind.rpartition(".")[2]
        if kind == "Replicate":
            first = first and place[axis] == 0
        elif kind == "Shard":
            shards.append((shard_dimension(placement), place[axis], mesh.shape[axis]))
        else:
            raise MergeError(
                f"{path}: tensor {name!r} has the placement {kind}, which is not supported: use "
                "torch.distributed.checkpoint, or gather the state dict before it is saved"
            )
    orders = [tuple(entry.arguments[1]) for entry in spec.state.get("shard_order") or () if entry.arguments]
    if any(list(axes) != sorted(axes) for axes in orders):
        raise MergeError(f"{path}: tensor {name!r} is sharded in the order {orders}, which is not supported")
    meta = spec["tensor_meta"]
    shape = tuple(meta.arguments[0] if meta.arguments else meta["shape"])
    return Piece(stored=stored, shape=shape, shards=tuple(shards), first=first)


def mesh_of(mesh: Record) -> np.ndarray | None:
    """Return the ranks of a device mesh; None if its layout is not known.

    Versions of torch keep the ranks as a tensor, or as a list of ranks with sizes and steps.
    """
    state = mesh.state
    if isinstance(state.get("mesh"), Stored):
        return _numbers(state["mesh"]).reshape(state["mesh"].shape)
    ranks, layout = state.get("_rank_map"), state.get("_layout")
    if not isinstance(ranks, Stored) or not isinstance(layout, Record):
        return None
    axes = layout.state.get("axes")
    if axes is None:
        axes = [
            Record.of(shape=size, stride=step)
            for size, step in zip(_tuple(layout["shape"]), _tuple(layout["stride"]), strict=True)
        ]
    place = np.zeros((), np.int64)
    for axis in axes:
        place = place[..., None] + _steps(axis["shape"], axis["stride"])
    return _numbers(ranks)[place]


def _steps(sizes: Any, strides: Any) -> np.ndarray:
    """Return the places of an axis of a mesh, which may itself have several sizes and steps: int [N]."""
    places = np.zeros(1, np.int64)
    for size, stride in zip(_flat(sizes), _flat(strides), strict=True):
        places = (places[:, None] + np.arange(size) * stride).ravel()
    return places


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _flat(value: Any) -> list[int]:
    return [number for each in value for number in _flat(each)] if isinstance(value, tuple) else [int(value)]


def shard_dimension(placement: Record) -> int:
    """Return the dimension of the tensor that a placement shards."""
    return int(placement.arguments[0] if placement.arguments else placement["dim"])


def _numbers(stored: Stored) -> np.ndarray:
    tensor = Tensor(name="mesh", code=stored.code, shape=stored.shape, file=stored.file, start=stored.start)
    return read_elements(tensor, 0, tensor.count).view(f"<i{tensor.item_size}")


def _tensor(folder: Path, name: str, found: Sequence[Piece | Stored], ranks: int) -> Tensor:
    if len(found) != ranks:
        raise MergeError(f"{folder}: tensor {name!r} is on {len(found)} of {ranks} ranks")
    plain = [piece for piece in found if isinstance(piece, Stored)]
    pieces = [piece for piece in found if isinstance(piece, Piece)]
    if plain and pieces:
        raise MergeError(f"{folder}: tensor {name!r} is sharded on some ranks and whole on others")
    codes = {piece.code if isinstance(piece, Stored) else piece.stored.code for piece in found}
    shapes = {piece.shape for piece in found}
    if len(codes) != 1 or len(shapes) != 1:
        raise MergeError(
            f"{folder}: tensor {name!r} differs between the ranks: {sorted(codes)}, "
            f"{sorted(map(list, shapes))}"
        )
    code, shape = codes.pop(), shapes.pop()
    if plain:
        return _replicated(folder, name, plain)
    boxes = [_box(folder, name, piece) for piece in pieces if piece.first]
    return assemble(name, code, shape, boxes)


def _replicated(folder: Path, name: str, copies: Sequence[Stored]) -> Tensor:
    """Return a tensor that each rank holds whole, after a check that the copies are equal."""
    check_dtype(name, copies[0].code)
    tensors = [
        Tensor(name=name, code=each.code, shape=each.shape, file=each.file, start=each.start)
        for each in copies
    ]
    for other in tensors[1:]:
        if not equal_elements(tensors[0], other):
            raise MergeError(
                f"{folder}: tensor {name!r} is no DTensor and differs between the ranks, so it is not known "
                "how its pieces belong together"
            )
    return tensors[0]


def _box(folder: Path, name: str, piece: Piece) -> Box:
    offsets, sizes = [0] * len(piece.shape), list(piece.shape)
    for dimension, place, places in piece.shards:
        # As torch.chunk: all pieces but the last ones have the same length, and the last may be empty.
        length = -(-sizes[dimension] // places)
        begin = min(length * place, sizes[dimension])
        offsets[dimension] += begin
        sizes[dimension] = min(length, sizes[dimension] - begin)
    if tuple(sizes) != piece.stored.shape:
        raise MergeError(
            f"{folder}: a piece of tensor {name!r} has shape {list(piece.stored.shape)}, but its placement "
            f"gives {sizes}"
        )
    return Box(file=piece.stored.file, start=piece.stored.start, offsets=tuple(offsets), sizes=tuple(sizes))
