"""One place in memory for what several checkpoints have in common: equal tensors, and equal tokenizers.

Checkpoints of one shape often have equal tensors: embeddings that no training has touched, all but the merged
layers, or all weights of a checkpoint that is loaded under two names. A tensor is shared only if all its bits
are equal and it begins at the same alignment, so a model computes the same bits as with tensors of its own.
Nothing may train a model that shares tensors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

TOKENIZER_FILES = (
    "config.json",
    "token*",
    "special_tokens*",
    "added_tokens*",
    "chat_template*",
    "vocab*",
    "merges*",
    "*.model",
    "**/*.jinja",
)
"""Files that decide what the tokenizer of a checkpoint does."""


@dataclass(eq=False)
class Pool:
    """Tensors and tokenizers of the checkpoints that have been loaded with this pool."""

    weight_bytes: int = 0
    """Bytes of the tensors of all models, as if none were shared."""
    shared_bytes: int = 0
    """Bytes that sharing has saved."""
    _tensors: dict[tuple[Any, ...], Tensor] = field(default_factory=dict, repr=False)
    _tokenizers: dict[str, Any] = field(default_factory=dict, repr=False)

    @torch.no_grad()
    def take_in(self, model: Any) -> None:
        """Replace tensors of a model by equal ones of the same name, and add copies of the others."""
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            tensor.data = self._held(name, tensor.data)

    def tokenizer(self, folder: Path, load: Callable[[], Any]) -> Any:
        """Return the tokenizer of a folder, loaded unless a folder with the same files has been.

        Raises:
            OSError: A file cannot be read.
        """
        key = _digest_of_files(folder)
        if key not in self._tokenizers:
            self._tokenizers[key] = load()
        return self._tokenizers[key]

    def _held(self, name: str, tensor: Tensor) -> Tensor:
        size = tensor.numel() * tensor.element_size()
        self.weight_bytes += size
        key = (name, tuple(tensor.shape), tensor.dtype, str(tensor.device), _digest(tensor))
        if key in self._tensors:
            self.shared_bytes += size
        else:
            # A copy has the alignment of newly allocated memory; see `own_weights`.
            self._tensors[key] = tensor.clone()
        return self._tensors[key]


def _digest(tensor: Tensor) -> bytes:
    """Return the SHA-256 of the bits of a tensor."""
    flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return hashlib.sha256(flat.numpy()).digest()


def _digest_of_files(folder: Path) -> str:
    files = {file for pattern in TOKENIZER_FILES for file in folder.glob(pattern) if file.is_file()}
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(folder)}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
