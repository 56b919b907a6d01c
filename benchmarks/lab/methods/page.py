"""Write the table and the figure of `docs/methods.md` from the collected results.

    python -m codefrontier.benchmarks.lab.methods.page --out FOLDER
    python -m codefrontier.benchmarks.lab.methods.page --out FOLDER --runs second

Results of `--out`, where experiments were run, replace those that are kept beside the scripts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro

from ....system import write_file
from ...analysis.drawing import RUN_COLOURS, Drawing, save
from ...analysis.statistics import Interval
from ...errors import BenchError
from .analysis import Finding, findings
from .collected import RESULTS, read_collected, write_results
from .experiment import Experiment, Scale
from .runner import SCALE_FILE, Results, read_results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = ("stare", "pow3r", "online_fixing", "exprl", "curricula", "axpo", "vpo", "repro")
"""Names of the experiments, in the order of the page."""
Runs = Literal["first", "second"]
MARKS: dict[Runs, tuple[str, str]] = {
    "first": ("<!-- findings -->", "<!-- end of findings -->"),
    "second": ("<!-- second findings -->", "<!-- end of second findings -->"),
}
"""Lines of the page between which the table is written."""

_SMALL = 0.02


@dataclass(frozen=True, kw_only=True)
class PageCommand:
    """Write the table and the figure of the page on methods."""

    out: Path | None = None
    """Folder of experiments, whose results are collected first; the kept results are taken unless given."""
    runs: Runs = "first"
    """The first runs of the experiments, or the second ones with a smaller learning rate."""
    docs: Path = Path("docs")
    """Folder of the page `methods.md`, which gets the table and the figure `methods.png` or
    `methods_second.png`."""


def experiment(name: str) -> Experiment:
    """Return the experiment of a script."""
    found = import_module(f"{__package__}.{name}").EXPERIMENT
    assert isinstance(found, Experiment)
    return found


def collect(out: Path, results: Path) -> None:
    """Write the results of every experiment that was run in a folder."""
    for name in NAMES:
        sizes = out / name / SCALE_FILE
        if sizes.exists():
            each, scale = experiment(name), Scale(**json.loads(sizes.read_text()))
            found = read_results(each, out)
            results.mkdir(parents=True, exist_ok=True)
            if any(found.values()):
                write_results(each, found, scale, results / f"{name}.json")


def table(found: Mapping[str, Sequence[Finding]]) -> str:
    """Return the findings of the experiments as a table in Markdown."""
    lines = [
        "| method | claim | arm | control | arm - control [over seeds] | [over problems] | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, each in found.items():
        method = experiment(name).statement.method.partition(" (")[0]
        lines += [_row(method if not place else "", finding) for place, finding in enumerate(each)]
    return "\n".join(lines)


def _row(method: str, finding: Finding) -> str:
    comparison, problems = finding.comparison, finding.over_problems
    verdict = f"**{finding.verdict}**" if method else str(finding.verdict)
    arm, control = (f"{level:.3f}" for level in finding.levels)
    sign = "above" if comparison.expected == "above" else "below"
    what = f"{comparison.metric}: `{comparison.arm}` {sign} `{comparison.control}`"
    seeds, over = _text(finding.over_seeds), _text(problems).partition(" ")[2] if problems else ""
    return f"| {method} | {what} | {arm} | {control} | {seeds} | {over} | {verdict} |"


def _text(interval: Interval) -> str:
    """Return an interval with a fourth digit where three would hide it."""
    if max(abs(interval.low), abs(interval.high)) >= _SMALL:
        return str(interval)
    return f"{interval.estimate:.4f} [{interval.low:.4f}, {interval.high:.4f}]"


def write_table(page: Path, text: str, marks: tuple[str, str] = MARKS["first"]) -> None:
    """Replace what stands between the two marks of a page.

    Raises:
        BenchError: The page lacks a mark.
    """
    before, begin, rest = page.read_text().partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise BenchError(f"{page} must have the lines {marks[0]!r} and {marks[1]!r}")
    write_file(page, f"{before}{begin}\n\n{text}\n\n{end}{after}")


def figure(results: Mapping[str, Results]) -> Drawing:
    """Draw the deciding metric of each experiment: a point per arm and seed, and the mean of each arm."""
    from matplotlib.figure import Figure  # only who draws needs matplotlib
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = 2
    rows = -(-len(results) // columns)
    layout = ConstrainedLayoutEngine(w_pad=0.15)
    drawn = Figure(figsize=(8.4, 2.1 * rows), layout=layout)
    grid = drawn.subplots(rows, columns, squeeze=False)
    cells: list[tuple[str, str, str, int, float]] = []
    for place, axes in enumerate(grid.flat):
        if place >= len(results):
            axes.set_visible(False)
            continue
        name = list(results)[place]
        cells += _draw(axes, experiment(name), results[name])
    names = ("experiment", "metric", "arm", "seed", "value")
    return Drawing(figure=drawn, columns=names, rows=tuple(cells))


def _draw(axes: Axes, drawn: Experiment, results: Results) -> list[tuple[str, str, str, int, float]]:
    metric = drawn.statement.comparisons[0].metric
    arms = [arm for arm in drawn.arms if any(metric in run.metrics for run in results.get(arm, {}).values())]
    cells = []
    for row, arm in enumerate(arms):
        for seed, run in sorted(results[arm].items()):
            value = run.metrics[metric]
            axes.plot(value, -row, "o", markersize=4, color=RUN_COLOURS[seed % len(RUN_COLOURS)])
            cells.append((drawn.name, metric, arm, seed, value))
        values = [run.metrics[metric] for run in results[arm].values()]
        axes.plot(sum(values) / len(values), -row, "|", markersize=14, color="black")
    axes.set_yticks([-row for row in range(len(arms))], arms, fontsize=7)
    axes.tick_params(axis="x", labelsize=7)
    axes.set_ylim(-len(arms) + 0.4, 0.6)
    axes.set_title(f"{drawn.statement.method.partition(' (')[0]}: {metric}", fontsize=8)
    return cells


def main(words: Sequence[str] | None = None) -> None:
    """Write table and figure."""
    command = tyro.cli(PageCommand, args=words)
    folder = RESULTS[command.runs]
    if command.out is not None:
        collect(command.out, folder)
    paths = {name: folder / f"{name}.json" for name in NAMES}
    results = {name: read_collected(path) for name, path in paths.items() if path.exists()}
    if not results:
        raise BenchError(f"{folder} has no results")
    found = {name: findings(experiment(name), each) for name, each in results.items()}
    write_table(command.docs / "methods.md", table(found), MARKS[command.runs])
    name = "methods" if command.runs == "first" else "methods_second"
    saved = save(figure(results), command.docs, name)
    saved.svg.unlink()
    saved.csv.unlink()


if __name__ == "__main__":
    main()
