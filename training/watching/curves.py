"""The metrics of runs as curves, read again as the runs grow."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import TrainingError
from ..tracking.charts import drawn
from ..tracking.metric import numbers

METRICS_FILE = "metrics.jsonl"
RUN_FILE = "run.json"


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Some steps of a run, by columns."""

    generation: int
    """Number of times that steps already read were dropped, because a resume began at an earlier step."""
    start: int
    """Number of lines before the first line here."""
    steps: tuple[int, ...]
    """Step of each line."""
    values: Mapping[str, tuple[float | None, ...]] = field(repr=False)
    """Value of each line by the flat name of the metric; None where the line does not have the metric."""


class WatchedRun:
    """A run, whose new lines are read by `refresh`. Safe to use from several threads.

    Args:
        folder: Folder of the run.
        name: Name to show.
    """

    def __init__(self, folder: Path, *, name: str) -> None:
        self.folder = folder
        self.name = name
        self.failure = ""
        """Reason why the last step failed; empty when it did not."""
        self._lock = threading.Lock()
        self._generation = 0
        self._identity: tuple[int, int] | None = None
        self._offset = 0
        self._steps: list[int] = []
        self._lines: list[dict[str, float]] = []

    def about(self) -> dict[str, Any]:
        """Return the stage and the settings that tell the run from others, as JSON values."""
        try:
            start = json.loads((self.folder / RUN_FILE).read_bytes())["starts"][-1]["settings"]
        except (OSError, ValueError, LookupError, TypeError):
            start = {}  # run.json says nothing that the curves need
        known = {key: start.get(key) for key in ("stage", "steps", "algorithm", "coverage", "lr", "seed")}
        return {"name": self.name, "failure": self.failure, **known}

    def refresh(self) -> None:
        """Read the lines that were added; begin again when the file was replaced, as a resume does.

        Raises:
            TrainingError: A complete line does not hold the metrics of a step.
            OSError: The file cannot be read.
        """
        with self._lock:
            self._read(self.folder / METRICS_FILE)

    def curves(self, *, generation: int = 0, start: int = 0) -> Curves:
        """Return the lines from `start` on, or all when lines of that generation were dropped."""
        with self._lock:
            now = self._generation
            first = min(start, len(self._steps)) if generation == now else 0
            steps, lines = tuple(self._steps[first:]), self._lines[first:]
        names = dict.fromkeys(name for line in lines for name in line)
        return Curves(
            generation=now,
            start=first,
            steps=steps,
            values={name: tuple(line.get(name) for line in lines) for name in names},
        )

    def _read(self, path: Path) -> None:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            about = os.fstat(file.fileno())
            identity = (about.st_dev, about.st_ino)
            if self._identity != identity or about.st_size < self._offset:
                self._begin_again(identity)
            file.seek(self._offset)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]  # the run may be in the middle of a line
        self._offset += len(whole)
        for text in whole.splitlines():
            self._add(path, text)

    def _begin_again(self, identity: tuple[int, int]) -> None:
        self._generation += self._identity is not None
        self._identity, self._offset, self.failure = identity, 0, ""
        self._steps, self._lines = [], []

    def _add(self, path: Path, text: bytes) -> None:
        try:
            line = json.loads(text)
            step = int(line["step"])
        except (ValueError, KeyError, TypeError) as error:
            raise TrainingError(f"{path}: a line does not hold the metrics of a step: {error!r}") from error
        if "error" in line:
            self.failure = f"step {step}: {line['error']}"
            return
        self._steps.append(step)
        self._lines.append(drawn(numbers(line)))


def find_runs(paths: Sequence[Path]) -> list[WatchedRun]:
    """Return the runs in folders; a folder without metrics stands for the runs in it.

    Raises:
        TrainingError: A folder is no run and holds none.
    """
    folders = list(dict.fromkeys(folder for path in paths for folder in _folders(path)))
    names = _names(folders)
    return [WatchedRun(folder, name=name) for folder, name in zip(folders, names, strict=True)]


def _folders(path: Path) -> list[Path]:
    if path.name == METRICS_FILE and path.is_file():
        return [path.parent]
    if not path.is_dir():
        raise TrainingError(f"{path} is no folder of a run")
    if any((path / name).is_file() for name in (METRICS_FILE, RUN_FILE)):
        return [path]
    inside = sorted(file.parent for file in path.glob(f"*/{METRICS_FILE}"))
    if not inside:
        raise TrainingError(f"{path} has no {METRICS_FILE}, and no folder in it has one: no run to watch")
    return inside


def _names(folders: Sequence[Path]) -> Iterator[str]:
    """Yield the shortest ends of the paths that tell the folders apart."""
    parts = [folder.resolve().parts for folder in folders]
    for own in parts:
        count = 1
        while count < len(own) and sum(other[-count:] == own[-count:] for other in parts) > 1:
            count += 1
        yield "/".join(own[-count:])


def smoothed(values: Sequence[float | None], weight: float) -> list[float | None]:
    """Return the moving average with decay `weight` in [0, 1), without a bias to the first value.

    The average at a place is the weighted mean of the values up to there, where a value k places back has the
    weight `weight` ** k. None stays None and has no weight.
    """
    total = count = 0.0
    result: list[float | None] = []
    for value in values:
        if value is None:
            result.append(None)
            continue
        total, count = weight * total + value, weight * count + 1
        result.append(total / count)
    return result
