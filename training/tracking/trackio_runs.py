"""Runs in the local database of trackio; the only module that imports trackio."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout

import trackio

from .tracker import Ledger, TrackedRun, TrackerError


class TrackioRun:
    """Gives the metrics to trackio, which keeps them on this machine unless its own settings name a Space.

    Args:
        run: The run.

    Raises:
        TrackerError: trackio refuses the run.
    """

    name = "trackio"

    def __init__(self, run: TrackedRun) -> None:
        self._ledger = Ledger(run.out / "trackio.json")
        self._open = True
        with _explained():
            self._run = trackio.init(
                project=run.project,
                # trackio finds a run by its name, and folders of several experiments may have one name.
                name=f"{run.name}-{self._ledger.run_id}",
                config=dict(run.settings),
                resume="allow",
                embed=False,
                auto_log_gpu=False,
                auto_log_cpu=False,
            )

    @property
    def recorded(self) -> int:
        """Largest step that trackio has."""
        return self._ledger.recorded

    def record(self, step: int, values: Mapping[str, float]) -> None:
        """Give the metrics of a step to trackio."""
        self._ledger.note(step)
        with _explained():
            self._run.log(dict(values), step=step)

    def close(self, *, failed: bool) -> None:
        """Wait until everything is in the database."""
        if self._open:
            self._open = False
            with _explained():
                self._run.finish()


@contextmanager
def _explained() -> Iterator[None]:
    """Convert errors of trackio, and send what it prints to standard error: results go to standard output."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (sqlite3.Error, ValueError, RuntimeError) as error:
        raise TrackerError(f"trackio: {error}") from error
