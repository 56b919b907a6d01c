"""Handle a tied head that one parent stores in addition to the embedding, as some tools do."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .checkpoint import Checkpoint
from .source import equal_elements
from .tensor_file import Tensor

_EMBEDDINGS: Final = (
    "embed_tokens.weight",
    "wte.weight",
    "embed_in.weight",
    "word_embeddings.weight",
    "tok_embeddings.weight",
)
_HEADS: Final = ("lm_head.weight", "embed_out.weight", "output.weight")
_TIED: Final = "tie_word_embeddings"


def leave_out_copies(low: Checkpoint, high: Checkpoint) -> tuple[Checkpoint, Checkpoint]:
    """Leave out a head that only one parent stores, if it equals the embedding of that parent.

    The other parent, which has the same settings, loads without the head, so the merge also loads without it.
    If the parents' settings differ in whether head and embedding are tied, nothing is left out.

    Raises:
        OSError: A file cannot be read.
    """
    if low.config.get(_TIED) != high.config.get(_TIED) or low.config.get(_TIED) is False:
        return low, high
    return _without_copies(low, high), _without_copies(high, low)


def _without_copies(parent: Checkpoint, other: Checkpoint) -> Checkpoint:
    copies = tuple(
        name
        for name, tensor in parent.tensors.items()
        if name not in other.tensors and name.endswith(_HEADS) and _equals_embedding(parent, tensor)
    )
    if not copies:
        return parent
    shards = tuple(
        replace(shard, tensors=tuple(tensor for tensor in shard.tensors if tensor.name not in copies))
        for shard in parent.shards
    )
    return replace(parent, shards=shards, copies=copies)


def _equals_embedding(parent: Checkpoint, head: Tensor) -> bool:
    return any(
        name.endswith(_EMBEDDINGS)
        and (tensor.shape, tensor.code) == (head.shape, head.code)
        and equal_elements(tensor, head)
        for name, tensor in parent.tensors.items()
    )
