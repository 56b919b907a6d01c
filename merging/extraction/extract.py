"""Write the difference of two checkpoints as a LoRA adapter of peft.

Matrices of linear layers become factors. Other tensors that differ, such as norms and embeddings, cannot be
factors: they are stored whole under `modules_to_save`, left out, or refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from ...system import lock_folder
from ..checkpoints.adapters.lora import ADAPTER_CONFIG, ADAPTER_WEIGHTS, HEAD, PREFIX, is_conv1d
from ..checkpoints.checkpoint import Checkpoint, open_checkpoint
from ..checkpoints.float32 import read_values
from ..checkpoints.formats import FLOAT32, Values, round_nearest
from ..checkpoints.shards import ShardWriter
from ..checkpoints.source import OpenFiles
from ..checkpoints.tensor_file import Tensor, data_size, make_header
from ..checkpoints.ties import leave_out_copies
from ..errors import MergeError
from ..output import check_inputs, pending_folder
from ..write import check_room
from .low_rank import factorise

Rest = Literal["refuse", "save", "drop"]
Kind = Literal["factors", "saved", "dropped"]
_EMBEDDING: Final = re.compile(r"(^|\.)(embed\w*|wte|wpe|word_embeddings|tok_embeddings)\.weight$")
_TIED: Final = re.compile(r"(^|\.)(embed_tokens|wte|embed_in|word_embeddings|tok_embeddings)\.weight$")
"""Embeddings to which heads are tied."""
_PIECE: Final = 1 << 20
"""Number of elements that are read at a time."""


@dataclass(frozen=True, kw_only=True)
class TensorError:
    """How well the adapter represents the difference of a tensor."""

    name: str
    kind: Kind
    norm: float
    """Norm of the difference."""
    error: float
    """Norm of what the adapter leaves of the difference."""

    @property
    def relative_error(self) -> float:
        """The error as a share of the norm; 0 for equal tensors."""
        return self.error / self.norm if self.norm else 0.0


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """A written adapter."""

    path: Path
    rank: int
    tensors: tuple[TensorError, ...]
    """The tensors that differ, in the order of the files."""
    equal: int
    """Number of tensors that do not differ; the adapter does not hold them."""
    adapter_bytes: int
    checkpoint_bytes: int

    @property
    def norm(self) -> float:
        """The norm of the whole difference."""
        return float(np.sqrt(sum(each.norm**2 for each in self.tensors)))

    @property
    def error(self) -> float:
        """The norm of what the adapter leaves of the difference."""
        return float(np.sqrt(sum(each.error**2 for each in self.tensors)))

    @property
    def relative_error(self) -> float:
        """The error as a share of the norm."""
        return self.error / self.norm if self.norm else 0.0


def extract_lora(
    base: Path,
    checkpoint: Path,
    out: Path,
    *,
    rank: int,
    rest: Rest = "refuse",
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Extraction:
    """Write the difference of a checkpoint from its base as an adapter.

    In memory are one tensor of each checkpoint and its factors.

    Args:
        base: The base.
        checkpoint: The checkpoint.
        out: Folder of the adapter, which must not exist.
        rank: Rank of the factors.
        rest: What becomes of tensors that differ and cannot be factors: `refuse` to write, `save` them whole
            in modules_to_save, or `drop` them.
        seed: Seed of the decomposition of large matrices.
        on_progress: Called with the number of weights read since the last call, and their total number.

    Raises:
        MergeError: The checkpoints do not fit, are equal, or differ in what cannot be factors.
        OSError: A file cannot be read or written.
    """
    if rank < 1:
        raise MergeError(f"rank must be at least 1, got {rank!r}")
    if out.exists():
        raise MergeError(f"{out}: already exists; remove it or choose another --out")
    check_inputs([out], [base, checkpoint])
    pair = leave_out_copies(open_checkpoint(base), open_checkpoint(checkpoint))
    names = _common(*pair)
    differing = [name for name in names if _differs(pair, name)]
    if not differing:
        raise MergeError(f"{base} and {checkpoint} have the same weights")
    maker = _Maker(pair=pair, rank=rank, seed=seed, kinds=_kinds(pair[0], differing, rest))
    total = sum(pair[0].tensors[name].count for name in maker.kinds)
    errors: list[TensorError] = []
    with lock_folder(out.parent, "codefrontier merge extract-lora"):
        check_room(out.parent, maker.size())
        with pending_folder(out) as folder:
            with maker.writer(folder / ADAPTER_WEIGHTS) as writer:
                for name in maker.kinds:
                    values, error = maker.make(name)
                    for each in values:
                        writer.write(round_nearest(each.ravel(), FLOAT32).view(np.uint8))
                    errors.append(error)
                    on_progress(pair[0].tensors[name].count, total)
            config = json.dumps(maker.config(base), indent=2)
            (folder / ADAPTER_CONFIG).write_text(config + "\n")
    return Extraction(
        path=out,
        rank=rank,
        tensors=tuple(error for error in errors if error.norm),
        equal=len(names) - len(differing),
        adapter_bytes=(out / ADAPTER_WEIGHTS).stat().st_size,
        checkpoint_bytes=sum(each.stop - each.start for each in pair[1].tensors.values()),
    )


@dataclass(frozen=True, kw_only=True)
class _Maker:
    """Makes the tensors of the adapter."""

    pair: tuple[Checkpoint, Checkpoint]
    rank: int
    seed: int
    kinds: Mapping[str, Kind]
    """What becomes of each tensor, in the order of the files."""

    def parts(self, name: str) -> list[tuple[str, tuple[int, ...]]]:
        """Return the names and shapes of the adapter's tensors for a tensor of the model."""
        shape = self.pair[0].tensors[name].shape
        module, _, parameter = name.rpartition(".")
        if self.kinds[name] == "dropped":
            return []
        if self.kinds[name] == "saved":
            inner = ".base_layer" if self.kinds.get(f"{module}.weight") == "factors" else ""
            stored = [(f"{PREFIX}{module}{inner}.{parameter}", shape)]
            return [*stored, *((f"{PREFIX}{head}.weight", shape) for head in self._heads(name))]
        outputs, inputs = shape[::-1] if self._turned(module) else shape
        return [
            (f"{PREFIX}{module}.lora_A.weight", (self.rank, inputs)),
            (f"{PREFIX}{module}.lora_B.weight", (outputs, self.rank)),
        ]

    def make(self, name: str) -> tuple[list[Values], TensorError]:
        """Return the values of the adapter's tensors for a tensor of the model, and their error."""
        old, new = (_values(each, name) for each in self.pair)
        change = new - old
        norm = float(np.linalg.norm(change))
        kind = self.kinds[name]
        if kind == "dropped":
            return [], TensorError(name=name, kind=kind, norm=norm, error=norm)
        if kind == "saved":
            return [new] * len(self.parts(name)), TensorError(name=name, kind=kind, norm=norm, error=0.0)
        matrix = change.reshape(self.pair[0].tensors[name].shape)
        turned = self._turned(name.rpartition(".")[0])
        factors = factorise(matrix.T if turned else matrix, self.rank, seed=self.seed)
        error = TensorError(name=name, kind=kind, norm=factors.norm, error=factors.error)
        return [factors.right, factors.left], error

    def writer(self, path: Path) -> ShardWriter:
        """Return the writer of the adapter's weights, whose tensors have the order of the model."""
        tensors = self._tensors()
        return ShardWriter(path, make_header(tensors, ["F32"] * len(tensors), {"format": "pt"}))

    def size(self) -> int:
        """Return the number of bytes of the adapter's weights."""
        tensors = self._tensors()
        return data_size(tensors, ["F32"] * len(tensors))

    def config(self, base: Path) -> dict[str, Any]:
        """Return the settings of the adapter."""
        factors = {name.rpartition(".")[0] for name, kind in self.kinds.items() if kind == "factors"}
        saved = {name.rpartition(".")[0] for name, kind in self.kinds.items() if kind == "saved"}
        return {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": str(base),
            "r": self.rank,
            "lora_alpha": self.rank,
            "lora_dropout": 0.0,
            # The biases of adapted modules are stored with the factors, the other tensors with their modules.
            "bias": "all" if saved & factors else "none",
            "fan_in_fan_out": any(map(self._turned, factors)),
            "use_rslora": False,
            "use_dora": False,
            "inference_mode": True,
            "init_lora_weights": True,
            "target_modules": sorted(factors),
            "modules_to_save": sorted((saved - factors) | self._heads()) or None,
        }

    def _heads(self, name: str | None = None) -> set[str]:
        """Return the head that is tied to a tensor, or to any tensor: peft would leave it as in the base."""
        tied = self.pair[0].config.get("tie_word_embeddings", True) and HEAD not in self.pair[0].tensors
        saved = [each for each, kind in self.kinds.items() if kind == "saved" and _TIED.search(each)]
        found = tied and (name in saved if name else saved)
        return {HEAD.rpartition(".")[0]} if found else set()

    def _turned(self, module: str) -> bool:
        return is_conv1d(str(self.pair[0].config.get("model_type", "")), module)

    def _tensors(self) -> list[Tensor]:
        return [
            Tensor(name=entry, code="F32", shape=shape, file=Path(), start=0)
            for name in self.kinds
            for entry, shape in self.parts(name)
        ]


