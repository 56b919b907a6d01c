"""Train the runs, predict their end from their first steps, and compare; the last line is JSON.

    python -m codefrontier.benchmarks.lab.prediction --out FOLDER
    python -m codefrontier.benchmarks.lab.prediction --out FOLDER --quick

What is in the folder is not made again. `FOLDER/prediction.md` has the tables, `FOLDER/prediction.json` the
figures. `--quick` checks in a minute or two that everything runs; its numbers mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import tyro
from rich.console import Console

from .... import envs
from ....agents import EpisodeRecord, read_episodes
from ....judge import Judge
from ....problems.families import Split, draw
from ....system import write_file
from ....training.checkpoint import find_checkpoint
from ..job import EVALUATION_SEED, REMEMBERED_RUNS, Plays, play_checkpoint
from ..jobs import run_jobs
from ..methods.page import write_table
from ..plan import FULL_COVERAGE, PRESETS, LabPlan
from ..stages import Lab
from .arms import CONTROLS, PREDICTION, predict
from .comparison import REAL, Comparison, SolveRates, compare, name_of, solve_rates

SEEDS = (0, 1, 2)
MARKS = ("<!-- prediction -->", "<!-- end of prediction -->")


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is trained, known and played."""

    plan: LabPlan
    prefixes: tuple[int, ...] = (9, 15, 30)
    problems: int = 64
    samples: int = 6


FULL = Sizes(
    plan=replace(PRESETS["demo"], rl_steps=60, prompts=24, seeds=SEEDS, middle=False, modes={}),
)
QUICK = Sizes(
    plan=replace(PRESETS["smoke"], rl_steps=6, rl_lr=1e-3, prompts=4, seeds=(0, 1), middle=False),
    prefixes=(2, 3),
    problems=4,
    samples=2,
)


@dataclass(frozen=True, kw_only=True)
class PredictionCommand:
    """Predict the end of runs of the lab with RELEX, and print what was found; the last line is JSON."""

    out: Path = Path("runs/prediction")
    """Folder of runs, predictions and records."""
    quick: bool = False
    """Sizes that only check that everything runs; needs a folder of its own."""
    page: Path | None = None
    """Page into which the tables are written, between its marks."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command with the given or the process's arguments."""
    command = tyro.cli(PredictionCommand, args=words, prog="prediction")
    torch.set_num_threads(1)  # another number of threads would round differently
    envs.register_environments()
    sizes = QUICK if command.quick else FULL
    console = Console(stderr=True)
    lab = train(sizes, command.out / "trained", console)
    episodes, fits = play(sizes, lab, command.out, console)
    rates = solve_rates(episodes)
    found = compare(rates, sizes.prefixes)
    text = as_markdown(rates, found, fits)
    figures = as_json(sizes, rates, found, fits)
    write_file(command.out / "prediction.md", text)
    if command.page is not None:
        write_table(command.page, text, MARKS)
    write_file(command.out / "prediction.json", json.dumps(figures, indent=1) + "\n")
    print(text)
    print(json.dumps(figures))


def train(sizes: Sizes, out: Path, console: Console) -> Lab:
    """Train the start and the runs under full coverage, one at a time, saved at every step."""
    lab = Lab(sizes.plan, out)
    runs = [
        replace(job, description={**job.description, "checkpoint_every": 1})
        for job in lab.stages["reinforcement"]
        if job.description["coverage"] == FULL_COVERAGE
    ]
    for job in (*lab.stages["supervised"], *runs):
        console.print(job.name)
        run_jobs([job], at_a_time=1, on_progress=lambda: None)
    return lab


