"""Train all arms on Sudoku of size 4, measure them, and print what was found; the last line is JSON.

    python -m codefrontier.benchmarks.lab.equilibrium --out FOLDER
    python -m codefrontier.benchmarks.lab.equilibrium --out FOLDER --quick

A run whose outcome is in the folder is not repeated. `--quick` checks in seconds that everything runs; its
numbers mean nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import tyro
from rich.console import Console

from ....judge import Judge
from ....system import write_file
from ....training import find_checkpoint
from ....training.equilibrium import load_network, train_equilibrium
from ...errors import BenchError
from ..methods.runner import SCALE_FILE, check_scale
from .measuring import TestPuzzles, ensemble, errors_by_score, measure, seconds_per_puzzle
from .programs import program_rates
from .report import findings, markdown
from .statement import ARMS, FULL, MAIN, ONCE, QUICK, Scale, settings_of

FAMILY = "sudoku-4"


@dataclass(frozen=True, kw_only=True)
class EquilibriumExperimentCommand:
    """Run the experiment and print what was found; the last line is JSON."""

    out: Path = Path("runs/equilibrium")
    """Folder of runs and outcomes. Runs with an outcome there are not repeated."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of training."""
    arms: tuple[str, ...] = tuple(ARMS)
    """Arms to run."""
    quick: bool = False
    """Sizes that only check that everything runs; needs a folder of its own."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command with the given or the process's arguments."""
    command = tyro.cli(EquilibriumExperimentCommand, args=words, prog="equilibrium")
    unknown = sorted({*command.arms} - {*ARMS})
    if unknown or MAIN not in command.arms:
        raise SystemExit(f"arms must be among {', '.join(ARMS)}, with {MAIN}; got {', '.join(command.arms)}")
    torch.set_num_threads(1)
    scale = QUICK if command.quick else FULL
    try:
        check_scale(command.out / SCALE_FILE, asdict(scale))
    except BenchError as error:
        raise SystemExit(str(error)) from error
    console = Console(stderr=True)
    test = TestPuzzles.draw(FAMILY, scale.test)
    outcomes: dict[str, dict[int, Any]] = {}
    for seed in command.seeds:
        for arm in command.arms:
            console.print(f"equilibrium: {arm}, seed {seed}")
            outcomes.setdefault(arm, {})[seed] = run_arm(arm, seed, scale, test, command.out)
    extra = _extra(command, scale, test)
    tables = markdown(outcomes, scale, extra)
    write_file(command.out / "equilibrium.md", tables)
    print(tables)
    metrics = {
        arm: {
            seed: {name: round(value, 4) for name, value in run["metrics"].items()}
            for seed, run in runs.items()
        }
        for arm, runs in outcomes.items()
    }
    seconds = {arm: {seed: run["cpu_s"] for seed, run in runs.items()} for arm, runs in outcomes.items()}
    sizes = {arm: next(iter(runs.values()))["parameters"] for arm, runs in outcomes.items()}
    summary = {
        "experiment": "equilibrium",
        "seeds": list(command.seeds),
        "findings": findings(outcomes, scale),
        **extra,
    }
    whole = {**summary, "metrics": metrics, "cpu_s": seconds, "parameters": sizes, "scale": asdict(scale)}
    write_file(command.out / "equilibrium.json", json.dumps(whole, indent=1) + "\n")
    print(json.dumps(summary))


def run_arm(arm: str, seed: int, scale: Scale, test: TestPuzzles, out: Path) -> dict[str, Any]:
    """Train and measure an arm with a seed, or read its outcome."""
    folder = out / f"{arm.replace(' ', '-')}-{seed}"
    path = folder / "outcome.json"
    if path.exists():
        return dict(json.loads(path.read_bytes()))
    started = time.process_time()
    settings = settings_of(arm, seed, scale, folder)
    network = load_network(train_equilibrium(settings))
    trained_s = time.process_time() - started
    depths = scale.depths[:1] if arm in ONCE else scale.depths
    breadths = scale.breadths if arm == MAIN else (1,) if arm in ONCE else (1, scale.few)
    outcome = measure(network, test, depths=depths, breadths=breadths, seed=seed)
    outcome["parameters"] = sum(value.numel() for value in network.parameters())
    if arm == MAIN:
        outcome["errors"] = errors_by_score(network, test, scale, seed=seed + 1)
        outcome["metrics"] |= {"auroc residual": outcome["errors"]["auroc residual"], "half": 0.5}
        outcome["metrics"] |= {"auroc change": outcome["errors"]["auroc change"]}
        outcome["step_s"] = (
            seconds_per_puzzle(network, test, scale.middle, scale.few) / scale.middle / scale.few
        )
    outcome["cpu_s"] = {"training": trained_s, "all": time.process_time() - started}
    write_file(path, json.dumps(outcome) + "\n")
    return outcome


def _extra(command: EquilibriumExperimentCommand, scale: Scale, test: TestPuzzles) -> dict[str, Any]:
    """Return the results that need all seeds, or no training."""
    networks = [load_network(find_checkpoint(command.out / f"{MAIN}-{seed}")) for seed in command.seeds]
    with Judge(workers=1) as judge:
        programs = program_rates(test.instances, judge)
    together = ensemble(networks, test, scale.middle) if len(networks) > 1 else {}
    return {"programs": programs, "ensemble": together}


if __name__ == "__main__":
    main()
