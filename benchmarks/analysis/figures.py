"""Draw figures of frontiers and of training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .curves import learning_row, loss_row, time_row
from .drawing import (
    EXTRAPOLATED,
    MERGED,
    OUTCOME_COLOURS,
    RUN_COLOURS,
    TRAINED,
    Drawing,
    check_filled,
    flat,
    flat_names,
    new_figure,
    plain_style,
)
from .frontier import Frontier, PointSummary
from .outcomes import OUTCOMES
from .regions import Region
from .statistics import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNBOUNDED = frozenset({"entropy", "loss", "loss_ema", "total"})
"""Names of curves that are not shares, so that their axis is not fixed to [0, 1]."""


def frontier_figure(
    table: Sequence[PointSummary], title: str, regions: Mapping[str, Region] | None = None
) -> Drawing:
    """Draw the rate of optimization failures over the rate of correctness failures, a point per checkpoint.

    Args:
        table: Lines of a frontier's table.
        title: Title of the figure.
        regions: Confidence regions by the name of the checkpoint; they replace the intervals of both rates,
            and the axes show no more than needed.

    Raises:
        BenchError: matplotlib is not installed.
        ValueError: There are no checkpoints.
    """
    check_filled(table, "checkpoint")
    with plain_style():
        figure = new_figure(6.4, 5.6)
        axes = figure.add_subplot()
        on_line = [row for row in table if row.point.alpha is not None]
        x = [row.rates["correctness"].estimate for row in on_line]
        y = [row.rates["optimization"].estimate for row in on_line]
        axes.plot(x, y, color="#999999", linewidth=1, zorder=1)
        reach = 1.0 if regions is None else _reach([*x, *y], regions)
        _draw_diagonals(axes, reach)
        for row in table:
            _draw_point(axes, row, regions)
        limits = (-0.02 * reach, 1.02 * reach)
        axes.set(xlim=limits, ylim=limits, title=title)
        axes.set(xlabel="correctness failures (WA, RTE, CE)", ylabel="optimization failures (TLE, MLE, OLE)")
        handles, labels = axes.get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        axes.legend(unique.values(), unique.keys(), loc="upper right", fontsize=8)
    names = ("correctness", "optimization", "broken", *OUTCOMES)
    rows = [(row.point.name, row.point.alpha, *flat([row.rates[name] for name in names])) for row in table]
    return Drawing(figure=figure, columns=("name", "alpha", *flat_names(names)), rows=tuple(rows))


def profile_figure(table: Sequence[PointSummary], title: str) -> Drawing:
    """Draw the outcomes of episodes by alpha as stacked bars, and the plans of programs as lines.

    Raises:
        BenchError: matplotlib is not installed.
        ValueError: No checkpoint has an alpha.
    """
    line = [row for row in table if row.point.alpha is not None]
    check_filled(line, "checkpoint with an alpha")
    places = list(range(len(line)))
    with plain_style():
        figure = new_figure(7.2, 4.4)
        axes = figure.add_subplot()
        below = [0.0] * len(line)
        for name, colour in zip(OUTCOMES, OUTCOME_COLOURS, strict=True):
            heights = [row.rates[name].estimate for row in line]
            if any(heights):
                axes.bar(places, heights, bottom=below, color=colour, width=0.8, label=name)
            below = [low + height for low, height in zip(below, heights, strict=True)]
        for label, style, values in _profile_lines(line):
            axes.plot(places, values, style, color="black", markersize=4, linewidth=1, label=label)
        axes.set_xticks(places, [f"{row.point.alpha:g}" for row in line])
        for tick, row in zip(axes.get_xticklabels(), line, strict=True):
            tick.set_color(_colour(row))
        axes.set(xlabel="alpha (0: low coverage, 1: full coverage)", ylabel="share of episodes", title=title)
        axes.set_ylim(0, 1.02)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    columns = ("alpha", *flat_names(OUTCOMES), *flat_names(("share_fast", "solved_given_fast")))
    rows = [
        (
            row.point.alpha,
            *flat([*(row.rates[name] for name in OUTCOMES), row.share_fast, row.solved_given_fast]),
        )
        for row in line
    ]
    return Drawing(figure=figure, columns=columns, rows=tuple(rows))


def pass_figure(frontier: Frontier, ensembles: Sequence[Sequence[float]], title: str) -> Drawing:
    """Draw pass@k over k for each checkpoint, and for ensembles of alphas that share the k samples.

    The curve of an ensemble starts at the k at which every member has a sample.

    Raises:
        BenchError: matplotlib is not installed.
        ValueError: No checkpoint has an alpha of an ensemble.
    """
    table = frontier.table()
    curves: list[tuple[str, bool, dict[int, Interval]]] = [
        (row.point.name, False, dict(row.pass_at)) for row in table
    ]
    for alphas in ensembles:
        name = "ensemble " + " + ".join(f"{alpha:g}" for alpha in alphas)
        points = {k: frontier.ensemble(alphas, k) for k in frontier.ks if k >= len(alphas)}
        curves.append((name, True, points))
    with plain_style():
        figure = new_figure(7.2, 4.4)
        axes = figure.add_subplot()
        colours = _shades(len(table))
        for place, (name, mixed, points) in enumerate(curves):
            style: dict[str, Any] = {"linestyle": "--", "marker": "s"} if mixed else {"marker": "o"}
            colour = RUN_COLOURS[place % len(RUN_COLOURS)] if mixed else colours[place]
            means = [interval.estimate for interval in points.values()]
            axes.plot(list(points), means, color=colour, label=name, markersize=3, linewidth=1.2, **style)
        axes.set_xscale("log", base=2)
        axes.set_xticks(frontier.ks, [str(k) for k in frontier.ks])
        axes.set(xlabel="samples k in total", ylabel="pass@k", title=title)
        axes.set_ylim(0, 1.02)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7)
    rows = [(name, k, *flat([interval])) for name, _, points in curves for k, interval in points.items()]
    return Drawing(figure=figure, columns=("name", "k", *flat_names(("pass",))), rows=tuple(rows))


def learning_figure(runs: Mapping[str, Sequence[Mapping[str, Any]]], title: str) -> Drawing:
    """Draw reward, plans, groups with signal, entropy and verdicts over the steps of training runs.

    Args:
        runs: Lines of metrics.jsonl by run; a missing value leaves a gap in its curve.
        title: Title of the figure.

    Raises:
        BenchError: matplotlib is not installed.
        ValueError: There are no runs.
    """
    series = {name: [learning_row(line) for line in lines] for name, lines in runs.items()}
    panels = {
        "reward": ("reward",),
        "share of #fast": ("share_fast",),
        "groups with signal": ("signal",),
        "entropy in nats": ("entropy",),
    }
    return _draw_runs(series, panels, split={"verdicts": ("AC", "correctness", "optimization")}, title=title)


def time_figure(runs: Mapping[str, Sequence[Mapping[str, Any]]], title: str) -> Drawing:
    """Draw how the wall time of each step is divided. The times are measured, so they differ between runs.

    Raises:
        BenchError: matplotlib is not installed.
        ValueError: There are no runs.
    """
    series = {name: [time_row(line) for line in lines] for name, lines in runs.items()}
    shares = ("sample", "judge", "update", "other")
    return _draw_runs(series, {"seconds per step": ("total",)}, split={"share of time": shares}, title=title)


def loss_figure(lines: Sequence[Mapping[str, Any]], title: str) -> Drawing:
    """Draw the loss of supervised training over its steps.

    Raises:
        BenchError: matplotlib is not installed.
    """
    rows = [loss_row(line) for line in lines]
    return _draw_runs({"sft": rows}, {"loss in nats per token": ("loss", "loss_ema")}, split={}, title=title)


def _draw_runs(
    series: Mapping[str, Sequence[Mapping[str, float | None]]],
    panels: Mapping[str, tuple[str, ...]],
    *,
    split: Mapping[str, tuple[str, ...]],
    title: str,
) -> Drawing:
    """Draw panels that compare all runs, and the panels of `split` for each run separately."""
    check_filled(series, "run")
    compared = [(heading, list(series), keys) for heading, keys in panels.items()]
    apart = [(f"{heading}: {run}", [run], keys) for heading, keys in split.items() for run in series]
    everything = compared + apart
    with plain_style():
        columns = min(3, len(everything))
        lines = -(-len(everything) // columns)
        figure = new_figure(3.6 * columns, 2.6 * lines)
        figure.suptitle(title, fontsize=10)
        for place, (heading, runs, keys) in enumerate(everything, start=1):
            axes = figure.add_subplot(lines, columns, place)
            _draw_panel(axes, {run: series[run] for run in runs}, keys)
            axes.set_title(heading, fontsize=9)
            axes.set_xlabel("step", fontsize=8)
            axes.tick_params(labelsize=7)
    keys = tuple(dict.fromkeys(key for _, _, keys in everything for key in keys))
    rows = [
        (run, row["step"], *(row[key] for key in keys)) for run, lines_ in series.items() for row in lines_
    ]
    return Drawing(figure=figure, columns=("run", "step", *keys), rows=tuple(rows))


def _draw_panel(
    axes: Axes, series: Mapping[str, Sequence[Mapping[str, float | None]]], keys: tuple[str, ...]
) -> None:
    drawn = [(run, key) for run in series for key in keys]
    for (run, key), colour in zip(drawn, _cycled(len(drawn)), strict=True):
        known = [(row["step"], row[key]) for row in series[run]]
        points = [(step, value) for step, value in known if step is not None and value is not None]
        if points:
            label = run if len(keys) == 1 else key
            axes.plot(*zip(*points, strict=True), color=colour, linewidth=1, label=label)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=6)
        low, high = axes.get_ylim()
        axes.set_ylim(min(0.0, low), high if UNBOUNDED.intersection(keys) else max(1.02, high))
    else:
        axes.text(0.5, 0.5, "no data", ha="center", va="center", transform=axes.transAxes)


def _draw_point(axes: Axes, row: PointSummary, regions: Mapping[str, Region] | None) -> None:
    """Draw a point with its intervals or region; the marker is filled if trained and hollow if merged."""
    x, y, colour = row.rates["correctness"], row.rates["optimization"], _colour(row)
    if regions is None:
        axes.plot([x.low, x.high], [y.estimate] * 2, color=colour, linewidth=0.8, alpha=0.7)
        axes.plot([x.estimate] * 2, [y.low, y.high], color=colour, linewidth=0.8, alpha=0.7)
    elif row.point.name in regions:
        outline = regions[row.point.name].outline()
        axes.fill(*outline.T, facecolor=colour, edgecolor=colour, alpha=0.15, linewidth=0.8, zorder=1)
    axes.plot(
        [x.estimate],
        [y.estimate],
        marker="o",
        linestyle="none",
        color=colour,
        markerfacecolor=colour if row.point.trained else "white",
        label=_kind(row),
        zorder=3,
    )
    name = row.point.name if row.point.alpha is None else f"{row.point.alpha:g}"
    axes.annotate(name, (x.estimate, y.estimate), xytext=(5, 5), textcoords="offset points", fontsize=8)


def _reach(estimates: Sequence[float], regions: Mapping[str, Region]) -> float:
    """Return the end of both axes: a round number that leaves no point and no region outside, at most 1."""
    ends = [*estimates, *(float(region.outline().max()) for region in regions.values())]
    return min(1.0, math.ceil(max(ends) * 20) / 20) if ends else 1.0


def _draw_diagonals(axes: Axes, reach: float) -> None:
    """Draw lines of equal solve rate, along which one class of failures replaces the other."""
    step = 0.2 if reach > 0.6 else 0.1 if reach > 0.3 else 0.05
    for number in range(1, int(reach / step + 1e-9) + 1):
        failures = round(number * step, 2)
        axes.plot([0, failures], [failures, 0], color="#CCCCCC", linewidth=0.7, linestyle=":", zorder=0)
        axes.annotate(f"solved {1 - failures:.2g}", (0.0, failures), fontsize=6, color="#999999")


def _profile_lines(line: Sequence[PointSummary]) -> Iterator[tuple[str, str, list[float]]]:
    nan = float("nan")
    if any(row.share_fast for row in line):
        yield "share of #fast", "o--", [row.share_fast.estimate if row.share_fast else nan for row in line]
    given = [row.solved_given_fast for row in line]
    if any(given):
        yield "P(AC | #fast)", "s:", [each.estimate if each else nan for each in given]


def _kind(row: PointSummary) -> str:
    if row.point.trained:
        return "trained"
    return "extrapolated" if row.point.extrapolated else "merged"


def _colour(row: PointSummary) -> str:
    return {"trained": TRAINED, "merged": MERGED, "extrapolated": EXTRAPOLATED}[_kind(row)]


def _shades(count: int) -> list[Any]:
    import matplotlib

    shades = matplotlib.colormaps["viridis"]
    return [shades(place / max(1, count - 1) * 0.9) for place in range(count)]


def _cycled(count: int) -> list[str]:
    return [RUN_COLOURS[place % len(RUN_COLOURS)] for place in range(count)]
