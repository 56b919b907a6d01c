"""Find sharded weights in a folder, and the settings of their model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import MergeError
from ..tensor_file import Tensor, TensorFile, data_size, make_header
from .boxes import DTYPES
from .dcp import is_dcp, read_dcp
from .fsdp import is_fsdp_shards, read_fsdp_shards
from .hf_shards import is_hf_shards, read_hf_shards

FORMATS: Final = (
    (is_fsdp_shards, read_fsdp_shards, "shards of FSDP ranks"),
    (is_dcp, read_dcp, "a folder of torch.distributed.checkpoint"),
    (is_hf_shards, read_hf_shards, "sharded safetensors files"),
)
_CONFIG: Final = "config.json"
_SETTINGS: Final = (".", "huggingface", "hf")
"""Where the settings of a model may lie, starting from its weights or from the folder around them. verl uses
`huggingface`."""
_LARGEST_FILE: Final = 5_000_000_000
"""Largest size in bytes of a weight file of a merge, as in transformers."""


@dataclass(frozen=True, kw_only=True)
class ShardedWeights:
    """Weights that are stored in pieces."""

    folder: Path
    """Folder of the pieces."""
    kind: str
    """Description of the format."""
    tensors: tuple[Tensor, ...]


def find_sharded(folder: Path) -> ShardedWeights | None:
    """Return the sharded weights in a folder or in its only subfolder with such weights; None without any.

    Raises:
        MergeError: Several subfolders hold weights, or the weights are damaged or not supported.
        OSError: A file cannot be read.
    """
    inside = [folder] if _kind(folder) else [path for path in _subfolders(folder) if _kind(path)]
    if len(inside) > 1:
        raise MergeError(
            f"{folder}: give one of the folders with weights in it: {', '.join(map(str, inside))}"
        )
    for place in inside:
        for is_format, read, kind in FORMATS:
            if is_format(place):
                return ShardedWeights(folder=place, kind=kind, tensors=_read(place, read, kind))
    return None


def _read(folder: Path, read: Callable[[Path], tuple[Tensor, ...]], kind: str) -> tuple[Tensor, ...]:
    try:
        tensors = read(folder)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # The records of a pickle have any fields, or none.
        raise MergeError(f"{folder}: looks like {kind}, but its layout is not known: {error!r}") from error
    return tuple(sorted(tensors, key=lambda tensor: (DTYPES.index(tensor.code), tensor.name)))


def settings_folder(weights: Path) -> Path | None:
    """Return the folder with the config.json of sharded weights; None if there is none near them."""
    places = [start / name for start in (weights, weights.absolute().parent) for name in _SETTINGS]
    return next((place for place in places if (place / _CONFIG).is_file()), None)


def as_files(
    tensors: Sequence[Tensor], folder: Path, *, largest: int = _LARGEST_FILE
) -> tuple[TensorFile, ...]:
    """Return the safetensors files that transformers would write for tensors; the files do not exist.

    Args:
        tensors: Tensors in the order of safetensors.
        folder: Folder of the files.
        largest: Largest size of a file in bytes; a larger tensor has a file of its own.
    """
    groups: list[list[Tensor]] = [[]]
    size = 0
    for tensor in tensors:
        length = data_size([tensor], [tensor.code])
        if groups[-1] and size + length > largest:
            groups.append([])
            size = 0
        groups[-1].append(tensor)
        size += length
    many = len(groups) > 1
    names = [f"model-{number + 1:05}-of-{len(groups):05}.safetensors" for number in range(len(groups))]
    metadata = {"format": "pt"}  # transformers refuses files without
    return tuple(
        TensorFile(
            path=folder / (name if many else "model.safetensors"),
            data_start=len(make_header(group, [tensor.code for tensor in group], metadata)),
            metadata=metadata,
            tensors=tuple(group),
        )
        for name, group in zip(names, groups, strict=True)
    )


def _kind(folder: Path) -> bool:
    return any(is_format(folder) for is_format, _, _ in FORMATS)


def _subfolders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("optim"))