def _kinds(base: Checkpoint, differing: Sequence[str], rest: Rest) -> dict[str, Kind]:
    """Return what becomes of each tensor that differs, and of the other tensors of modules that are saved.

    Raises:
        MergeError: No matrix differs, or a tensor that cannot be factors does and is to be refused.
    """
    matrices = {name for name in differing if _is_matrix(base.tensors[name])}
    others = [name for name in differing if name not in matrices]
    if others and rest == "refuse":
        raise MergeError(_refusal(others, len(matrices)))
    if not matrices:
        raise MergeError("no matrix of a linear layer differs, so there is nothing for an adapter")
    modules = {name.rpartition(".")[0] for name in others} - {name.rpartition(".")[0] for name in matrices}
    kinds: dict[str, Kind] = {}
    for name in base.tensors:
        if name in matrices:
            kinds[name] = "factors"
        elif rest == "drop" and name in others:
            kinds[name] = "dropped"
        elif rest == "save" and (name in others or name.rpartition(".")[0] in modules):
            kinds[name] = "saved"  # peft replaces a module as a whole
    return kinds


def _common(base: Checkpoint, checkpoint: Checkpoint) -> list[str]:
    for name in sorted(base.tensors.keys() ^ checkpoint.tensors.keys()):
        place = base if name in base.tensors else checkpoint
        raise MergeError(f"tensor {name!r} is only in {place.place}")
    names = []
    for name, tensor in base.tensors.items():
        other = checkpoint.tensors[name]
        if tensor.shape != other.shape or bool(tensor.form) != bool(other.form):
            raise MergeError(
                f"tensor {name!r} is {tensor.code} {list(tensor.shape)} in the base, and {other.code} "
                f"{list(other.shape)} in the checkpoint"
            )
        if tensor.form and tensor.count:
            names.append(name)
    return names


