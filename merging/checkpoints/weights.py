"""Weights by name of the tensor, in memory or in a checkpoint folder, read in chunks. Needs torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import torch

from ..errors import MergeError
from .checkpoint import open_checkpoint
from .source import read_elements

_DTYPES: Final = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


class Weights(Protocol):
    """The tensors of a checkpoint."""

    def names(self) -> Sequence[str]:
        """Return the names of the tensors."""
        ...

    def floats(self, name: str) -> bool:
        """Return whether a tensor has floating-point numbers."""
        ...

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        ...

    def count(self, name: str) -> int:
        """Return the number of elements of a tensor."""
        ...

    def chunk(self, name: str, first: int, count: int) -> torch.Tensor:
        """Return elements of a flattened tensor: [count], in the dtype of the checkpoint."""
        ...

    def tensor(self, name: str) -> torch.Tensor:
        """Return a whole tensor."""
        ...


class TensorWeights:
    """Tensors in memory.

    Args:
        tensors: Tensors by name.
    """

    def __init__(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self._tensors = {name: tensor.detach() for name, tensor in tensors.items()}

    def names(self) -> Sequence[str]:
        """Return the names of the tensors."""
        return tuple(self._tensors)

    def floats(self, name: str) -> bool:
        """Return whether a tensor has floating-point numbers."""
        return self._tensors[name].is_floating_point()

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return tuple(self._tensors[name].shape)

    def count(self, name: str) -> int:
        """Return the number of elements of a tensor."""
        return self._tensors[name].numel()

    def chunk(self, name: str, first: int, count: int) -> torch.Tensor:
        """Return elements of a flattened tensor: [count]."""
        return self._tensors[name].reshape(-1)[first : first + count]

    def tensor(self, name: str) -> torch.Tensor:
        """Return a whole tensor."""
        return self._tensors[name]


class FolderWeights:
    """The tensors of a checkpoint folder, which are read when they are asked for.

    Args:
        folder: Checkpoint folder with safetensors files.

    Raises:
        MergeError: The folder is not a checkpoint.
        OSError: A file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._tensors = open_checkpoint(folder).tensors

    def names(self) -> Sequence[str]:
        """Return the names of the tensors."""
        return tuple(self._tensors)

    def floats(self, name: str) -> bool:
        """Return whether a tensor has floating-point numbers."""
        return self._tensors[name].form is not None

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return self._tensors[name].shape

    def count(self, name: str) -> int:
        """Return the number of elements of a tensor."""
        return self._tensors[name].count

    def chunk(self, name: str, first: int, count: int) -> torch.Tensor:
        """Return elements of a flattened tensor: [count].

        Raises:
            MergeError: The file is shorter than its header says, or the dtype is unknown to torch.
        """
        tensor = self._tensors[name]
        if tensor.code not in _DTYPES:
            raise MergeError(
                f"{tensor.file}: tensor {name!r} has dtype {tensor.code}, which torch cannot read"
            )
        data = read_elements(tensor, first, count)
        return torch.from_numpy(data).view(_DTYPES[tensor.code])

    def tensor(self, name: str) -> torch.Tensor:
        """Return a whole tensor."""
        return self.chunk(name, 0, self.count(name)).reshape(self.shape(name))


def open_weights(source: Mapping[str, torch.Tensor] | Path | str) -> Weights:
    """Return the weights of a mapping of tensors or of a checkpoint folder.

    Raises:
        MergeError: The folder is not a checkpoint.
        OSError: A file cannot be read.
    """
    return FolderWeights(Path(source)) if isinstance(source, Path | str) else TensorWeights(source)
