"""Checkpoint folders as transformers writes them: config.json, safetensors weights, and other files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ...system import DIGESTS
from ..errors import MergeError
from .adapters.lora import Adapter, apply, is_adapter, read_adapter
from .not_checkpoints import explain, has_model
from .quantised import SETTINGS, dequantise
from .sharded.find import ShardedWeights, as_files, find_sharded, settings_folder
from .tensor_file import Tensor, TensorFile, read_header

CONFIG: Final = "config.json"
GENERATION: Final = "generation_config.json"
WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
MERGE: Final = "merge.json"
TOKENIZER_FILES: Final = (
    *("tokenizer*", "vocab*", "merges*", "special_tokens_map*", "added_tokens*", "chat_template*"),
    *("additional_chat_templates/*", "*.tiktoken", "spiece.model", "sentencepiece*"),
)
NOT_COPIED: Final = (
    *("*.safetensors", "*.index.json", "*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack", "*.gguf"),
    *("*.onnx", "*.npz", "*.distcp", MERGE, DIGESTS),
)
"""Patterns of weights and training states, which are not copied: they do not fit the merged weights."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint folder whose headers are read and checked; its weights are not in memory."""

    folder: Path
    shards: tuple[TensorFile, ...]
    config: dict[str, Any]
    copies: tuple[str, ...] = ()
    """Names of tensors that are left out because they equal the embedding that they are tied to."""
    given: Path | None = None
    """The folder that was given, if its weights are converted while they are read."""
    converted: str = ""
    """What is converted while the weights are read; empty for safetensors weights as they are."""

    @property
    def place(self) -> Path:
        """The folder that was given, for messages."""
        return self.given or self.folder

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the weights."""
        if self.given is None:
            return tuple(shard.path for shard in self.shards)
        return tuple(sorted({path for tensor in self.tensors.values() for path in tensor.files}))

    @property
    def file_names(self) -> dict[Path, str]:
        """The names of the files that hold the weights; the whole path where two files share a name."""
        counts = Counter(path.name for path in self.files)
        return {path: path.name if counts[path.name] == 1 else str(path) for path in self.files}

    @property
    def dtype(self) -> str:
        """The name of the dtype of most weights."""
        counts: Counter[str] = Counter()
        for tensor in self.tensors.values():
            if tensor.form:
                counts[tensor.form.name] += tensor.count
        return counts.most_common(1)[0][0]

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """The tensors by name."""
        return {tensor.name: tensor for shard in self.shards for tensor in shard.tensors}

    @cached_property
    def other_files(self) -> tuple[str, ...]:
        """The files without weights, as paths relative to the folder.

        Hidden files, and folders with weights or training states, are left out.
        """
        return tuple(sorted(_other_files(self.folder, self.folder)))

    @property
    def tokenizer_files(self) -> tuple[str, ...]:
        """The other files that belong to the tokenizer."""
        return tuple(name for name in self.other_files if _matches(name, TOKENIZER_FILES))

    @property
    def generation_files(self) -> tuple[str, ...]:
        """The other files with settings of generation; at most one."""
        return tuple(name for name in self.other_files if name == GENERATION)


def open_checkpoint(folder: Path, *, base: Path | None = None) -> Checkpoint:
    """Read the configuration and the headers of a checkpoint.

    The weights are safetensors files, or are converted while they are read: adapters of peft with their base,
    FP8 weights with their scales, and the pieces that the ranks of a distributed training saved.

    Args:
        folder: The checkpoint.
        base: Base of an adapter, by default the base that its settings name; or the model whose settings
            sharded weights have, by default the settings beside them.

    Raises:
        MergeError: The folder is not a checkpoint with weights that can be read, or a file is damaged.
        OSError: A file cannot be read.
    """
    if is_adapter(folder) and not has_model(folder):
        return _open_adapter(folder, base)
    if folder.is_dir() and not has_model(folder) and (found := find_sharded(folder)):
        return _open_sharded(folder, found, base)
    if reason := explain(folder):
        raise MergeError(f"{folder}: not a checkpoint folder: {reason}")
    if not (folder / CONFIG).is_file():
        raise MergeError(f"{folder}: not a checkpoint folder: no {CONFIG} in it")
    config = _read_object(folder / CONFIG)
    if (folder / WEIGHTS).exists() and (folder / INDEX).exists():
        raise MergeError(f"{folder}: has both {WEIGHTS} and {INDEX}: remove the outdated file")
    if (folder / WEIGHTS).is_file():
        shards: tuple[TensorFile, ...] = (read_header(folder / WEIGHTS),)
    elif (folder / INDEX).is_file():
        shards = _read_shards(folder)
    else:
        raise MergeError(f"{folder}: not a checkpoint folder: neither {WEIGHTS} nor {INDEX} in it")
    plain = dequantise(folder, config, shards)
    if not any(tensor.form for shard in plain.shards for tensor in shard.tensors):
        raise MergeError(f"{folder}: contains no floating-point weights")
    if not plain.note:
        return Checkpoint(folder=folder, shards=shards, config=config)
    left = {name: value for name, value in config.items() if name not in SETTINGS}
    return Checkpoint(folder=folder, shards=plain.shards, config=left, given=folder, converted=plain.note)


def _open_adapter(folder: Path, base: Path | None) -> Checkpoint:
    adapter = read_adapter(folder)
    place = base or _base_of(adapter)
    if is_adapter(place) and not has_model(place):
        raise MergeError(f"{folder}: its base {place} is an adapter, too: merge that into its base first")
    model = open_checkpoint(place)
    shards = apply(adapter, model.shards, model_type=str(model.config.get("model_type", "")))
    note = f"a LoRA adapter, merged into its base {place}; read as float32"
    return replace(
        model, shards=shards, given=folder, converted="; ".join(filter(None, (note, model.converted)))
    )


def _base_of(adapter: Adapter) -> Path:
    if not adapter.base:
        raise MergeError(f"{adapter.folder}: the adapter names no base: give it with --base FOLDER")
    for place in (Path(adapter.base), adapter.folder / adapter.base):
        if place.is_dir():
            return place
    raise MergeError(
        f"{adapter.folder}: its base {adapter.base!r} is no folder here: download it if it is a model of the "
        "Hub, and give its folder with --base"
    )


def _open_sharded(folder: Path, found: ShardedWeights, base: Path | None) -> Checkpoint:
    settings = settings_folder(found.folder) or base
    if settings is None or not (settings / CONFIG).is_file():
        raise MergeError(
            f"{found.folder}: is {found.kind}, but there is no {CONFIG} in it, in `huggingface` or in the "
            f"folder around it: copy the {CONFIG} and the tokenizer of the model there, or give --base FOLDER"
        )
    if not any(tensor.form for tensor in found.tensors):
        raise MergeError(f"{folder}: contains no floating-point weights")
    checkpoint = Checkpoint(
        folder=settings,
        shards=as_files(found.tensors, settings),
        config=_read_object(settings / CONFIG),
        given=folder,
    )
    return replace(checkpoint, converted=f"{found.kind} in {checkpoint.dtype}")


def _read_shards(folder: Path) -> tuple[TensorFile, ...]:
    weight_map = _read_object(folder / INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not all(isinstance(name, str) for name in weight_map.values()):
        raise MergeError(f"{folder / INDEX}: has no weight_map from tensors to files")
    names = sorted(set(weight_map.values()))
    for name in names:
        # A name with a folder could point outside of the checkpoint.
        if Path(name).name != name or not (folder / name).is_file():
            raise MergeError(f"{folder / INDEX}: names the file {name!r}, which is not in the folder")
    shards = tuple(read_header(folder / name) for name in names)
    found = {(tensor.name, shard.path.name) for shard in shards for tensor in shard.tensors}
    for tensor, name in sorted(found ^ set(weight_map.items())):
        raise MergeError(f"{folder / INDEX}: disagrees with {name!r} about the tensor {tensor!r}")
    return shards


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise MergeError(f"{path}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MergeError(f"{path}: must contain a JSON object, not {type(value).__name__}")
    return value


def _other_files(folder: Path, root: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not any(_matches(inner.name, NOT_COPIED) for inner in entry.iterdir()):
                yield from _other_files(entry, root)
        elif entry.is_file() and not _matches(entry.name, NOT_COPIED):
            yield entry.relative_to(root).as_posix()


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)
