"""Store a checkpoint as its difference from a base, and restore it to the bit.

Restored are the weight files with their headers, and the other files of the checkpoint except for states of a
training. Files that equal those of the base are not stored again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ...system import DIGESTS, explain_full_disk, lock_folder
from ..checkpoints.checkpoint import INDEX, MERGE, Checkpoint, open_checkpoint
from ..checkpoints.digests import file_digest
from ..checkpoints.shards import Raw, ShardReader, ShardWriter
from ..checkpoints.tensor_file import Tensor, TensorFile
from ..errors import MergeError
from ..output import check_inputs, pending_folder
from ..recipe import package_version
from ..write import check_room
from .bits import difference, expected, fits, restore
from .file import DeltaReader, DeltaWriter

SCHEMA: Final = 1
LEVEL: Final = 3
"""Default level of the compression."""
_CHUNK: Final = 1 << 20
"""Number of elements per frame."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class DeltaReport:
    """A packed or restored checkpoint."""

    path: Path
    weights: int
    """Number of elements of all tensors."""
    checkpoint_bytes: int
    """Size of the checkpoint's files."""
    delta_bytes: int
    """Size of the delta."""
    identical: float | None = None
    """Share of the elements that equal the base; None when a checkpoint is restored."""

    @property
    def ratio(self) -> float:
        """Size of the checkpoint divided by the size of the delta."""
        return self.checkpoint_bytes / self.delta_bytes


def pack(
    base: Path,
    checkpoint: Path,
    out: Path,
    *,
    level: int = LEVEL,
    force: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> DeltaReport:
    """Write the difference of a checkpoint from a base to a file.

    Args:
        base: The base.
        checkpoint: The checkpoint, with safetensors weights. Tensors that the base lacks, or has in another
            shape, are stored whole.
        out: The file.
        level: Level of the compression, 1 to 22.
        force: Whether to replace an existing file.
        on_progress: Called with the number of elements packed since the last call, and their total number.

    Raises:
        MergeError: A folder is not such a checkpoint, or the file exists.
        OSError: A file cannot be read or written.
    """
    if not 1 <= level <= 22:
        raise MergeError(f"level must be from 1 to 22, got {level!r}")
    if out.exists() and not force:
        raise MergeError(f"{out}: already exists; remove it, choose another --out, or use --force")
    source, old = open_checkpoint(checkpoint), open_checkpoint(base)
    if source.converted:
        raise MergeError(f"{checkpoint}: is {source.converted}; only safetensors checkpoints are packed")
    total = sum(tensor.count for tensor in source.tensors.values())
    same = 0
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        explain_full_disk(out.parent),
        ShardReader(source) as ours,
        ShardReader(old) as theirs,
        DeltaWriter(out, level=level) as writer,
    ):
        files = []
        for shard in source.shards:
            frames = []
            for tensor in shard.tensors:
                for first, count in _chunks(tensor):
                    data, other = _pair(tensor, old.tensors.get(tensor.name), first, count, ours, theirs)
                    same += int(np.count_nonzero((data == other).all(axis=1)))
                    frames.append(writer.frame(difference(data, other)))
                    on_progress(count, total)
            files.append(_weight_entry(shard, frames, writer))
        others = [_other_entry(source, old, name, writer) for name in _other_files(source)]
        writer.finish(
            {
                "schema": SCHEMA,
                "version": package_version(),
                "base": str(base),
                "checkpoint": str(checkpoint),
                "chunk": _CHUNK,
                "files": files,
                "others": others,
            }
        )
    size = sum((source.folder / name).stat().st_size for name in _other_files(source))
    size += sum(shard.path.stat().st_size for shard in source.shards)
    return DeltaReport(
        path=out,
        weights=total,
        checkpoint_bytes=size,
        delta_bytes=out.stat().st_size,
        identical=same / total if total else None,
    )


def unpack(
    base: Path, delta: Path, out: Path, *, on_progress: Progress = lambda done, total: None
) -> DeltaReport:
    """Restore a checkpoint from its base and its delta; on any error, nothing is written.

    Args:
        base: The base. It may have other shards than when the delta was made, but the same weights.
        delta: The file that `pack` wrote.
        out: Folder of the checkpoint, which must not exist.
        on_progress: Called with the number of elements restored since the last call, and their total number.

    Raises:
        MergeError: The delta is damaged, or the base is another one.
        OSError: A file cannot be read or written.
    """
    if out.exists():
        raise MergeError(f"{out}: already exists; remove it or choose another --out")
    check_inputs([out], [base])
    old = open_checkpoint(base)
    with DeltaReader(delta) as reader:
        table = reader.table()
        if table["chunk"] != _CHUNK:
            raise MergeError(
                f"{delta}: has frames of {table['chunk']} elements, but this version has {_CHUNK}"
            )
        needed = sum(int(entry["size"]) for entry in (*table["files"], *table["others"]))
        with lock_folder(out.parent, "codefrontier merge delta unpack"):
            check_room(out.parent, needed)
            with explain_full_disk(out.parent, needed), pending_folder(out) as folder:
                weights = _restore(table, reader, old, folder, on_progress)
    return DeltaReport(path=out, weights=weights, checkpoint_bytes=needed, delta_bytes=delta.stat().st_size)


