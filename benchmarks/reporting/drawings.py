"""The figures of a report, as PNG, SVG and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.drawing import (
    OUTCOME_COLOURS,
    RUN_COLOURS,
    Drawing,
    flat,
    flat_names,
    new_figure,
    plain_style,
)
from ..analysis.figures import frontier_figure
from ..analysis.outcomes import OUTCOMES
from ..analysis.statistics import Floats
from .findings import Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 24
"""Largest number of combinations that an UpSet figure shows."""
_LABEL = 26
"""Largest number of characters of a run's label in a figure."""


def drawings(findings: Findings) -> Iterator[tuple[str, str, Drawing]]:
    """Yield name, caption and drawing of each figure that the findings have numbers for.

    Raises:
        BenchError: matplotlib is not installed.
    """
    if findings.frontier:
        yield (
            "frontier",
            "Correctness failures against optimization failures, with 95 % regions",
            frontier_figure(findings.frontier, "", findings.regions),
        )
        yield "outcomes", "Outcomes of the episodes of each run", _outcomes(findings)
    yield "heatmap", "Solve rate of each problem by run, problems from hard to easy", _heat_map(findings)
    if findings.sets and len(findings.runs) > 1:
        yield (
            "sets",
            "Problems that exactly these runs solve in at least half of the samples",
            _sets(findings),
        )
    if findings.overlaps:
        yield "complementarity", "How much less two runs agree than two samples of one", _matrix(findings)
    if findings.ensembles:
        yield "ensembles", "Gain of ensembles over the best single run with as many samples", _gains(findings)


def by_difficulty(findings: Findings) -> list[int]:
    """Return the numbers of all problems from the lowest mean solve rate of the runs to the highest."""
    rates = solve_rates(findings)
    known = np.where(np.isnan(rates), 0.0, rates).sum(axis=0) / np.maximum((~np.isnan(rates)).sum(axis=0), 1)
    return sorted(range(rates.shape[1]), key=lambda place: (round(float(known[place]), 12), place))


def solve_rates(findings: Findings) -> Floats:
    """Return the solve rates: float64 [E, P], NaN where a run has no sample that counts."""
    samples = findings.counts.samples
    rates = np.full(samples.shape, np.nan)
    np.divide(findings.counts.solved, samples, out=rates, where=samples > 0)
    return rates


def _outcomes(findings: Findings) -> Drawing:
    table = findings.frontier
    names = [name for name in OUTCOMES if any(row.rates[name].estimate for row in table)]
    with plain_style():
        figure = new_figure(7.2, 1.2 + 0.32 * len(table))
        axes = figure.add_subplot()
        left = np.zeros(len(table))
        for name in names:
            widths = np.array([row.rates[name].estimate for row in table])
            colour = OUTCOME_COLOURS[OUTCOMES.index(name)]
            axes.barh(range(len(table)), widths, left=left, color=colour, height=0.75, label=name)
            left += widths
        axes.set_yticks(range(len(table)), [_short(row.point.name) for row in table], fontsize=8)
        axes.invert_yaxis()
        axes.set(xlim=(0, 1), xlabel="share of episodes")
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    rows = [(row.point.name, *flat([row.rates[name] for name in names])) for row in table]
    return Drawing(figure=figure, columns=("run", *flat_names(names)), rows=tuple(rows))


def _heat_map(findings: Findings) -> Drawing:
    order, labels = by_difficulty(findings), findings.counts.labels
    rates = solve_rates(findings)[:, order]
    with plain_style():
        figure = new_figure(9.0, 1.4 + 0.3 * len(labels))
        axes = figure.add_subplot()
        image = axes.imshow(rates, aspect="auto", cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        axes.set_facecolor("#EEDDCC")  # where a run has no samples
        axes.set_yticks(range(len(labels)), list(map(_short, labels)), fontsize=8)
        axes.set_xlabel("problems, from hard to easy")
        figure.colorbar(image, ax=axes, label="solve rate", shrink=0.9)
    problems = findings.counts.problems
    rows = [
        (
            problems[place].id,
            problems[place].digest,
            *(None if np.isnan(rate) else float(rate) for rate in rates[:, column]),
        )
        for column, place in enumerate(order)
    ]
    return Drawing(figure=figure, columns=("problem", "digest", *labels), rows=tuple(rows))


def _sets(findings: Findings) -> Drawing:
    labels = findings.counts.labels
    found = findings.sets
    shown = found[:COLUMNS]
    with plain_style():
        figure = new_figure(8.4, 2.6 + 0.28 * len(labels))
        bars, dots = figure.subplots(2, 1, height_ratios=(2.2, 0.28 * len(labels)), sharex=True)
        counts = [count for _, count in shown]
        bars.bar(range(len(shown)), counts, color="#444444", width=0.7)
        for place, count in enumerate(counts):
            bars.annotate(str(count), (place, count), ha="center", va="bottom", fontsize=6)
        bars.set(ylabel="problems", title=_more(len(found) - len(shown)))
        bars.title.set_fontsize(8)
        _draw_membership(dots, [members for members, _ in shown], len(labels))
        totals = findings.counts.mostly_solved[:, findings.shared].sum(axis=1)
        names = [f"{_short(label)} ({total})" for label, total in zip(labels, totals, strict=True)]
        dots.set_yticks(range(len(labels)), names, fontsize=7)
        dots.set_xticks([])
    rows = [(count, *(int(run in members) for run in range(len(labels)))) for members, count in found]
    return Drawing(figure=figure, columns=("problems", *labels), rows=tuple(rows))


def _draw_membership(axes: Axes, combinations: list[tuple[int, ...]], runs: int) -> None:
    for place, members in enumerate(combinations):
        axes.plot([place] * runs, range(runs), "o", color="#DDDDDD", markersize=5, zorder=1)
        axes.plot([place] * len(members), members, "o-", color="#0072B2", markersize=5, linewidth=1.2)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)