def play(
    sizes: Sizes, lab: Lab, out: Path, console: Console
) -> tuple[dict[tuple[int, str], list[EpisodeRecord]], dict[tuple[int, int], Mapping[str, float]]]:
    """Play all checkpoints.

    Returns:
        The records by seed and name of the checkpoint, and the measures of the fits by seed and prefix.
    """
    start = find_checkpoint(lab.out / "sft")
    problems = draw(Split.HELDOUT, EVALUATION_SEED, sizes.problems)
    episodes: dict[tuple[int, str], list[EpisodeRecord]] = {}
    fits: dict[tuple[int, int], Mapping[str, float]] = {}
    with Judge(workers=1, remembered_runs=REMEMBERED_RUNS) as judge:
        for seed in sizes.plan.seeds:
            run, last = lab.side(seed, "high"), sizes.plan.rl_steps
            folders = {REAL: run / f"checkpoint-{last:06d}"}
            for prefix in sizes.prefixes:
                work = out / "predicted" / f"seed-{seed}"
                made = predict(start, run, prefix, target=last, work=work)
                fits[seed, prefix] = made.fit
                folders |= {name_of(prefix, arm): made.folders[arm] for arm in (PREDICTION, *CONTROLS)}
            for name, folder in folders.items():
                records = out / "records" / f"seed-{seed}" / f"{name.replace(' ', '-')}.jsonl"
                if not records.exists():
                    console.print(f"seed {seed}: {name}")
                    records.parent.mkdir(parents=True, exist_ok=True)
                    plays = Plays(problems=problems, samples=sizes.samples, records=records)
                    play_checkpoint(judge, folder, plays)
                episodes[seed, name] = list(read_episodes(records).episodes)
    return episodes, fits


def as_markdown(
    rates: SolveRates, found: Sequence[Comparison], fits: Mapping[tuple[int, int], Mapping[str, float]]
) -> str:
    """Return the tables of solve rates, of tests, and of fits."""
    prefixes = sorted({each.prefix for each in found})
    names = ("steps known", PREDICTION, *CONTROLS, REAL)
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for prefix in prefixes:
        cells = [rates.mean(name_of(prefix, arm)) for arm in (PREDICTION, *CONTROLS)] + [rates.mean(REAL)]
        lines.append(f"| {prefix} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    lines += ["", "| steps known | against | difference | by seed | p | verdict |", "|---" * 6 + "|"]
    for each in found:
        seeds = "; ".join(f"{value:+.3f}" for value in each.by_seed)
        row = (str(each.prefix), each.control, str(each.difference), seeds, f"{each.p:.4f}", each.verdict)
        lines.append(f"| {' | '.join(row)} |")
    lines += ["", "| steps known | explained variance | R^2 | of a random walk |", "|---" * 4 + "|"]
    for prefix in prefixes:
        of_prefix = [fit for (_, known), fit in fits.items() if known == prefix]
        means = {name: sum(fit[name] for fit in of_prefix) / len(of_prefix) for name in of_prefix[0]}
        walk = (
            f"{means['explained_variance_of_a_random_walk']:.3f}, {means['r_squared_of_a_random_walk']:.3f}"
        )
        lines.append(f"| {prefix} | {means['explained_variance']:.3f} | {means['r_squared']:.3f} | {walk} |")
    return "\n".join(lines) + "\n"


def as_json(
    sizes: Sizes,
    rates: SolveRates,
    found: Sequence[Comparison],
    fits: Mapping[tuple[int, int], Mapping[str, float]],
) -> dict[str, Any]:
    """Return all figures as JSON values."""
    names = sorted({name for _, name in rates.rates})
    return {
        "seeds": list(rates.seeds),
        "problems": len(rates.problems),
        "samples": sizes.samples,
        "solve_rate": {
            name: {
                "mean": round(rates.mean(name), 4),
                "by_seed": [round(float(rates.rates[seed, name].mean()), 4) for seed in rates.seeds],
            }
            for name in names
        },
        "comparisons": [
            {
                "steps_known": each.prefix,
                "against": each.control,
                "difference": round(each.difference.estimate, 4),
                "low": round(each.difference.low, 4),
                "high": round(each.difference.high, 4),
                "by_seed": [round(value, 4) for value in each.by_seed],
                "p": round(each.p, 5),
                "verdict": each.verdict,
            }
            for each in found
        ],
        "fits": [
            {"seed": seed, "steps_known": prefix, **{name: round(value, 4) for name, value in fit.items()}}
            for (seed, prefix), fit in fits.items()
        ],
    }


if __name__ == "__main__":
    main()
