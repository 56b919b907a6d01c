"""Read folders of torch.distributed.checkpoint: `.metadata`, and files such as `__0_0.distcp`.

`.metadata` is a pickle that names, for each piece of a tensor, a range of a file. Each range is a file of
`torch.save` of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...errors import MergeError
from ..tensor_file import Tensor
from .boxes import Box, assemble
from .names import Path_, choose_model, plain_name
from .pickles import Record, unpickle
from .torch_file import Stored, describe, read_archive

METADATA: Final = ".metadata"
_TENSOR: Final = "TensorStorageMetadata"


def is_dcp(folder: Path) -> bool:
    """Return whether a folder was written by torch.distributed.checkpoint."""
    return (folder / METADATA).is_file()


def read_dcp(folder: Path) -> tuple[Tensor, ...]:
    """Return the tensors of the model; their data are not read.

    Raises:
        MergeError: The folder is damaged, has no or several models, or names something else than tensors.
        OSError: A file cannot be read.
    """
    where = folder / METADATA
    metadata = unpickle(where.read_bytes(), str(where))
    if not isinstance(metadata, Record) or not metadata.is_a("Metadata"):
        raise MergeError(f"{where}: holds {describe(metadata)}, not the metadata of a checkpoint")
    entries: Mapping[str, Any] = metadata["state_dict_metadata"]
    paths = _paths(metadata, entries)
    tensors = {name: entry for name, entry in entries.items() if getattr(entry, "is_a", bool)(_TENSOR)}
    names = choose_model({name: paths[name] for name in tensors}, folder)
    boxes: dict[str, list[tuple[Box, Stored]]] = {name: [] for name in names}
    for index, info in metadata["storage_data"].items():
        if index["fqn"] in boxes:
            boxes[index["fqn"]].append(_box(folder, index, info))
    return tuple(
        _tensor(where, plain_name(path[-1]), tensors[name], boxes[name]) for name, path in names.items()
    )


def _paths(metadata: Record, entries: Mapping[str, Any]) -> dict[str, Path_]:
    """Return the place of each entry in the nested state dict that was saved."""
    planned = metadata.state.get("planner_data")
    given = planned if isinstance(planned, dict) else {}
    return {name: tuple(map(str, given.get(name) or (name,))) for name in entries}


def _box(folder: Path, index: Record, info: Record) -> tuple[Box, Stored]:
    name = index["fqn"]
    if info.state.get("transform_descriptors"):
        raise MergeError(
            f"{folder}: tensor {name!r} is stored with the transformation {info['transform_descriptors']!r}, "
            "which is not supported: save the checkpoint without extensions"
        )
    file = str(info["relative_path"])
    # A name with a folder could point outside of the checkpoint.
    if Path(file).name != file or not (folder / file).is_file():
        raise MergeError(f"{folder / METADATA}: names the file {file!r}, which is not in the folder")
    stored = read_archive(folder / file, offset=info["offset"], length=info["length"])
    if not isinstance(stored, Stored):
        raise MergeError(f"{folder / file}: tensor {name!r} is stored as {describe(stored)}, not as a tensor")
    if not stored.contiguous:
        raise MergeError(f"{folder / file}: a piece of tensor {name!r} is stored with gaps")
    offsets = tuple(index.state.get("offset") or (0,) * len(stored.shape))
    return Box(file=stored.file, start=stored.start, offsets=offsets, sizes=stored.shape), stored


def _tensor(where: Path, name: str, entry: Record, pieces: list[tuple[Box, Stored]]) -> Tensor:
    codes = {stored.code for _, stored in pieces}
    if len(codes) != 1:
        raise MergeError(f"{where}: tensor {name!r} has pieces of the dtypes {sorted(codes)}")
    return assemble(name, codes.pop(), entry["size"], [box for box, _ in pieces])
