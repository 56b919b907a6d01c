"""The trackers of a run: opened before the first step, told each step, and turned off when they fail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from ...terminal import install_hint, sentence
from ..errors import TrainingError
from .metric import numbers
from .tracker import TrackedRun, Tracker, TrackerError

_logger = logging.getLogger(__name__)
_CLASSES: Final = {
    "tensorboard": ("event_files", "EventFiles"),
    "wandb": ("wandb_runs", "WandbRun"),
    "trackio": ("trackio_runs", "TrackioRun"),
}
"""Module and class of each tracker. Only these modules import the package of the same name."""
_EXTRAS: Final = {"tensorboard": "train", "wandb": "wandb", "trackio": "trackio"}


def check_installed(names: Iterable[str]) -> None:
    """Check that the packages of trackers are installed, without importing them.

    Raises:
        TrainingError: A package is missing; the message says how to install it.
    """
    for name in names:
        found = find_spec(name)
        # A folder of that name in the working directory, such as the one that wandb makes, has no origin.
        if found is None or found.origin is None:
            raise TrainingError(
                f"the tracker {name!r} (--track) needs the package {name}: {install_hint(_EXTRAS[name])}"
            )


def open_trackers(names: Sequence[str], run: TrackedRun, past: Sequence[Mapping[str, Any]]) -> Trackers:
    """Open trackers, and give each the past steps that it lacks.

    Args:
        names: Names of the trackers.
        run: The run.
        past: Lines of metrics.jsonl of the steps taken so far.

    Raises:
        TrackerError: A tracker cannot be opened.
        OSError: A file cannot be written.
    """
    opened: list[Tracker] = []
    for name in dict.fromkeys(names):
        module, kind = _CLASSES[name]
        make: Callable[[TrackedRun], Tracker] = getattr(import_module(f".{module}", __package__), kind)
        opened.append(make(run))
    trackers = Trackers(opened)
    for line in past:
        trackers.record(line)
    return trackers


class Trackers:
    """Gives metrics to several trackers.

    A tracker that fails is turned off with a warning, and the run goes on: metrics.jsonl has everything, and
    the next start with `--resume` gives the tracker what it lacks.

    Args:
        trackers: Open trackers, which are closed by `close`.
    """

    def __init__(self, trackers: Sequence[Tracker] = ()) -> None:
        self._trackers = list(trackers)

    def record(self, metrics: Mapping[str, Any]) -> None:
        """Give the metrics of a step, with the key `step`, to the trackers that do not have them yet."""
        if not self._trackers:
            return
        step, values = int(metrics["step"]), numbers(metrics)
        for tracker in [each for each in self._trackers if step > each.recorded]:
            try:
                tracker.record(step, values)
            except (TrackerError, OSError) as error:
                self._trackers.remove(tracker)
                self._warn(tracker, f"is turned off at step {step}", error)
                self._close(tracker, failed=True)

    def close(self, *, failed: bool) -> None:
        """Close the trackers; `failed` says that the run ends by an error."""
        while self._trackers:
            self._close(self._trackers.pop(), failed=failed)

    def _close(self, tracker: Tracker, *, failed: bool) -> None:
        try:
            tracker.close(failed=failed)
        except (TrackerError, OSError) as error:
            self._warn(tracker, "could not be closed", error)

    def _warn(self, tracker: Tracker, what: str, error: Exception) -> None:
        _logger.warning(
            "the tracker %s %s: %s; metrics.jsonl has all steps, and --resume gives it what it lacks",
            tracker.name,
            what,
            sentence(error),
        )
