"""The parts that supervised training and reinforcement share: start or resume, metrics, checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..system import DiskFullError, lock_folder
from .checkpoint import (
    Saved,
    TrainerState,
    checkpoints,
    load_saved,
    remove_earlier,
    remove_scratch,
    save_checkpoint,
)
from .errors import DivergedError, TrainingError
from .metrics import MetricsLog
from .prepared import Prepared
from .provenance import write_run
from .settings import RunSettings
from .tracking.tracker import TrackedRun
from .tracking.trackers import open_trackers

FREE = (
    *("out", "resume", "steps", "checkpoint_every", "keep", "workers", "judge", "track", "track_project"),
    *("engine", "ray_address", "judge_model_base", "judge_model_cost_usd"),
    *("init", "from_records", "rows"),
)
"""Settings in which a resumed run may differ, because they do not affect the results of a step.

Those of the last line are compared by the digest of what they name instead of by their path."""


@dataclass(frozen=True, kw_only=True)
class ResumedRun:
    """The last checkpoint of a run that is resumed."""

    folder: Path
    state: TrainerState
    optimizer: Mapping[str, Any] = field(repr=False)


def deciding(settings: RunSettings, **more: object) -> dict[str, Any]:
    """Return the settings that affect the results of a run, and further values, as JSON values."""
    chosen = {name: value for name, value in vars(settings).items() if name not in FREE}
    return _plain({**chosen, **more})


def _plain(settings: Mapping[str, object]) -> dict[str, Any]:
    def as_json(value: Any) -> object:
        return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)

    return dict(json.loads(json.dumps(dict(settings), default=as_json)))


@contextmanager
def own_folder(out: Path, stage: str) -> Iterator[None]:
    """Hold the lock of a run's folder, after removing incomplete checkpoints of a killed run.

    Raises:
        FolderInUseError: Another run holds the lock; the message says which.
        TrainingError: The disk is full; the message names the last good checkpoint.
    """
    with lock_folder(out, f"codefrontier train {stage}"):
        remove_scratch(out)
        try:
            yield
        except DiskFullError as error:
            raise TrainingError(f"{error}; {last_good(out)}") from error


def last_good(out: Path) -> str:
    """Return a clause that names the checkpoint from which a run that ended early can be resumed."""
    found = checkpoints(out)
    if not found:
        return "the run has no checkpoint yet"
    return f"the last good checkpoint is {found[-1]}; --resume continues from it"


def load_last(settings: RunSettings, stage: str, deciders: Mapping[str, Any]) -> ResumedRun | None:
    """Read the state of the last checkpoint of the run; return None when the run has no checkpoint yet.

    Raises:
        TrainingError: There are checkpoints and `resume` is not set, they belong to another run, or the last
            one is damaged.
    """
    found = checkpoints(settings.out)
    if not found:
        return None
    if not settings.resume:
        raise TrainingError(
            f"{settings.out} already contains checkpoints of a run: give --resume to continue that run, or "
            "another --out"
        )
    try:
        saved = load_saved(found[-1])
    except TrainingError as error:
        raise TrainingError(f"{error}: {_way_back(found)}") from error
    _check_same(found[-1], saved.state, stage, _defaults(settings), deciders)
    return ResumedRun(folder=found[-1], state=saved.state, optimizer=saved.optimizer)


def _defaults(settings: RunSettings) -> dict[str, Any]:
    """Return the default of each setting that has one, as JSON values."""
    known: dict[str, object] = {}
    for each in fields(settings):
        if each.default is not MISSING:
            known[each.name] = each.default
        elif each.default_factory is not MISSING:
            known[each.name] = each.default_factory()
    return _plain(known)


def _way_back(found: Sequence[Path]) -> str:
    """Say how to continue when the last checkpoint is damaged: from the last checkpoint that is not."""
    for place in range(len(found) - 2, -1, -1):
        try:
            load_saved(found[place])
        except TrainingError:
            continue
        removed = " and ".join(str(path) for path in found[place + 1 :])
        return f"{found[place]} is whole; to continue from it, remove {removed} and give --resume again"
    return "no earlier checkpoint is whole, so the run must be started again, in another --out"


def _check_same(
    path: Path, state: TrainerState, stage: str, defaults: Mapping[str, Any], deciders: Mapping[str, Any]
) -> None:
    theirs = _flat({"stage": state.stage, **state.settings})
    ours = _flat({"stage": stage, **deciders})
    known = _flat(defaults)
    unlike = [
        f"{name} {theirs.get(name, known.get(name))!r} instead of {ours.get(name)!r}"
        for name in sorted({*theirs, *ours})
        # A run of an earlier version lacks settings that it could not have; they have their defaults.
        if theirs.get(name, known.get(name)) != ours.get(name)
    ]
    if unlike:
        raise TrainingError(
            f"{path} belongs to a run with other settings ({', '.join(unlike)}): resume it with the same "
            "settings"
        )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return settings that hold further settings as one mapping, with a dot between the names."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        inner = isinstance(value, Mapping)
        found |= _flat(value, f"{prefix}{name}.") if inner else {f"{prefix}{name}": value}
    return found


class RunFolder:
    """Writes the files of a run: run.json, metrics.jsonl and checkpoints; and gives metrics to the trackers.

    It is a context manager, which closes the trackers.

    Args:
        settings: Settings of the run.
        stage: Kind of training: `sft`, `rl` or `equilibrium`.
        deciders: Settings that must be the same when the run is resumed.
        step: Number of steps taken so far.
        model: Description of the model for run.json.

    Raises:
        TrainingError: Files of an earlier start cannot be read, or a tracker cannot be opened.
        OSError: The folder cannot be written.
    """

    def __init__(
        self,
        settings: RunSettings,
        *,
        stage: str,
        deciders: Mapping[str, Any],
        step: int,
        model: Mapping[str, Any],
    ) -> None:
        self._settings = settings
        self._stage = stage
        self._deciders = dict(deciders)
        every = _plain(vars(settings))
        chosen = {"stage": stage, "from_step": step, **every, **self._deciders, "model": dict(model)}
        write_run(settings.out, chosen)
        self._log = MetricsLog(settings.out, step=step)
        tracked = TrackedRun(
            out=settings.out,
            project=settings.track_project,
            step=step,
            settings={"stage": stage, **self._deciders},
        )
        self._trackers = open_trackers(settings.track, tracked, self._log.kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._trackers.close(failed=kind is not None)

    def note(self, metrics: Mapping[str, Any]) -> None:
        """Append the metrics of a step, and give them to the trackers."""
        self._log.write(metrics)
        self._trackers.record(metrics)

    def failed(self, step: int, error: TrainingError, metrics: Mapping[str, Any]) -> TrainingError:
        """Append a line about a step that failed, and return the error to raise.

        Args:
            step: Number of the failed step, from 1.
            error: Reason of the failure.
            metrics: Metrics of the step as far as they are known.
        """
        why: dict[str, Any] = {"error": str(error)}
        if isinstance(error, DivergedError):
            why["diverged"] = {"figure": error.figure, "value": str(error.value)}
        self._log.write({"step": step, **metrics, **why})
        return TrainingError(f"step {step}: {error}; {last_good(self._settings.out)}")

    def is_due(self, step: int, last: int) -> bool:
        """Return whether a checkpoint must be written after this step."""
        return step == last or step % self._settings.checkpoint_every == 0

    def save(
        self,
        step: int,
        model: Saved,
        optimizer: Mapping[str, Any],
        progress: Mapping[str, Any],
        in_flight: Sequence[Prepared] = (),
    ) -> Path:
        """Write a checkpoint, and remove earlier ones if the settings limit their number.

        `optimizer` is the state of the optimizer.
        """
        state = TrainerState(
            stage=self._stage,
            step=step,
            settings=self._deciders,
            progress=dict(progress),
            in_flight=in_flight,
        )
        path = save_checkpoint(self._settings.out, model, optimizer, state)
        if self._settings.keep is not None:
            spare = getattr(self._settings, "init", None)
            remove_earlier(self._settings.out, keep=self._settings.keep, spare=spare)
        return path
