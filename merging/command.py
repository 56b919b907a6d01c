"""The command `codefrontier merge`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..terminal import INTERRUPTED, fail, print_json
from .checkpoints.agreement import Agreement
from .engine.device import Device
from .errors import MergeError
from .merge import MergeOptions, OutDtype, Sweep, SweepRefusedError, merge_sweep
from .plan import Rounding
from .recipe import MergeReport
from .staircase import Step, alpha_text

DONE, REFUSED = 0, 1
_WIDTH = 120
"""Width of the tables, in columns, when the output is not a terminal."""
_ADVICE = (
    "Nothing was written. Rounding hides such small differences: use --rounding stochastic or "
    "--out-dtype float32, merge float32 checkpoints if you have them, or keep the sweep with --force."
)


@dataclass(frozen=True, kw_only=True)
class MergeCommand:
    """Merge two checkpoints: low + alpha * (high - low), for any real alphas, in one pass.

    The exit status is 0 when the merges are written, 1 when they are refused because merges at neighbouring
    alphas hardly differ, and 2 when the checkpoints cannot be merged or an argument is wrong. Memory does not
    depend on the size of the model: about 60 MiB for one alpha, and some MiB more for every further alpha.
    """

    low: Path
    """Checkpoint at alpha 0: a folder with safetensors weights, a LoRA adapter, or a folder of
    torch.distributed.checkpoint or with the shards of FSDP ranks; or the folder of a run, for its last
    checkpoint."""
    high: Path
    """Checkpoint at alpha 1."""
    alpha: tuple[float, ...]
    """One or more alphas; alphas outside [0, 1] extrapolate."""
    out: Path
    """Folder for the merges, each in a folder of its own such as `alpha-0.25`."""
    out_dtype: OutDtype = "same"
    """Dtype of the merged weights; `same` uses the dtype in low, tensor by tensor."""
    rounding: Rounding = "nearest"
    """Rounding of the merged weights. `stochastic` keeps merges of 16-bit checkpoints at close alphas
    different, where `nearest` can round several alphas to the same weights."""
    seed: int = 0
    """Seed of the noise of stochastic rounding."""
    allow: tuple[str, ...] = ()
    """Fields in which the parents may differ, for example `chat_template eos_token_id`; the merges use the
    values of low. Differences without an effect, such as tool versions, need not be named."""
    base: Path | None = None
    """Base of parents that are LoRA adapters, if it is not the folder that their settings name; also the
    model with the settings of parents in shards, if no `config.json` lies beside them."""
    force: bool = False
    """Replace earlier merges, and write a sweep although its neighbours hardly differ."""
    device: Device = "cpu"
    """Where the weights are computed; `cuda` needs torch and a GPU, and gives the same bytes."""
    json: bool = False
    """Print one JSON object instead of a table."""

    def run(self) -> int:
        """Merge, print, and return the exit status."""
        try:
            sweep = self._merge()
        except SweepRefusedError as refusal:
            self._print_results(refusal.reports, refusal.steps)
            _print_messages("refused", *refusal.faults, _ADVICE)
            return REFUSED
        except (MergeError, OSError) as error:
            return fail(error, self)
        except KeyboardInterrupt:
            fail("stopped; nothing was written")
            return INTERRUPTED
        self._print_results(sweep.reports, sweep.steps, sweep.agreement)
        if sweep.faults:
            _print_messages("warning", *sweep.faults)
        return DONE

    def _print_results(
        self, reports: list[MergeReport], steps: list[Step], agreement: Agreement | None = None
    ) -> None:
        if self.json:
            neighbours = {alpha_text(each.alpha): _neighbour(each.alpha, steps) for each in reports}
            merges = [{**asdict(each), "neighbour": neighbours[alpha_text(each.alpha)]} for each in reports]
            print_json({"merges": merges, "differences": asdict(agreement) if agreement else None})
            return
        _print_table(reports, steps)
        if agreement:
            _print_differences(agreement)

    def _merge(self) -> Sweep:
        options = MergeOptions(
            out_dtype=self.out_dtype,
            rounding=self.rounding,
            seed=self.seed,
            force=self.force,
            allow=self.allow,
            base=self.base,
            device=self.device,
        )
        with _sigterm_cleans_up(), self._bar() as bar:
            task = bar.add_task("merging", total=None)
            return merge_sweep(
                *(self.low, self.high, self.alpha, self.out, options),
                on_progress=lambda done, total: bar.update(task, advance=done, total=total),
            )

    def _bar(self) -> Progress:
        console = Console(stderr=True)
        columns = (TextColumn("merging"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def _sigterm_cleans_up() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that incomplete merges are removed."""

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the cleanup
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_table(reports: list[MergeReport], steps: list[Step]) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=_WIDTH)
    first = reports[0]
    title = (
        f"{first.weights:,} weights, {first.differing:.1%} differ between the parents; "
        f"|high - low| = {first.delta_norm:.4g}, at most {first.largest_delta:.4g} per weight"
    )
    table = Table(title=title, title_justify="left")
    for name in (
        "alpha",
        "effective alpha",
        "identical to low",
        "identical to high",
        "identical to neighbour",
    ):
        table.add_column(name, justify="right")
    table.add_column("folder", overflow="fold")
    for report in reports:
        effective = "-" if report.effective_alpha is None else f"{report.effective_alpha:.4f}"
        shares = (f"{share:.2%}" for share in (report.identical_to_low, report.identical_to_high))
        table.add_row(
            alpha_text(report.alpha), effective, *shares, _neighbour(report.alpha, steps), str(report.path)
        )
    console.print(table)


def _print_differences(agreement: Agreement) -> None:
    """Print the accepted differences between the parents."""
    console = Console(markup=False, highlight=False, soft_wrap=True)
    for kind, texts in (("no effect", agreement.harmless), ("allowed", agreement.allowed)):
        for text in texts:
            console.print(f"difference ({kind}; the merges follow low): {text}")


def _neighbour(alpha: float, steps: list[Step]) -> str:
    """Return the share of weights that a merge shares with its most similar neighbour, and its alpha."""
    around = [step for step in steps if alpha in (step.lower.alpha, step.upper.alpha)]
    closest = max(around, key=lambda step: step.identical)
    other = closest.upper if closest.lower.alpha == alpha else closest.lower
    return f"{closest.identical:.2%} ({alpha_text(other.alpha)})"


def _print_messages(kind: str, *lines: object) -> None:
    console = Console(stderr=True, soft_wrap=True)
    style = "yellow" if kind == "warning" else "red"
    for line in lines:
        console.print(f"{kind}: {line}", style=style, markup=False, highlight=False)
