"""The command `codefrontier merge extract-lora`."""

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
from .extract import Extraction, Rest, extract_lora

_WIDTH = 120
"""Width of the table, in columns, when the output is not a terminal."""


@dataclass(frozen=True, kw_only=True)
class ExtractLoraCommand:
    """Write the difference of a checkpoint from its base as a LoRA adapter of peft, by truncated SVD.

    The relative error of each tensor and of the whole is printed: the differences of a full fine-tuning are
    close to full rank, so an adapter of them may be far from the checkpoint. The exit status is 0 when the
    adapter is written and 2 when it cannot be.
    """

    base: Annotated[Path, tyro.conf.Positional]
    """Base of the adapter."""
    checkpoint: Annotated[Path, tyro.conf.Positional]
    """Checkpoint to approximate."""
    rank: int
    """Rank of the factors; vLLM serves 1, 8, 16, 32, 64, 128, 256, 320 and 512."""
    out: Path
    """Folder of the adapter, which must not exist."""
    rest: Rest = "refuse"
    """What becomes of tensors that differ and cannot be factors, such as norms and embeddings: refuse to
    write, save them whole in modules_to_save, or drop their changes."""
    seed: int = 0
    """Seed of the decomposition of large matrices."""
    worst: int = 10
    """Number of tensors in the table: those with the largest error."""
    json: bool = False
    """Print one JSON object with all tensors instead of text."""

    def run(self) -> int:
        """Extract, print, and return the exit status."""
        try:
            extraction = self._extract()
        except (MergeError, OSError) as error:
            return fail(error, self)
        except KeyboardInterrupt:
            fail("stopped; nothing was written")
            return INTERRUPTED
        if self.json:
            tensors = [{**asdict(each), "relative_error": each.relative_error} for each in extraction.tensors]
            whole = {name: getattr(extraction, name) for name in ("norm", "error", "relative_error")}
            print_json({**asdict(extraction), **whole, "tensors": tensors})
        else:
            _print(extraction, self.worst)
        return 0

    def _extract(self) -> Extraction:
        console = Console(stderr=True)
        columns = (TextColumn("extracting"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("extracting", total=None)
            return extract_lora(
                *(self.base, self.checkpoint, self.out),
                rank=self.rank,
                rest=self.rest,
                seed=self.seed,
                on_progress=lambda done, total: bar.update(task, advance=done, total=total),
            )


def _print(extraction: Extraction, worst: int) -> None:
    console = Console(markup=False, highlight=False)
    console = console if console.is_terminal else Console(width=_WIDTH, markup=False, highlight=False)
    kinds = [each.kind for each in extraction.tensors]
    console.print(
        f"{extraction.path}: rank {extraction.rank}, {kinds.count('factors')} matrices as factors, "
        f"{kinds.count('saved')} tensors whole, {kinds.count('dropped')} dropped, {extraction.equal} equal; "
        f"{extraction.adapter_bytes / 1e6:,.2f} MB instead of {extraction.checkpoint_bytes / 1e6:,.2f} MB",
        soft_wrap=True,
    )
    console.print(
        f"relative error {extraction.relative_error:.4g}: |difference - adapter| / |difference|, of "
        f"|difference| = {extraction.norm:.4g}",
        soft_wrap=True,
    )
    if worst <= 0:
        return
    table = Table(title="largest errors", title_justify="left")
    table.add_column("tensor", overflow="fold")
    for column in ("as", "norm of the difference", "error", "relative error"):
        table.add_column(column, justify="right")
    for each in sorted(extraction.tensors, key=lambda each: each.error, reverse=True)[:worst]:
        table.add_row(
            each.name, each.kind, f"{each.norm:.4g}", f"{each.error:.4g}", f"{each.relative_error:.4g}"
        )
    console.print(table)