def _matrix(findings: Findings) -> Drawing:
    labels = findings.counts.labels
    gaps = np.zeros((len(labels), len(labels)))
    for each in findings.overlaps:
        one, two = labels.index(each.first), labels.index(each.second)
        gaps[one, two] = gaps[two, one] = each.kappa.estimate
    reach = max(0.05, float(np.abs(gaps).max()))
    with plain_style():
        figure = new_figure(3.2 + 0.42 * len(labels), 2.4 + 0.36 * len(labels))
        axes = figure.add_subplot()
        image = axes.imshow(gaps, cmap="RdBu_r", vmin=-reach, vmax=reach)
        for one in range(len(labels)):
            for two in range(len(labels)):
                if one != two:
                    axes.text(two, one, f"{gaps[one, two]:.2f}", ha="center", va="center", fontsize=6)
        axes.set_yticks(range(len(labels)), list(map(_short, labels)), fontsize=7)
        axes.set_xticks(range(len(labels)), list(map(_short, labels)), fontsize=7, rotation=90)
        figure.colorbar(image, ax=axes, label="kappa: split halves − pair", shrink=0.8)
    rows = [
        (
            each.first,
            each.second,
            *flat([each.jaccard, each.kappa, each.gain]),
            each.only_first,
            each.null_first,
            each.only_second,
            each.null_second,
        )
        for each in findings.overlaps
    ]
    names = flat_names(("jaccard_gap", "kappa_gap", f"gain_at_{findings.overlaps[0].budget}"))
    columns = ("first", "second", *names, "only_first", "null_first", "only_second", "null_second")
    return Drawing(figure=figure, columns=columns, rows=tuple(rows))


def _gains(findings: Findings) -> Drawing:
    groups: dict[str, list[tuple[int, float, float, float]]] = {}
    for each in findings.ensembles:
        gain = each.found.gain
        groups.setdefault(each.name, []).append((each.found.budget, gain.estimate, gain.low, gain.high))
    controls = {each.name for each in findings.ensembles if each.control}
    with plain_style():
        figure = new_figure(7.2, 4.0)
        axes = figure.add_subplot()
        axes.axhline(0, color="#999999", linewidth=0.8)
        for place, (name, points) in enumerate(groups.items()):
            colour = "#888888" if name in controls else RUN_COLOURS[place % len(RUN_COLOURS)]
            ks, means, lows, highs = zip(*points, strict=True)
            axes.fill_between(ks, lows, highs, color=colour, alpha=0.15, linewidth=0)
            style = "o--" if name in controls else "o-"
            axes.plot(ks, means, style, color=colour, markersize=4, linewidth=1.3, label=_short(name))
        axes.set_xscale("log", base=2)
        ticks = sorted({each.found.budget for each in findings.ensembles})
        axes.set_xticks(ticks, list(map(str, ticks)))
        axes.minorticks_off()
        axes.set(xlabel="samples k in total", ylabel="gain in pass@k")
        axes.legend(fontsize=7)
    rows = [
        (
            each.name,
            int(each.control),
            each.found.budget,
            *flat([each.found.ensemble, each.found.single, each.found.gain]),
            each.found.test.p,
            each.p_holm,
            each.token_ratio,
            each.members[each.found.best],
            " ".join(map(str, each.found.split.shares)),
        )
        for each in findings.ensembles
    ]
    columns = ("members", "control", "k", *flat_names(("ensemble", "single", "gain")), "p", "p_holm")
    return Drawing(
        figure=figure, columns=(*columns, "token_ratio", "best_single", "best_split"), rows=tuple(rows)
    )


def _short(label: str) -> str:
    half = (_LABEL - 1) // 2
    return label if len(label) <= _LABEL else f"{label[:half]}…{label[-half:]}"


def _more(count: int) -> str:
    return f"{count} more combinations are in the CSV file" if count > 0 else ""
