"""Checkpoints of a run: ordinary transformers folders with the state that an exact resume needs.

`<out>/checkpoint-000010` holds the model in float32 and its tokenizer. Its file `trainer.pt` has the state of
the optimizer and of the run, and `digests.json` the SHA-256 of each file. A checkpoint is written under
another name and renamed once it is complete and on the disk, so a folder of that name is always complete.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, Any, Protocol

import torch
from safetensors import SafetensorError

from ..agents.policy.checkpoint import checkpoints, find_checkpoint
from ..system import (
    DIGESTS,
    DamagedError,
    check_digests,
    check_space,
    explain_full_disk,
    sync,
    sync_tree,
    write_digests,
)
from .errors import TrainingError
from .prepared import Prepared

__all__ = ["checkpoints", "find_checkpoint", "load_saved", "save_checkpoint"]

TRAINER = "trainer.pt"
FORMAT, WITHOUT_DIGESTS = 2, 1
"""Format numbers in `trainer.pt`: the current format, and the format before digests were written."""
SMALL_FILES = 1 << 20
"""Upper bound, in bytes, on the files of a checkpoint other than weights and optimizer state."""


@dataclass(frozen=True, kw_only=True)
class TrainerState:
    """The state of a run without weights and optimizer.

    The state of random generators is not part of it: all randomness is derived from seed and step.
    """

    stage: str
    """Kind of training: `sft`, `rl` or `equilibrium`."""
    step: int
    """Number of steps taken."""
    settings: Mapping[str, Any] = field(repr=False)
    """Settings that affect the results; a run must be resumed with equal ones."""
    progress: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Further state as JSON values, for example the state of the algorithm."""
    in_flight: Sequence[Prepared] = field(default=(), repr=False)
    """Batches that were sampled, in the order of their steps, and not yet learned from."""


class Saved(Protocol):
    """A model that can be written, such as `TrainedModel`."""

    @property
    def bytes(self) -> int:
        """Return the size of the weights in a checkpoint, in bytes."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model and its tokenizer."""
        ...


def save_checkpoint(out: Path, model: Saved, optimizer: Mapping[str, Any], state: TrainerState) -> Path:
    """Write a checkpoint atomically and return its folder.

    Args:
        out: Folder of the run.
        model: The model with its tokenizer.
        optimizer: State of the optimizer, as of `torch.optim.Optimizer.state_dict`.
        state: State of the run.

    Raises:
        DiskFullError: The checkpoint does not fit on the disk; the message names the file and the size.
        OSError: The checkpoint cannot be written.
    """
    folder = out / f"checkpoint-{state.step:06d}"
    scratch, old = (out / f".{folder.name}.{kind}" for kind in ("partial", "old"))
    needed = _bytes_of(model, optimizer)
    check_space(out, needed)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with explain_full_disk(scratch, needed, libraries=SafetensorError):
            _write(scratch, model, optimizer, state)
            sync_tree(scratch)
        # The name is taken if a run was resumed from an earlier checkpoint than its last one.
        if folder.exists():
            folder.rename(old)
        scratch.rename(folder)
        sync(out)  # the new name survives a power cut only once the parent folder is on the disk
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _write(scratch: Path, model: Saved, optimizer: Mapping[str, Any], state: TrainerState) -> None:
    model.save(scratch)
    described = {name: value for name, value in vars(state).items() if name != "in_flight"}
    content = {
        "format": FORMAT,
        "state": json.dumps(described, allow_nan=False),
        "optimizer": dict(optimizer),
    }
    if state.in_flight:
        content["in_flight"] = [batch.encode() for batch in state.in_flight]
    with (scratch / TRAINER).open("wb") as file:
        observed = _ObservedFile(file)
        try:
            torch.save(content, observed)  # type: ignore[arg-type]  # torch only writes and flushes
        except RuntimeError as error:  # torch replaces the OSError of a failed write
            raise observed.error or error from error
    write_digests(scratch)


class _ObservedFile:
    """A file for `torch.save` that keeps the error of a failed write."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write to the file, and keep the error if that fails."""
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()


def _bytes_of(model: Saved, optimizer: Mapping[str, Any]) -> int:
    """Return an estimate of the size of a checkpoint in bytes."""
    states = (value for state in optimizer["state"].values() for value in state.values())
    size: int = sum(value.numel() * value.element_size() for value in states if torch.is_tensor(value))
    return SMALL_FILES + model.bytes + size


def remove_scratch(out: Path) -> None:
    """Remove incomplete checkpoints of a killed run; the caller holds the lock of the folder."""
    for path in (*out.glob(".checkpoint-*.partial"), *out.glob(".checkpoint-*.old")):
        name = path.name.removeprefix(".").rpartition(".")[0]
        # The run was killed between the two renames of `save_checkpoint`: keep the old checkpoint.
        if path.suffix == ".old" and not (out / name).exists():
            path.rename(out / name)
        shutil.rmtree(path, ignore_errors=True)


def remove_earlier(out: Path, *, keep: int, spare: Path | None = None) -> None:
    """Remove all but the last checkpoints of a run; each removal is atomic.

    Args:
        out: Folder of the run.
        keep: Number of checkpoints that are kept.
        spare: A further checkpoint to keep, because the run started from it.
    """
    for folder in checkpoints(out)[:-keep]:
        if spare is not None and folder.resolve() == spare.resolve():
            continue
        old = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        shutil.rmtree(old, ignore_errors=True)


def check_whole(checkpoint: Path) -> None:
    """Check that no file of a checkpoint has changed since it was written.

    A checkpoint without digests, written by another program or an earlier version, passes the check.

    Raises:
        TrainingError: A file is damaged; the message names it.
    """
    if not (checkpoint / DIGESTS).exists():
        return
    try:
        check_digests(checkpoint)
    except DamagedError as error:
        raise TrainingError(str(error)) from error


@dataclass(frozen=True, kw_only=True)
class SavedState:
    """The contents of `trainer.pt`."""

    state: TrainerState
    optimizer: Mapping[str, Any] = field(repr=False)


def load_saved(checkpoint: Path) -> SavedState:
    """Read the state of a run and of its optimizer from a checkpoint.

    Raises:
        TrainingError: The file cannot be read, is damaged, or has another format.
    """
    path = checkpoint / TRAINER
    try:
        check_whole(checkpoint)
        content = torch.load(path, weights_only=True, map_location="cpu")
        if content["format"] not in (FORMAT, WITHOUT_DIGESTS):
            raise ValueError(f"its format is {content['format']!r}, but this version reads {FORMAT}")
        if content["format"] == FORMAT and not (checkpoint / DIGESTS).exists():
            raise TrainingError(f"{checkpoint / DIGESTS}: is missing")
        in_flight = tuple(Prepared.decode(batch) for batch in content.get("in_flight", ()))
        state = TrainerState(**json.loads(content["state"]), in_flight=in_flight)
        return SavedState(state=state, optimizer=content["optimizer"])
    except TrainingError as error:
        raise TrainingError(f"{error}; the run cannot be resumed from this checkpoint") from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, UnpicklingError) as error:
        raise TrainingError(f"{path}: the run cannot be resumed from this checkpoint: {error}") from error
