"""The command `codefrontier merge recipe`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ...terminal import INTERRUPTED, fail, print_json
from ..engine.device import Device
from ..errors import MergeError
from .finished import check_finished, finished_report
from .recipe_file import read_recipe_file
from .run import RecipeReport, RunOptions, merge_recipes


@dataclass(frozen=True, kw_only=True)
class RecipeCommand:
    """Merge any number of checkpoints as a recipe file says: linear, task vectors, spheres, trajectories.

    The files have the keys of mergekit's: merge_method, models, base_model, parameters, dtype. The merge of
    `FILE.yaml` is written to `OUT/FILE`. After an interruption, the same command keeps the merges that are
    complete and continues with the others. The exit status is 0 when all merges are written, and 2 when one
    is refused; earlier ones stay.
    """

    files: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Recipe files in YAML or JSON; relative paths in a file start from its folder."""
    out: Path
    """Folder for the merges."""
    force: bool = False
    """Replace earlier merges."""
    device: Device = "cpu"
    """Where the weights are computed; `cuda` needs torch and a GPU, and gives the same bytes."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Merge, print, and return the exit status."""
        reports = []
        try:
            begun = any(not self._target(path).exists() for path in self.files)
            for path in self.files:
                is_there = begun and not self.force and self._target(path).exists()
                reports.append(self._kept(path) if is_there else self._merge(path))
                if not self.json:
                    _print(reports[-1])
        except (MergeError, OSError) as error:
            return fail(error, self)
        except KeyboardInterrupt:
            fail("stopped; the merge in progress was not written")
            return INTERRUPTED
        if self.json:
            print_json({"merges": [asdict(report) for report in reports]})
        return 0

    def _target(self, path: Path) -> Path:
        return self.out / path.stem

    def _kept(self, path: Path) -> RecipeReport:
        """Return the report of a merge that is complete.

        Raises:
            MergeError: It is the merge of another recipe or of other parents.
        """
        target = self._target(path)
        check_finished([target], [read_recipe_file(path)], relative_to=path.parent)
        return finished_report(target)

    def _merge(self, path: Path) -> RecipeReport:
        console = Console(stderr=True)
        columns = (TextColumn("merging"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("merging", total=None)
            options = RunOptions(
                relative_to=path.parent,
                force=self.force,
                device=self.device,
                on_progress=lambda done, total: bar.update(task, advance=done, total=total),
            )
            return merge_recipes([read_recipe_file(path)], self.out, [path.stem], options).reports[0]


def _print(report: RecipeReport) -> None:
    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{report.path}: {report.method} of {len(report.parents)} parents, {report.weights:,} weights"
    )
    effective = ("-",) * len(report.parents) if report.effective is None else (None, *report.effective)
    for parent, share, factor in zip(report.parents, report.identical, effective, strict=True):
        moved = (
            ""
            if factor is None
            else f", effective coefficient {factor if factor == '-' else f'{factor:.4f}'}"
        )
        console.print(f"  {parent}: {share:.2%} identical{moved}")
    for name, value in report.fit.items():
        console.print(f"  {name.replace('_', ' ')}: {value:.4g}")
