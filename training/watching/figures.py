"""Draw the curves of runs as PNG. Only this module of the folder uses matplotlib, when a figure is drawn.

Equal numbers give equal bytes: the figure has no date and ignores the user's settings of matplotlib.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...system import explain_full_disk
from ..errors import TrainingError
from ..tracking.charts import Chart, charts
from .curves import Curves, WatchedRun, smoothed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that readers with a colour vision deficiency can tell apart (Okabe and Ito); the page has the same.
RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F6A00", "#555555")
PART_COLOURS = ("#009E73", "#D55E00", "#E69F00", "#CC79A7", "#0072B2", "#56B4E9", "#7F6A00", "#BBBBBB")
_COLUMNS, _WIDTH, _HEIGHT, _DPI = 3, 4.2, 2.6, 110


def save_figure(runs: Sequence[WatchedRun], png: Path, *, smoothing: float) -> None:
    """Draw the charts that have values in at least one run, and write them as PNG.

    Args:
        runs: Runs, already read.
        png: File to write.
        smoothing: Decay of the moving average, in [0, 1).

    Raises:
        TrainingError: No run has a step yet.
        ImportError: matplotlib is not installed.
        OSError: The file cannot be written.
    """
    from matplotlib import rc_context, style
    from matplotlib.figure import Figure

    named = [(place, run.name, run.curves()) for place, run in enumerate(runs)]
    known = dict.fromkeys(name for _, _, curves in named for name in curves.values)
    every = [one for chart in charts() for one in chart.over(known)]
    panels = [panel for chart in every for panel in _panels(chart, named)]
    if not panels:
        raise TrainingError(f"no step yet in {', '.join(str(run.folder) for run in runs)}: nothing to draw")
    rows = -(-len(panels) // _COLUMNS)
    with rc_context(), style.context("default", after_reset=True):
        figure = Figure(figsize=(_COLUMNS * _WIDTH, rows * _HEIGHT), layout="constrained")
        for place, (chart, curves) in enumerate(panels, start=1):
            axes = figure.add_subplot(rows, _COLUMNS, place)
            draw = _draw_stack if chart.stacked else _draw_lines
            draw(axes, chart, curves, smoothing)
            axes.tick_params(labelsize=7)
            axes.set_xlabel("step", fontsize=7)
            axes.grid(alpha=0.25)
        _write(figure, png)


def _write(figure: object, png: Path) -> None:
    scratch = png.with_name(f".{png.name}.partial")
    try:
        with explain_full_disk(png):
            figure.savefig(scratch, format="png", dpi=_DPI, metadata={"Software": None})  # type: ignore[attr-defined]
        os.replace(scratch, png)
    finally:
        scratch.unlink(missing_ok=True)


Named = Sequence[tuple[int, str, Curves]]
"""Place among the runs, which decides the colour; name; curves."""


def _panels(chart: Chart, runs: Named) -> list[tuple[Chart, Named]]:
    """Return one panel for all runs, or one per run if the chart is stacked; none without values."""
    having = [each for each in runs if any(name in each[2].values for name in chart.names)]
    if chart.stacked:
        return [(chart, [each]) for each in having]
    return [(chart, having)] if having else []


def _draw_lines(axes: Axes, chart: Chart, runs: Named, smoothing: float) -> None:
    for place, name, curves in runs:
        colour = RUN_COLOURS[place % len(RUN_COLOURS)]
        values = curves.values[chart.names[0]]
        if smoothing:
            axes.plot(curves.steps, _floats(values), color=colour, alpha=0.25, linewidth=0.8)
        axes.plot(curves.steps, _floats(smoothed(values, smoothing)), color=colour, linewidth=1.4, label=name)
    axes.set_title(f"{chart.title} ({chart.unit.value})", fontsize=8)
    axes.legend(fontsize=6)


def _draw_stack(axes: Axes, chart: Chart, runs: Named, smoothing: float) -> None:
    [(_, run, curves)] = runs
    names = [name for name in chart.names if any(curves.values.get(name, ()))]
    parts = [[value or 0.0 for value in smoothed(curves.values[name], smoothing)] for name in names]
    labels = [name.rpartition("/")[2] for name in names]
    colours = [PART_COLOURS[chart.names.index(name) % len(PART_COLOURS)] for name in names]
    axes.stackplot(curves.steps, *parts, labels=labels, colors=colours, alpha=0.85)
    axes.set_title(f"{chart.title} of {run} ({chart.unit.value})", fontsize=8)
    axes.legend(fontsize=6, loc="upper left")


def _floats(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
