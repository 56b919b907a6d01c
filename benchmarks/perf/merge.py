"""Measure merges of two checkpoints against mergekit, whole files in torch, and the limit of the disk.

Every method runs in a process of its own, including start-up, on two Llama-shaped checkpoints of 2 to 3 GB:
`high` differs from `low` as after a little RL. The parents are in the page cache (warm) or not (cold). The
limit of the disk is a program that reads both parents and writes as many bytes as a merge, and waits until
they are on the disk. Only our method checks the parents, measures differences, and hashes parents and output.
"wrong" is the share of weights that differ from the float64 result rounded once. RELEX runs on 20 checkpoints
of 101 M weights, ours against the two scripts of its authors, on one thread.

    python benchmarks/perf/merge.py [--quick] [--parts line,sweep,relex] [--mergekit PYTHON]
        [--relex-authors DIR] [--dir DIR]

A full run has three parts, of which each takes less than 10 minutes: `line` merges at one alpha with every
method, `sweep` merges at four alphas in one pass and in four, `relex` fits and predicts.

The last line is JSON: over_mergekit (how many times faster), of_disk_limit (speed as a share of the limit),
own_memory_mb (anonymous memory of one merge), sweep_ratio (four merges / one sweep of four alphas), all warm;
relex_ratio (authors / ours). A figure is null where its peer is not given or its part is left out; `reasons`
says so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from codefrontier.benchmarks.perf.merge_parts.checkpoints import Shape, share_wrong, write_line
from codefrontier.benchmarks.perf.merge_parts.processes import Cost, ProgramError, cool, run, warm
from codefrontier.benchmarks.perf.merge_parts.programs import COPY, MERGEKIT, OURS, TORCH
from codefrontier.benchmarks.perf.merge_parts.relex import RelexCosts, measure_relex
from codefrontier.merging.checkpoints.formats import BY_NAME

ALPHAS = ("0.3", "-0.5", "0.7", "1.5")
"""Alphas of the sweep; methods that merge at one alpha use the first."""
PARTS = LINE_PART, SWEEP_PART, RELEX_PART = "line", "sweep", "relex"
OURS_ONE, OURS_SWEEP, OURS_APART = "ours", "ours, 4 alphas in one pass", "ours, 4 merges"
COPIED, WHOLE, MERGEKIT_NAME = "copy of the same bytes", "whole files, torch", "mergekit linear"
FULL, QUICK = Shape(layers=40, size=1536, inner=4096, vocabulary=32768), Shape(layers=4)
RELEX_SHAPE, RELEX_QUICK = Shape(layers=7, vocabulary=11264), Shape(layers=1, size=512, inner=1024)


@dataclass(frozen=True, kw_only=True)
class Method:
    """A program, and the alphas of each of its processes."""

    python: str
    script: str
    runs: tuple[tuple[str, ...], ...] = (ALPHAS[:1],)


def main() -> None:
    """Measure, and print a table and a line of JSON."""
    arguments = _arguments()
    methods = _methods(arguments.mergekit, arguments.parts)
    shape = QUICK if arguments.quick else FULL
    costs: Costs = {}
    wrong: dict[str, float] = {}
    weights = 0
    relex: RelexCosts | None = None
    with tempfile.TemporaryDirectory(dir=arguments.dir, prefix="merge-") as name:
        root = Path(name)
        if methods:
            parents = [root / "low", root / "high"]
            weights = write_line(parents, shape, BY_NAME[arguments.dtype])
            costs, wrong = _measure(methods, root, parents, arguments.rounds)
            for parent in parents:
                shutil.rmtree(parent)
        if RELEX_PART in arguments.parts:
            relex = measure_relex(
                root / "relex",
                RELEX_QUICK if arguments.quick else RELEX_SHAPE,
                4 if arguments.quick else 20,
                python=sys.executable,
                authors=arguments.relex_authors,
                authors_python=arguments.mergekit or sys.executable,
            )
    if costs:
        _print_table(costs, wrong, weights, arguments)
    print(json.dumps(_figures(costs, wrong, weights, relex, arguments)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small checkpoints: less than a minute")
    parser.add_argument("--rounds", type=int, default=1, help="rounds, whose medians are reported")
    parser.add_argument("--dtype", choices=sorted(BY_NAME), default="bfloat16", help="of both parents")
    parser.add_argument("--dir", type=Path, help="where to put 20 GB of checkpoints; the temporary folder")
    parser.add_argument("--mergekit", metavar="PYTHON", help="interpreter that has mergekit")
    parser.add_argument(
        "--relex-authors", type=Path, metavar="DIR", help="copy of the repository of the authors of RELEX"
    )
    parser.add_argument(
        "--parts",
        type=lambda text: tuple(text.split(",")),
        default=PARTS,
        metavar=",".join(PARTS),
        help="parts that are measured, with commas between them; all unless given",
    )
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.parts) - set(PARTS)):
        parser.error(f"--parts must be of {', '.join(PARTS)}, got {unknown[0]!r}")
    if arguments.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {arguments.rounds}")
    if (
        arguments.relex_authors
        and not (arguments.relex_authors / "scripts" / "svd_extrapolation.py").is_file()
    ):
        parser.error(f"--relex-authors: {arguments.relex_authors} has no scripts/svd_extrapolation.py")
    return arguments


def _methods(mergekit: str | None, parts: Sequence[str]) -> dict[str, Method]:
    here = sys.executable
    methods = {COPIED: Method(python=here, script=COPY), OURS_ONE: Method(python=here, script=OURS)}
    if LINE_PART in parts:
        methods[WHOLE] = Method(python=here, script=TORCH)
        if mergekit:
            methods[MERGEKIT_NAME] = Method(python=mergekit, script=MERGEKIT)
    if SWEEP_PART in parts:
        methods[OURS_SWEEP] = Method(python=here, script=OURS, runs=(ALPHAS,))
        methods[OURS_APART] = Method(python=here, script=OURS, runs=tuple((alpha,) for alpha in ALPHAS))
    if LINE_PART not in parts:
        del methods[COPIED], methods[OURS_ONE]
    return methods


Costs = dict[tuple[str, str], list[Cost]]


def _measure(
    methods: dict[str, Method], root: Path, parents: list[Path], rounds: int
) -> tuple[Costs, dict[str, float]]:
    """Run every method warm and cold once per round, in random order; check the first result of each."""
    costs: Costs = {}
    wrong: dict[str, float] = {}
    shuffle = random.Random(0).shuffle
    for _ in range(rounds):
        order = [(name, state) for name in methods for state in ("warm", "cold")]
        shuffle(order)
        for name, state in order:
            out = root / "out"
            cost = _run(methods[name], parents, out, state)
            costs.setdefault((name, state), []).append(cost)
            print(f"{name}, {state}: {cost.wall_s:.1f} s", file=sys.stderr)
            if name not in wrong and name != COPIED:
                merged = out / f"alpha-{ALPHAS[0]}"
                wrong[name] = share_wrong(parents[0], parents[1], merged, float(ALPHAS[0]))
            shutil.rmtree(out)
    return costs, wrong


def _run(method: Method, parents: list[Path], out: Path, state: str) -> Cost:
    total: Cost | None = None
    for alphas in method.runs:
        warm(parents) if state == "warm" else cool(parents)
        cost = run([method.python, "-c", method.script, *map(str, parents), str(out), *alphas])
        total = cost if total is None else total.then(cost)
    assert total is not None
    return total


def _median(costs: Costs, name: str, state: str) -> float | None:
    runs = costs.get((name, state))
    return statistics.median(run.wall_s for run in runs) if runs else None


def _ratio(first: float | None, second: float | None) -> float | None:
    return round(first / second, 3) if first is not None and second else None


def _figures(
    costs: Costs,
    wrong: dict[str, float],
    weights: int,
    relex: RelexCosts | None,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    ours = _median(costs, OURS_ONE, "warm")
    reasons = {part: "left out by --parts" for part in PARTS if part not in arguments.parts}
    if not arguments.mergekit:
        reasons["over_mergekit"] = "no interpreter with mergekit was given: --mergekit PYTHON"
    if relex and relex.authors is None:
        reasons["relex_ratio"] = relex.missing
    return {
        "over_mergekit": _ratio(_median(costs, MERGEKIT_NAME, "warm"), ours),
        "of_disk_limit": _ratio(_median(costs, COPIED, "warm"), ours),
        "own_memory_mb": _own_memory(costs),
        "sweep_ratio": _ratio(_median(costs, OURS_APART, "warm"), _median(costs, OURS_SWEEP, "warm")),
        "relex_ratio": _ratio(relex.authors.wall_s, relex.ours.wall_s) if relex and relex.authors else None,
        "reasons": reasons,
        "cold": {
            "over_mergekit": _ratio(_median(costs, MERGEKIT_NAME, "cold"), _median(costs, OURS_ONE, "cold")),
            "of_disk_limit": _ratio(_median(costs, COPIED, "cold"), _median(costs, OURS_ONE, "cold")),
            "sweep_ratio": _ratio(_median(costs, OURS_APART, "cold"), _median(costs, OURS_SWEEP, "cold")),
        },
        "relex": asdict(relex) if relex else None,
        "weights": weights,
        "dtype": arguments.dtype,
        "rounds": arguments.rounds,
        "load": round(os.getloadavg()[0], 1),
        "methods": {
            f"{name}, {state}": {**asdict(_middle(runs)), "wrong": wrong.get(name)}
            for (name, state), runs in costs.items()
        },
    }


def _own_memory(costs: Costs) -> float | None:
    """Return the anonymous memory of one merge in MB."""
    runs = costs.get((OURS_ONE, "warm"))
    return round(max(run.own_mib for run in runs) * 1.048576, 1) if runs else None


def _middle(runs: list[Cost]) -> Cost:
    return Cost(
        wall_s=statistics.median(run.wall_s for run in runs),
        cpu_s=statistics.median(run.cpu_s for run in runs),
        own_mib=max(run.own_mib for run in runs),
    )


def _print_table(costs: Costs, wrong: dict[str, float], weights: int, arguments: argparse.Namespace) -> None:
    title = f"{weights / 1e6:.0f} M weights in {arguments.dtype}, median of {arguments.rounds}"
    table = Table(title=title, title_justify="left")
    for column in ("method", "cache", "wall s", "CPU s", "own MiB", "wrong"):
        table.add_column(column, justify="left" if column in ("method", "cache") else "right")
    for (name, state), runs in sorted(costs.items()):
        cost = _middle(runs)
        share = f"{wrong[name]:.4%}" if name in wrong else "-"
        figures = (f"{cost.wall_s:.2f}", f"{cost.cpu_s:.2f}", f"{cost.own_mib:.0f}")
        table.add_row(name, state, *figures, share)
    Console(width=100).print(table)


if __name__ == "__main__":
    try:
        main()
    except ProgramError as error:
        sys.exit(str(error))
