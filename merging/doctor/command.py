"""The command `codefrontier merge doctor`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from ...terminal import INTERRUPTED, fail, print_json
from ..errors import MergeError
from .examine import Examination, examine
from .picture import check_suffix, draw
from .table import TENSOR_COLUMNS, lines, tensor_row

HEALTHY, ILL = 0, 1
_WIDTH = 160
"""Width of the tables, in columns, when the output is not a terminal."""


@dataclass(frozen=True, kw_only=True)
class DoctorCommand:
    """Examine a merge: norms, angles, effective alpha, what rounding did, and a picture by tensor.

    Each figure is printed with its meaning. The exit status is 0 if nothing is wrong, 1 if the merge has
    weights that are not finite, is almost a parent, is not where it was requested, or lives off changes that
    16 bits cannot hold, and 2 if the checkpoints cannot be compared. Memory does not depend on the size of
    the model.
    """

    merged: Annotated[Path, tyro.conf.Positional]
    """The merge."""
    parents: tuple[Path, ...]
    """Its parents, in the order of the merge: low and high, or those of the recipe. The folder of a run
    stands for its last checkpoint."""
    base: Path | None = None
    """What the parents were trained from; changes start here instead of at the first parent."""
    worst: int = 10
    """Number of tensors in the table: those whose effective alpha is farthest from the one of the whole."""
    picture: Path | None = None
    """File for a picture of the figures by tensor: PNG, SVG or PDF, by its suffix."""
    json: bool = False
    """Print one JSON object with all tensors instead of tables."""

    def run(self) -> int:
        """Examine, print, and return the exit status."""
        try:
            if self.picture:
                check_suffix(self.picture)
            examination = self._examine()
            if self.picture:
                draw(examination, self.picture)
        except (MergeError, OSError) as error:
            return fail(error, self)
        except KeyboardInterrupt:
            fail("stopped")
            return INTERRUPTED
        if self.json:
            print_json({**asdict(examination), "faults": examination.faults})
        else:
            _print(examination, self.worst)
        return ILL if examination.faults else HEALTHY

    def _examine(self) -> Examination:
        console = Console(stderr=True)
        columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("reading", total=None)
            return examine(
                self.merged,
                self.parents,
                base=self.base,
                on_progress=lambda done, total: bar.update(task, advance=done, total=total),
            )


def _print(examination: Examination, worst: int) -> None:
    console = Console(markup=False, highlight=False)
    console = console if console.is_terminal else Console(width=_WIDTH, markup=False, highlight=False)
    whole = examination.whole
    title = f"{examination.merged}: {whole.weights:,} weights in {len(examination.tensors)} tensors, "
    table = Table(title=title + " and ".join(examination.dtypes), title_justify="left")
    for column, justify in (("figure", "left"), ("value", "right"), ("meaning", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left", overflow="fold")
    for line in lines(examination):
        table.add_row(line.name, line.value, line.meaning)
    console.print(table)
    if worst > 0:
        tensors = Table(title="tensors farthest from the whole", title_justify="left")
        for number, column in enumerate(TENSOR_COLUMNS):
            tensors.add_column(column, justify="right" if number else "left", overflow="fold")
        for name in examination.worst(worst):
            tensors.add_row(*tensor_row(name, examination.tensors[name]))
        console.print(tensors)
    for fault in examination.faults:
        Console(stderr=True, soft_wrap=True).print(
            f"fault: {fault}", style="yellow", markup=False, highlight=False
        )
