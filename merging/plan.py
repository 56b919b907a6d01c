"""The plan of a sweep: parents, coefficients, and the storage of the results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .census import Pair
from .checkpoints.checkpoint import Checkpoint
from .checkpoints.formats import FloatFormat
from .checkpoints.tensor_file import Tensor, TensorFile, data_size, make_header
from .methods.method import Method

Rounding = Literal["nearest", "stochastic"]
CHUNK = 1 << 19
"""Default number of weights that are read, hashed and written at a time."""


@dataclass(frozen=True, kw_only=True)
class MergePlan:
    """The merges to compute in one pass over the parents."""

    parents: tuple[Checkpoint, ...]
    """Parents, the anchor first; the merges have the shards of the anchor."""
    names: tuple[str, ...]
    """Names of the parents in messages."""
    methods: tuple[Method, ...]
    """Method of each merge."""
    labels: tuple[str, ...]
    """Names of the merges in messages."""
    form: FloatFormat | None
    """Format of the merged weights; None keeps the format of the anchor, tensor by tensor."""
    rounding: Rounding
    seed: int
    """Seed of the noise of stochastic rounding."""
    pairs: tuple[Pair, ...]
    """Pairs of points to compare; the points are numbered from 0, parents before merges."""
    metadata: tuple[dict[str, str], ...]
    """Metadata that is added to the headers of each merge."""
    chunk: int = CHUNK
    """Number of weights in memory at a time, per parent and merge."""
    fitted: str = ""
    """Digest of what the methods have fitted to the parents, if anything."""

    def __post_init__(self) -> None:
        if self.chunk < 1:
            raise ValueError(f"chunk must be at least 1, got {self.chunk!r}")

    def form_of(self, tensor: Tensor) -> FloatFormat | None:
        """Return the format of a tensor in the merges; None if it is not a floating-point tensor."""
        return (self.form or tensor.form) if tensor.form else None

    def code_of(self, tensor: Tensor) -> str:
        """Return the safetensors name of a tensor's dtype in the merges."""
        form = self.form_of(tensor)
        return form.code if form else tensor.code

    def data_size(self, shard: TensorFile) -> int:
        """Return the size in bytes of the data of a shard in one merge."""
        return data_size(shard.tensors, map(self.code_of, shard.tensors))

    def header(self, shard: TensorFile, merge: int) -> bytes:
        """Return the header of a shard of a merge."""
        codes = [self.code_of(tensor) for tensor in shard.tensors]
        return make_header(shard.tensors, codes, {**shard.metadata, **self.metadata[merge]})
