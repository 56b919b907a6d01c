"""A view of a run in progress for terminals, and plain lines for output that is not a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...terminal import ProgressLines
from ..tracking.charts import drawn
from ..tracking.metric import numbers

REFRESHES_PER_S = 4
"""Redraws per second. Steps themselves redraw nothing: there may be dozens of them in a second."""
RECENT = 10
"""Number of steps in the mean of the time per step and of the reward."""
BAR = 30
"""Width of the bar and of the trends, in columns."""
STRIP = 14
"""Width of the strips of shares, which leave room for all shares on a terminal of 80 columns."""
_BLOCKS = "▁▂▃▄▅▆▇█"
_COLOURS: Mapping[str, str] = {
    "AC": "green",
    "WA": "red",
    "RTE": "bright_red",
    "TLE": "yellow",
    "MLE": "magenta",
    "OLE": "bright_magenta",
    "CE": "cyan",
    "no_code": "bright_black",
    "sample": "blue",
    "judge": "yellow",
    "update": "green",
    "wait": "green",
    "other": "bright_black",
}


class RunView:
    """Shows the metrics of a run as they come: a panel of a few lines on a terminal, plain lines elsewhere.

    It is a context manager. The panel keeps its height and is redrawn in place, so it does not flicker; what
    is logged meanwhile appears above it.

    Args:
        console: Console for the progress, other than the console for the results.
        name: Name of the run.
        steps: Number of steps of the run; None if it is not known.
        quiet: Whether nothing is shown.
    """

    def __init__(self, console: Console, *, name: str, steps: int | None, quiet: bool = False) -> None:
        self._name, self._steps = name, steps
        self._quiet = quiet
        self._lines = ProgressLines(console)
        self._past: list[dict[str, float]] = []
        self._step = 0
        self._began_s = time.monotonic()
        self._live = Live(
            console=console,
            get_renderable=self.panel,
            refresh_per_second=REFRESHES_PER_S,
            # On what is not a terminal, the view would be printed once at the end.
            auto_refresh=console.is_terminal and not quiet,
        )
        self._draws = console.is_terminal and not quiet

    def __enter__(self) -> Self:
        self._began_s = time.monotonic()
        if self._draws:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._draws:
            self._live.stop()

    def show(self, metrics: Mapping[str, Any]) -> None:
        """Show the metrics of a step."""
        self._past.append(drawn(numbers(metrics)))
        self._step = int(metrics["step"])
        if not self._draws and not self._quiet:
            last = self._step == self._steps
            self._lines.print(f"step {self._step} of {self._steps or '?'}: {self.line()}", last=last)

    def line(self) -> str:
        """Return the last step as one line without its number."""
        now = self._past[-1]
        return ", ".join(filter(None, (*_facts(now), *_speed(now, split=True), self._left())))

    def _left(self) -> str:
        remaining = 0 if self._steps is None else self._steps - self._step
        if not remaining or not self._mean("time_s/total"):
            return ""
        return f"{_clock(self._mean('time_s/total') * remaining)} left"

    def _mean(self, name: str) -> float:
        known = [line[name] for line in self._past[-RECENT:] if name in line]
        return sum(known) / len(known) if known else 0.0

    def panel(self) -> RenderableType:
        """Return what a terminal shows now, at most 80 columns wide."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="bold", no_wrap=True, min_width=8)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        for label, shown in self._rows():
            grid.add_row(label, shown)
        return grid

    def _rows(self) -> Iterator[tuple[str, RenderableType]]:
        passed = _clock(time.monotonic() - self._began_s)
        bar = ProgressBar(total=self._steps, completed=self._step, width=BAR)
        place = Table.grid(padding=(0, 1))
        left = self._left() or ("done" if self._step == self._steps else "first step")
        place.add_row(bar, f"{self._step}/{self._steps or '?'}", passed, left)
        yield self._name[:16], place
        if not self._past:
            return
        now = self._past[-1]
        for label, name, unit in (("reward", "reward_mean", ""), ("loss", "loss_ema", "")):
            if name in now:
                yield label, self._trend(name, unit)
        if "verdicts/AC" in now:
            yield "verdicts", _strip(now, "verdicts")
            yield "signal", ", ".join(_signal(now))
        if "entropy" in now:
            yield "entropy", self._trend("entropy", "nats")
        yield "update", ", ".join(_update(now))
        if "time_s/sample" in now:
            yield "time", _strip(now, "time_s")
        yield "speed", ", ".join(_speed(now))

    def _trend(self, name: str, unit: str) -> Text:
        return _trend([line[name] for line in self._past if name in line], unit=unit)


