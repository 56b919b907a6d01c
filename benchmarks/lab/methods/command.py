"""The command line of every experiment: run what is missing, then print the statement and the findings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import tyro
from rich.console import Console

from .... import envs
from .analysis import Finding, findings
from .experiment import QUICK, Experiment, Outcome, Scale, rounded
from .runner import run_experiment


@dataclass(frozen=True, kw_only=True)
class MethodCommand:
    """Run the experiment on a method and print what was found; the last line is JSON."""

    out: Path = Path("runs/methods")
    """Folder of starts, runs and outcomes; all experiments may share it. Runs with an outcome there are not
    repeated."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of reinforcement."""
    arms: tuple[str, ...] = ()
    """Arms to run; all unless given."""
    quick: bool = False
    """Sizes that only check that everything runs."""
    steps: int | None = None
    """Number of steps of reinforcement; that of the experiment unless given."""
    lr: float | None = None
    """Learning rate of reinforcement; that of the experiment unless given."""


def main(experiment: Experiment, words: Sequence[str] | None = None) -> None:
    """Run an experiment as a script does, with the given or the process's arguments."""
    command = tyro.cli(MethodCommand, args=words, prog=experiment.name)
    torch.set_num_threads(1)  # another number of threads would round differently
    envs.register_environments()
    scale = scale_of(experiment, command)
    console = Console(stderr=True)
    results = run_experiment(
        experiment,
        command.out,
        seeds=command.seeds,
        scale=scale,
        arms=command.arms,
        on_run=lambda arm, seed: console.print(f"{experiment.name}: {arm}, seed {seed}"),
    )
    found = findings(experiment, results)
    print(f"{experiment.statement.method}: {experiment.statement.claim}")
    for finding in found:
        print(line(finding))
    summary = {
        "experiment": experiment.name,
        "seeds": list(command.seeds),
        "means": rounded({arm: mean_metrics(runs) for arm, runs in results.items() if runs}, 4),
        "findings": {finding.comparison.name: finding.verdict.value for finding in found},
    }
    print(json.dumps(summary))


def mean_metrics(runs: Mapping[int, Outcome]) -> dict[str, float]:
    """Return the mean over the seeds of each metric of an arm."""
    names = next(iter(runs.values())).metrics
    return {name: sum(run.metrics[name] for run in runs.values()) / len(runs) for name in names}


def scale_of(experiment: Experiment, command: MethodCommand) -> Scale:
    """Return the sizes that a command asks for."""
    scale = QUICK if command.quick else experiment.scale
    return replace(
        scale,
        steps=scale.steps if command.steps is None else command.steps,
        lr=scale.lr if command.lr is None else command.lr,
    )


def line(finding: Finding) -> str:
    """Return a finding as a line of text."""
    problems = f"; over problems {finding.over_problems}" if finding.over_problems else ""
    return f"  {finding.comparison.name}: {finding.over_seeds}{problems}: {finding.verdict}"