def _restore(
    table: dict[str, Any], reader: DeltaReader, old: Checkpoint, folder: Path, on_progress: Progress
) -> int:
    total = sum(_tensor(each).count for entry in table["files"] for each in entry["tensors"])
    with ShardReader(old) as theirs:
        for entry in table["files"]:
            frames = iter(entry["frames"])
            with ShardWriter(folder / _plain(entry["name"]), reader.frame(entry["header"])) as writer:
                for described in entry["tensors"]:
                    tensor = _tensor(described)
                    other = old.tensors.get(tensor.name)
                    for first, count in _chunks(tensor):
                        known = _expected(tensor, other, first, count, theirs)
                        writer.write(_restored(reader.frame(next(frames)), known, tensor))
                        on_progress(count, total)
            if writer.digest() != entry["sha256"]:
                raise MergeError(
                    f"the restored {entry['name']} differs from the packed file: the base {old.place} does "
                    f"not have the weights of {table['base']}, from which the delta was made"
                )
    for entry in table["others"]:
        target = folder / _inside(entry["name"])
        target.parent.mkdir(parents=True, exist_ok=True)
        content = (
            reader.frame(entry["frame"]) if entry["frame"] else (old.folder / entry["name"]).read_bytes()
        )
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise MergeError(f"{old.folder / entry['name']}: has changed since the delta was made")
        target.write_bytes(content)
    return total


def _restored(packed: bytes, known: Raw, tensor: Tensor) -> Raw:
    if len(packed) != known.size:
        raise MergeError(f"tensor {tensor.name!r}: a frame has {len(packed)} bytes instead of {known.size}")
    return restore(packed, known).reshape(-1)


def _weight_entry(shard: TensorFile, frames: list[list[int]], writer: DeltaWriter) -> dict[str, Any]:
    with shard.path.open("rb") as file:
        header = file.read(shard.data_start)
    return {
        "name": shard.path.name,
        "size": shard.path.stat().st_size,
        "sha256": file_digest(shard.path),
        "header": writer.frame(header),
        "tensors": [[each.name, each.code, list(each.shape)] for each in shard.tensors],
        "frames": frames,
    }


def _other_entry(source: Checkpoint, old: Checkpoint, name: str, writer: DeltaWriter) -> dict[str, Any]:
    content = (source.folder / name).read_bytes()
    known = old.folder / name
    same = known.is_file() and known.read_bytes() == content
    return {
        "name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "frame": None if same else writer.frame(content),
    }


def _other_files(source: Checkpoint) -> list[str]:
    extra = [name for name in (INDEX, MERGE, DIGESTS) if (source.folder / name).is_file()]
    return [*source.other_files, *extra]


def _pair(
    tensor: Tensor, base: Tensor | None, first: int, count: int, ours: ShardReader, theirs: ShardReader
) -> tuple[Raw, Raw]:
    data = np.empty(count * tensor.item_size, np.uint8)
    ours.read(tensor, first, data)
    return data.reshape(count, tensor.item_size), _expected(tensor, base, first, count, theirs)


def _expected(tensor: Tensor, base: Tensor | None, first: int, count: int, theirs: ShardReader) -> Raw:
    if base is None or not fits(tensor, base):
        return expected(tensor, None, np.empty(0, np.uint8), count)
    data = np.empty(count * base.item_size, np.uint8)
    theirs.read(base, first, data)
    return expected(tensor, base, data, count)


def _chunks(tensor: Tensor) -> Iterator[tuple[int, int]]:
    for first in range(0, tensor.count, _CHUNK):
        yield first, min(_CHUNK, tensor.count - first)


def _tensor(described: list[Any]) -> Tensor:
    name, code, shape = described
    return Tensor(name=name, code=code, shape=tuple(shape), file=Path(), start=0)


def _plain(name: str) -> str:
    # A name with a folder could point outside of the checkpoint.
    if Path(name).name != name or name in ("", ".", ".."):
        raise MergeError(f"the delta names the file {name!r}, which is no plain name")
    return name


def _inside(name: str) -> Path:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise MergeError(f"the delta names the file {name!r}, which would lie outside of the checkpoint")
    return path