def _facts(now: Mapping[str, float]) -> Iterator[str]:
    if "reward_mean" in now:
        verdicts = ", ".join(f"{name} {share:.2f}" for name, share in _parts(now, "verdicts"))
        yield f"reward {now['reward_mean']:.2f} ({verdicts})"
        yield from _signal(now)
    elif "loss" in now:
        yield f"loss {now.get('loss_ema', now['loss']):.3f}"
    if "grids_right" in now:
        yield f"grids right {now['grids_right']:.2f}"
    if "entropy" in now:
        yield f"entropy {now['entropy']:.2f}"


def _signal(now: Mapping[str, float]) -> Iterator[str]:
    yield f"signal in {now.get('groups_with_signal', 0):.0f} of {now.get('groups', 0):.0f} groups"
    if now.get("invalid_episodes"):
        yield f"{now['invalid_episodes']:.0f} masked"


def _update(now: Mapping[str, float]) -> Iterator[str]:
    if "loss" in now:
        yield f"loss {now['loss']:.4g}"
    if "grad_norm" in now:
        yield f"gradient norm {now['grad_norm']:.3g}"
    if "lr" in now:
        yield f"learning rate {now['lr']:.2e}"
    if "truncated" in now:
        yield f"{now['truncated']:.0%} of replies cut off"


def _speed(now: Mapping[str, float], *, split: bool = False) -> Iterator[str]:
    if "time_s/total" in now:
        parts = _parts(now, "time_s") if split else []
        whole = sum(value for _, value in parts)
        shares = ", ".join(f"{name} {value / whole:.0%}" for name, value in parts)
        yield f"{now['time_s/total']:.3g} s per step{f' ({shares})' if shares else ''}"
    if "tokens_per_s" in now:
        yield f"{now['tokens_per_s']:,.0f} tokens/s"


def _parts(now: Mapping[str, float], parent: str) -> list[tuple[str, float]]:
    """Return the parts of nested metrics that are not 0, by their last name."""
    prefix = f"{parent}/"
    found = [(name.removeprefix(prefix), value) for name, value in now.items() if name.startswith(prefix)]
    return [(name, value) for name, value in found if value and name != "total"]


def _strip(now: Mapping[str, float], parent: str) -> Text:
    """Return parts of a whole as a strip of blocks, and as percentages."""
    parts = _parts(now, parent)
    whole = sum(value for _, value in parts) or 1.0
    text, end = Text(), 0.0
    for name, value in parts:
        begin, end = end, end + STRIP * value / whole
        text.append("█" * (round(end) - round(begin)), style=_COLOURS.get(name, "white"))
    for name, value in parts:
        text.append(f" {name}", style=_COLOURS.get(name, "white"))
        text.append(f" {value / whole:.0%}")
    return text


def _trend(values: list[float], *, unit: str = "") -> Text:
    """Return the last values as blocks of different height, the last value, and the mean of recent ones."""
    recent = values[-BAR:]
    low, high = min(recent), max(recent)
    span = (high - low) or 1.0
    blocks = "".join(_BLOCKS[round((value - low) / span * (len(_BLOCKS) - 1))] for value in recent)
    mean = sum(values[-RECENT:]) / len(values[-RECENT:])
    words = f" {values[-1]:.3f}{f' {unit}' if unit else ''} (mean of {len(values[-RECENT:])}: {mean:.3f})"
    return Text(f"{blocks:<{BAR}}", style="cyan").append(words, style="default")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