def _differs(pair: tuple[Checkpoint, Checkpoint], name: str) -> bool:
    return any(
        not np.array_equal(*blocks) for blocks in zip(*(_blocks(each, name) for each in pair), strict=True)
    )


def _blocks(checkpoint: Checkpoint, name: str) -> Iterator[Values]:
    tensor = checkpoint.tensors[name]
    with OpenFiles(tensor.files) as files:
        for first in range(0, tensor.count, _PIECE):
            yield read_values(tensor, first, min(_PIECE, tensor.count - first), files.read)


def _values(checkpoint: Checkpoint, name: str) -> Values:
    values = np.concatenate(list(_blocks(checkpoint, name)))
    if not np.isfinite(values).all():
        raise MergeError(f"tensor {name!r} of {checkpoint.place} is not finite")
    return values


def _is_matrix(tensor: Tensor) -> bool:
    return len(tensor.shape) == 2 and tensor.name.endswith(".weight") and not _EMBEDDING.search(tensor.name)


def _refusal(others: Sequence[str], matrices: int) -> str:
    shown = ", ".join(others[:6]) + (f" and {len(others) - 6} more" if len(others) > 6 else "")
    return (
        f"tensors that are no matrices of linear layers cannot be low-rank factors, but differ: {shown}; "
        f"matrices that differ: {matrices}. Use --rest save to store them whole in modules_to_save "
        "(peft loads these; vLLM does not), or --rest drop to leave their changes out"
    )
