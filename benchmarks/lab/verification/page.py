"""Write the tables of `docs/verification.md` from the results of the experiment on verifiers.

    python -m codefrontier.benchmarks.lab.verification.page --out FOLDER

Results of `--out`, where the experiment was run, replace those that are kept beside the script.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from ...analysis.clustered import clustered_mean
from ..methods.analysis import Finding, findings
from ..methods.collected import read_collected, write_results
from ..methods.experiment import Outcome, Scale
from ..methods.page import write_table
from ..methods.runner import SCALE_FILE, Results, read_results
from .experiment import EXPERIMENT

KEPT = Path(__file__).with_name("results") / "verification.json"
"""File of the results that the documentation shows."""
MARKS = ("<!-- verifiers -->", "<!-- end of verifiers -->")
"""Lines of the page between which the tables are written."""
SHARES = ("top_1 easy", "top_1 hard", "easy - hard", "top_1 heldout", "tau_b")
"""Metrics of the first table, each a mean over problems."""
COSTS = ("sampled_tokens", "learned_tokens", "updates", "cpu_s")
"""Metrics of the second table, each a sum over a run."""
QUALITY = "top_1 easy"
"""Metric of the quality that the second table sets against the CPU seconds."""


@dataclass(frozen=True, kw_only=True)
class PageCommand:
    """Write the tables of the experiment on verifiers into the page on verification."""

    out: Path | None = None
    """Folder of the experiment, whose results are collected first; the kept results unless given."""
    docs: Path = Path("docs")
    """Folder of the page `verification.md`."""


def tables(results: Results) -> str:
    """Return the measurements, the costs and the findings as tables in Markdown."""
    arms = [arm for arm in EXPERIMENT.arms if results.get(arm)]
    measured = [
        f"| arm | {' | '.join(SHARES)} | margin easy | parsed |",
        f"|{'---|' * (len(SHARES) + 3)}",
        *(f"| `{arm}` | {_measured(list(results[arm].values()))} |" for arm in arms),
    ]
    costs = [
        "| arm | sampled tokens | learned tokens | updates | CPU seconds | top_1 easy - start "
        "| tau_b - start | Pareto |",
        "|---|---|---|---|---|---|---|---|",
        *(f"| `{arm}` | {_costs(results, arm)} |" for arm in arms if arm != "start"),
    ]
    compared = [
        "| claim | arm | control | arm - control [over seeds] | [over problems] | verdict |",
        "|---|---|---|---|---|---|",
        *(_row(finding) for finding in findings(EXPERIMENT, results)),
    ]
    return "\n\n".join("\n".join(lines) for lines in (measured, costs, compared))


def _measured(runs: Sequence[Outcome]) -> str:
    return " | ".join(
        [
            *(_over_problems(runs, name) for name in SHARES),
            *(f"{_mean(runs, name):.2f}" for name in ("margin easy", "parsed easy")),
        ]
    )


def _over_problems(runs: Sequence[Outcome], name: str) -> str:
    """Return the mean over seeds and problems, with its interval over problems."""
    names = sorted(runs[0].problems[name])
    values = np.mean([[run.problems[name][each] for each in names] for run in runs], axis=0)
    found = clustered_mean(values, np.arange(len(names)))
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _mean(runs: Sequence[Outcome], name: str) -> float:
    return float(np.mean([run.metrics[name] for run in runs]))


def _costs(results: Results, arm: str) -> str:
    runs, start = list(results[arm].values()), list(results["start"].values())
    sampled, learned, updates, cpu_s = (_mean(runs, name) for name in COSTS)
    gains = [_mean(runs, name) - _mean(start, name) for name in (QUALITY, "tau_b")]
    best = "yes" if _undominated(results, arm) else "no"
    cells = [f"{sampled:,.0f}", f"{learned:,.0f}", f"{updates:.0f}", f"{cpu_s:.0f}"]
    return " | ".join([*cells, *(f"{gain:+.3f}" for gain in gains), best])


def _undominated(results: Results, arm: str) -> bool:
    """Return whether no arm is both better and cheaper, by the means over the seeds."""
    points = {
        name: (_mean(list(runs.values()), QUALITY), -_mean(list(runs.values()), "cpu_s"))
        for name, runs in results.items()
        if runs
    }
    own = points.pop(arm)
    return not any(other[0] >= own[0] and other[1] >= own[1] for other in points.values())


def _row(finding: Finding) -> str:
    compared, problems = finding.comparison, finding.over_problems
    what = f"{compared.metric}: `{compared.arm}` {compared.expected} `{compared.control}`"
    arm, control = (f"{level:.3f}" for level in finding.levels)
    over = str(problems).partition(" ")[2] if problems else ""
    return f"| {what} | {arm} | {control} | {finding.over_seeds} | {over} | {finding.verdict} |"


def main(words: Sequence[str] | None = None) -> None:
    """Write the tables."""
    command = tyro.cli(PageCommand, args=words)
    if command.out is not None:
        scale = Scale(**json.loads((command.out / EXPERIMENT.name / SCALE_FILE).read_text()))
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        write_results(EXPERIMENT, read_results(EXPERIMENT, command.out), scale, KEPT)
    write_table(command.docs / "verification.md", tables(read_collected(KEPT)), MARKS)


if __name__ == "__main__":
    main()
