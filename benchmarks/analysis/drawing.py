"""What all figures share: their size and style, and their files.

A figure is written as PNG and SVG with its numbers as CSV. Equal numbers give equal bytes: figures contain no
dates and ignore the user's settings of matplotlib, which is imported when a figure is drawn.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...terminal import install_hint
from ..errors import BenchError
from .statistics import Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cell = str | float | int | None
# Colours that readers with a colour vision deficiency can tell apart (Okabe and Ito), and greys.
TRAINED, MERGED, EXTRAPOLATED = "#0072B2", "#009E73", "#D55E00"
OUTCOME_COLOURS = (
    "#009E73",
    "#E69F00",
    "#D55E00",
    "#CC79A7",
    "#0072B2",
    "#56B4E9",
    "#999999",
    "#DDDDDD",
    "#F0E442",
)
RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_DPI = 120


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure and its numbers as a table."""

    figure: Figure = field(repr=False)
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class FigurePaths:
    """The files of a figure."""

    png: Path
    svg: Path
    csv: Path


def save(drawing: Drawing, out: Path, name: str) -> FigurePaths:
    """Write a figure and its numbers to a folder, which is created if missing."""
    out.mkdir(parents=True, exist_ok=True)
    paths = FigurePaths(png=out / f"{name}.png", svg=out / f"{name}.svg", csv=out / f"{name}.csv")
    with plain_style():
        drawing.figure.draw_without_rendering()
        drawing.figure.set_layout_engine("none")  # otherwise each savefig would lay the figure out again
        drawing.figure.savefig(paths.png, dpi=_DPI, metadata={"Software": None})
        drawing.figure.savefig(paths.svg, metadata={"Date": None, "Creator": None})
    with paths.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(drawing.columns)
        writer.writerows([[_written(cell) for cell in row] for row in drawing.rows])
    return paths


@contextmanager
def plain_style() -> Iterator[None]:
    """Use the defaults of matplotlib, and ids in SVG files that are equal for equal figures."""
    try:
        import matplotlib
    except ImportError as error:
        raise BenchError(f"figures need matplotlib: {install_hint('report')}") from error
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["svg.hashsalt"] = "codefrontier"  # without a salt, ids are random
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in inches, without pyplot, which would need a window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def check_filled(values: Sequence[Any] | Mapping[str, Any], what: str) -> None:
    """Raise ValueError if there are no values."""
    if not values:
        raise ValueError(f"a figure needs at least one {what}, got none")


def flat(intervals: Sequence[Interval | None]) -> list[Cell]:
    """Return estimate, low end and high end of each interval."""
    return [
        cell for each in intervals for cell in ((each.estimate, each.low, each.high) if each else (None,) * 3)
    ]


def flat_names(names: Sequence[str]) -> list[str]:
    """Return the names of the columns of `flat`."""
    return [f"{name}{part}" for name in names for part in ("", "_low", "_high")]


def _written(cell: Cell) -> str:
    return "" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell)
