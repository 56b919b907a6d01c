"""The files of a merge besides its weights, and checks before it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..system import DiskFullError, check_space, explain_full_disk, lock_folder
from .checkpoints.checkpoint import CONFIG, INDEX, WEIGHTS, Checkpoint
from .errors import MergeError
from .output import PendingFolders, check_targets, copy_files, take_over
from .plan import MergePlan
from .recipe import package_version
from .resuming.journal import identity_of

# A substitution in the text, unlike parsing and writing JSON, leaves the rest of the file unchanged.
_DTYPE_ENTRY = re.compile(r'("(?:torch_)?dtype"\s*:\s*")(?:float32|float16|bfloat16)(")')


def check_rounding(plan: MergePlan) -> None:
    """Refuse stochastic rounding of weights that are not rounded.

    Raises:
        MergeError: No tensor of the merges has 16 bits.
    """
    forms = [plan.form_of(tensor) for tensor in plan.parents[0].tensors.values()]
    if plan.rounding == "stochastic" and not any(form and form.short for form in forms):
        raise MergeError(
            "stochastic rounding needs 16-bit output, but all weights would be written as float32"
        )


def bytes_of_a_merge(plan: MergePlan) -> int:
    """Return the size of one merge on the disk."""
    low = plan.parents[0]
    others = sum((low.folder / name).stat().st_size for name in low.other_files)
    return others + sum(plan.data_size(shard) + shard.data_start for shard in low.shards)


@contextmanager
def pending_merges(
    plan: MergePlan, out: Path, targets: Sequence[Path], *, force: bool, names: str
) -> Iterator[PendingFolders]:
    """Lock a folder and make the hidden folders of merges, or take over those of a killed process.

    Args:
        plan: The merges.
        out: Folder for the merges; created if missing.
        targets: Folder in it for each merge.
        force: Whether to replace earlier merges.
        names: Pattern of the names of the merges whose leftovers are removed.

    Raises:
        MergeError: A target exists, or there is too little space.
        OSError: The folder is in use, or cannot be written.
    """
    with lock_folder(out, "codefrontier merge"):
        journal = take_over(out, targets, identity_of(plan, targets, package_version()), names=names)
        if not journal.placed:
            check_targets(targets, force=force)
        needed = len(targets) * bytes_of_a_merge(plan)
        written = sum(path.stat().st_size for folder in journal.folders for path in folder.glob("*"))
        check_room(out, max(0, needed - written))
        with explain_full_disk(out, needed), PendingFolders(targets, journal, replace=force) as pending:
            yield pending


def check_room(out: Path, needed: int) -> None:
    """Refuse merges that do not fit on the disk.

    Raises:
        MergeError: There is too little space.
    """
    try:
        check_space(out, needed)
    except DiskFullError as error:
        raise MergeError(str(error)) from error


def write_other_files(plan: MergePlan, folder: Path) -> None:
    """Copy the anchor's files to a merge, with the dtype and the sizes of the merge."""
    low = plan.parents[0]
    copy_files(low.folder, low.other_files, folder)
    if low.converted:
        _write_config(low, folder / CONFIG)
    if plan.form or low.converted:
        _set_dtype(folder / CONFIG, plan.form.name if plan.form else low.dtype)
    total_size = sum(map(plan.data_size, low.shards))
    if low.converted and low.shards[0].path.name != WEIGHTS:
        _write_new_index(low, folder / INDEX, total_size)
    elif not low.converted and (low.folder / INDEX).is_file():
        _write_index(low, folder / INDEX, total_size)


def _set_dtype(config: Path, dtype: str) -> None:
    """Set the dtype in config.json, because loaders convert weights to the dtype that it names.

    The rest of the file is unchanged; a file that names no dtype is unchanged as a whole.
    """
    config.write_text(_DTYPE_ENTRY.sub(rf"\g<1>{dtype}\g<2>", config.read_text()))


def _write_index(low: Checkpoint, target: Path, total_size: int) -> None:
    content = json.loads((low.folder / INDEX).read_bytes())
    content["metadata"] = {**content.get("metadata", {}), "total_size": total_size}
    for name in low.copies:
        del content["weight_map"][name]
    target.write_text(json.dumps(content, indent=2) + "\n")


def _write_new_index(low: Checkpoint, target: Path, total_size: int) -> None:
    weight_map = {tensor.name: shard.path.name for shard in low.shards for tensor in shard.tensors}
    content = {"metadata": {"total_size": total_size}, "weight_map": dict(sorted(weight_map.items()))}
    target.write_text(json.dumps(content, indent=2) + "\n")


def _write_config(low: Checkpoint, target: Path) -> None:
    """Remove settings that converted weights do not have, such as a quantisation, from config.json."""
    content = json.loads(target.read_bytes())
    if content.keys() != low.config.keys():
        target.write_text(json.dumps(low.config, indent=2) + "\n")
