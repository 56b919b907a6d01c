"""Event files of TensorBoard, written without a thread in between, so that an error belongs to its step.

`SummaryWriter` of torch writes in a thread of its own and reports a full disk at a later step. After a resume
it continues in a second file, and readers other than TensorBoard see the repeated steps twice. Here the steps
after the checkpoint are removed from the files before the run continues.
"""

from __future__ import annotations

import io
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat import tf
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.summary.writer.record_writer import RecordWriter

from ...system import explain_full_disk
from .catalogue import metric_of
from .tracker import TrackedRun

FOLDER = "tensorboard"
_VERSION = "brain.Event:2"
"""Version of the file format, in the first record of every event file."""


class EventFiles:
    """Writes RUN/tensorboard; removes the steps after the checkpoint first.

    Every call opens the file, appends and closes it, so nothing is lost when the process is killed.

    Args:
        run: The run.

    Raises:
        DiskFullError: The event file of a resumed run does not fit; the old files are unchanged.
        OSError: The folder cannot be written.
    """

    name = FOLDER

    def __init__(self, run: TrackedRun) -> None:
        folder = run.out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        old = sorted(folder.glob("events.out.tfevents.*"))
        kept = [
            event
            for path in old
            for event in _events(path)
            if 0 < event.step <= run.step and event.summary.value
        ]
        self.recorded = max((event.step for event in kept), default=0)
        self._described: set[str] = set()
        self._path = _new_path(folder, old)
        now = time.time()
        first = Event(wall_time=now, file_version=_VERSION)
        # An open TensorBoard has read the steps that are removed; this record makes it drop them.
        again = Event(step=run.step + 1, wall_time=now, session_log=SessionLog(status=SessionLog.START))
        self._replace([first, *kept, *([again] if old else [])], old)

    def record(self, step: int, values: Mapping[str, float]) -> None:
        """Append the metrics of a step.

        Raises:
            DiskFullError: The metrics do not fit.
            OSError: The file cannot be written.
        """
        summary = Summary(value=[self._value(name, value) for name, value in values.items()])
        data = _framed([Event(step=step, wall_time=time.time(), summary=summary)])
        with explain_full_disk(self._path, len(data)), self._path.open("ab") as file:
            file.write(data)
        self.recorded = step

    def close(self, *, failed: bool) -> None:
        """Do nothing: no file is open between two steps."""

    def _value(self, name: str, value: float) -> Any:
        metric = metric_of(name)
        if metric is None or name in self._described:
            return Summary.Value(tag=name, simple_value=value)
        self._described.add(name)  # TensorBoard takes the description from the first value of a curve
        about = SummaryMetadata(summary_description=f"{metric.meaning} Unit: {metric.unit.value}.")
        return Summary.Value(tag=name, simple_value=value, metadata=about)

    def _replace(self, events: Sequence[Any], old: Sequence[Path]) -> None:
        """Write the file atomically, and only then remove the old ones."""
        scratch = self._path.with_name(f".{self._path.name}.partial")
        data = _framed(events)
        try:
            with explain_full_disk(self._path, len(data)), scratch.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(scratch, self._path)
        finally:
            scratch.unlink(missing_ok=True)
        for path in old:
            path.unlink()


def _new_path(folder: Path, old: Sequence[Path]) -> Path:
    """Return the path of a file that TensorBoard reads after the old ones, by the order of the names."""
    latest = max(
        (int(path.name.split(".")[3]) for path in old if path.name.split(".")[3].isdigit()), default=0
    )
    return folder / f"events.out.tfevents.{max(int(time.time()), latest + 1):010d}.{socket.gethostname()}"


def _framed(events: Sequence[Any]) -> bytes:
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in events:
        writer.write(event.SerializeToString())
    return buffer.getvalue()


def _events(path: Path) -> Iterator[Any]:
    """Yield the events of a file up to its end, or up to a record that a crash or a full disk has torn."""
    records = RawEventFileLoader(str(path)).Load()
    while True:
        try:
            yield Event.FromString(next(records))
        except (StopIteration, tf.errors.DataLossError):
            return
