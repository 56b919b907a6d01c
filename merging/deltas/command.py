"""The commands `codefrontier merge delta pack` and `codefrontier merge delta unpack`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ...terminal import INTERRUPTED, fail, print_json
from ..errors import MergeError
from .store import LEVEL, DeltaReport, pack, unpack

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class PackCommand:
    """Store a checkpoint as its difference from a base, exactly: XOR of the bits, compressed with zstandard.

    The exit status is 0 when the delta is written and 2 when it cannot be. The smaller the difference, the
    smaller the file: checkpoints of reinforcement learning in bfloat16 become several times smaller.
    """

    base: Annotated[Path, tyro.conf.Positional]
    """Checkpoint that stays; it is needed to restore the other one."""
    checkpoint: Annotated[Path, tyro.conf.Positional]
    """Checkpoint to store."""
    out: Path
    """File of the delta."""
    level: int = LEVEL
    """Level of the compression, from 1 (fast) to 22 (small)."""
    force: bool = False
    """Replace an existing file."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Pack, print, and return the exit status."""

        def work(on_progress: OnProgress) -> DeltaReport:
            return pack(
                *(self.base, self.checkpoint, self.out),
                level=self.level,
                force=self.force,
                on_progress=on_progress,
            )

        return _run(self, work, as_json=self.json)


@dataclass(frozen=True, kw_only=True)
class UnpackCommand:
    """Restore a checkpoint from its base and its delta, to the bit.

    The exit status is 0 when the checkpoint is written and 2 when it cannot be; then nothing is written. The
    digest of each file is checked.
    """

    base: Annotated[Path, tyro.conf.Positional]
    """Checkpoint from which the delta was made."""
    delta: Annotated[Path, tyro.conf.Positional]
    """File of the delta."""
    out: Path
    """Folder of the restored checkpoint, which must not exist."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Restore, print, and return the exit status."""

        def work(on_progress: OnProgress) -> DeltaReport:
            return unpack(self.base, self.delta, self.out, on_progress=on_progress)

        return _run(self, work, as_json=self.json)


def _run(command: object, work: Callable[[OnProgress], DeltaReport], *, as_json: bool) -> int:
    console = Console(stderr=True)
    columns = (TextColumn("delta"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("delta", total=None)
            report = work(lambda done, total: bar.update(task, advance=done, total=total))
    except (MergeError, OSError) as error:
        return fail(error, command)
    except KeyboardInterrupt:
        fail("stopped; nothing was written")
        return INTERRUPTED
    if as_json:
        print_json({**asdict(report), "ratio": report.ratio})
    else:
        _print(report)
    return 0


def _print(report: DeltaReport) -> None:
    same = "" if report.identical is None else f", {report.identical:.2%} equal to the base"
    Console(markup=False, highlight=False, soft_wrap=True).print(
        f"{report.path}: {report.weights:,} weights{same}; "
        f"checkpoint {report.checkpoint_bytes / 1e6:,.2f} MB, delta {report.delta_bytes / 1e6:,.2f} MB, "
        f"ratio {report.ratio:.2f}"
    )
