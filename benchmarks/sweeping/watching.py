"""Show the progress of a sweep: a bar in a terminal, else lines."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ...terminal import ProgressLines
from ..bench import Observer
from ..progress import ProgressBar


class SweepProgress:
    """Shows the progress of merging, and then of each benchmark; a context manager.

    Args:
        console: Console for the progress, other than the console for the results.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines = ProgressLines(console)
        self._open = ExitStack()
        self._merged = 0
        columns = (TextColumn("merging"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def merging(self, done: int, total: int) -> None:
        """Show how many weights are merged."""
        if self._task is None:
            self._open.close()
            self._open.enter_context(self._bar)
            self._task = self._bar.add_task("merging", total=total)
        self._merged += done
        self._bar.update(self._task, completed=self._merged)
        self._lines.print(f"merging {self._merged / total:.0%}", last=self._merged == total)

    def playing(self, name: str, number: int, total: int) -> Observer:
        """Print which merge is played, and return the bar of its episodes."""
        return self.playing_one(f"{name} ({number} of {total})")

    def playing_one(self, name: str) -> Observer:
        """Print what is played, and return the bar of its episodes."""
        self._open.close()  # a console has one live display at a time
        self._task, self._merged = None, 0
        self.say(f"{name}:")
        return self._open.enter_context(ProgressBar(self._console))
