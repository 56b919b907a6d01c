"""What a tracker is: something outside of the run's own files that shows its metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from ...system import write_file
from ..errors import TrainingError


class TrackerError(TrainingError):
    """A tracker cannot be opened or does not take metrics; the run itself is not affected."""


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """What a tracker is told about a run."""

    out: Path
    """Folder of the run."""
    project: str
    """Name under which a tracker collects runs."""
    step: int
    """Number of steps in the checkpoint that the run continues from; 0 for a new run."""
    settings: Mapping[str, Any] = field(repr=False)
    """Settings of the run as JSON values."""

    @property
    def name(self) -> str:
        """Name of the run: the name of its folder."""
        return self.out.resolve().name


class Tracker(Protocol):
    """Takes the metrics of each step."""

    name: str
    """Name of the tracker, as in `--track`."""

    @property
    def recorded(self) -> int:
        """Largest step that the tracker already has; it is given later steps only."""

    def record(self, step: int, values: Mapping[str, float]) -> None:
        """Take the metrics of a step, by their flat names.

        Raises:
            TrackerError: The tracker does not take the metrics.
            OSError: A file of the tracker cannot be written.
        """

    def close(self, *, failed: bool) -> None:
        """Finish; `failed` says that the run ends by an error. Closing twice is harmless."""


class Ledger:
    """Remembers which steps a tracker elsewhere has, in a file in the folder of the run.

    A tracker elsewhere cannot be cut back to a checkpoint. So a step that the tracker was given once is never
    given again. The values would be equal except for the times, because a resumed run repeats its steps
    exactly.

    Args:
        path: The file.

    Raises:
        TrackerError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.run_id = uuid4().hex[:8]
        """Identity of the run at the tracker."""
        self.recorded = 0
        """Largest step that was given to the tracker."""
        if path.exists():
            try:
                known = json.loads(path.read_bytes())
                self.run_id, self.recorded = str(known["run_id"]), int(known["recorded"])
            except (ValueError, KeyError, TypeError) as error:
                raise TrackerError(
                    f"{path}: cannot be read: {error!r}; without the file the curves begin again"
                ) from error

    def note(self, step: int) -> None:
        """Remember a step; call it before the step is given to the tracker.

        If the process is killed in between, the tracker lacks this one step. The other order could give the
        step twice.
        """
        self.recorded = step
        write_file(self._path, json.dumps({"run_id": self.run_id, "recorded": step}) + "\n")
