"""Train, make all attempts, choose on the validation split, and confirm on untouched problems.

    python -m codefrontier.benchmarks.lab.attempts --out FOLDER
    python -m codefrontier.benchmarks.lab.attempts --out FOLDER --quick

What is in the folder is not made again. `FOLDER/attempts.md` has the tables; the last line of the output is
JSON. `--quick` checks in a few minutes that everything runs; its numbers mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import tyro
from rich.console import Console

from .... import envs
from ....judge import Judge
from ....problems.families import Split
from ....system import write_file
from ..job import REMEMBERED_RUNS
from ..jobs import run_jobs
from ..methods.page import write_table
from ..plan import PRESETS
from ..stages import AT_A_TIME, Lab
from .attempt import ATTEMPTS, LATER_ATTEMPTS, SEEDS, Attempt
from .ends import Ends
from .evaluation import Evaluation, Sizes
from .table import as_json, as_markdown
from .verdicts import AttemptOutcome, chosen, judge_attempt

PLAN = replace(
    PRESETS["demo"],
    seeds=SEEDS,
    prompts=24,
    problems={Split.HELDOUT.value: 80, Split.VALIDATION.value: 24},
    samples=16,
    middle=False,
    modes={},
)
"""Plan whose start and runs are the ends of the attempts; its evaluation is not carried out."""
QUICK_PLAN = replace(PRESETS["smoke"], seeds=SEEDS, rl_steps=40, prompts=2, middle=False)
QUICK = Sizes(problems=4, samples=4, screened=6, screening=2, hard_problems=3, hard_samples=4, quick=True)
_EVERY = 10
MARKS = ("<!-- attempts -->", "<!-- end of attempts -->")


@dataclass(frozen=True, kw_only=True)
class AttemptsCommand:
    """Make the attempts and print what was found; the last line is JSON."""

    out: Path = Path("runs/attempts")
    """Folder of runs, merges and records."""
    names: tuple[str, ...] = ()
    """Names of attempts; all unless given."""
    quick: bool = False
    """Sizes that only check that everything runs; needs a folder of its own."""
    page: Path | None = None
    """Page into which the tables are written, between its marks."""
    at_a_time: int = AT_A_TIME
    """Number of runs that are trained at a time, each on a core."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command with the given or the process's arguments."""
    command = tyro.cli(AttemptsCommand, args=words, prog="attempts")
    torch.set_num_threads(1)  # another number of threads would round differently
    envs.register_environments()
    console = Console(stderr=True)
    picked = _picked(command.names)
    trained = command.out / "trained"
    lab = Lab(QUICK_PLAN if command.quick else PLAN, trained)
    own = [each.variant.stages(lab, each.seeds) for each in picked if each.variant is not None]
    for jobs in (
        lab.stages["supervised"],
        lab.stages["reinforcement"],
        [job for start, _ in own for job in start],
        [job for _, runs in own for job in runs],
    ):
        run_jobs(jobs, at_a_time=command.at_a_time, on_progress=lambda: None)
    ends = Ends(trained, command.out / "merges", every=_EVERY)
    sizes = QUICK if command.quick else Sizes()
    with Judge(workers=1, remembered_runs=REMEMBERED_RUNS) as judge:

        def evaluation(split: Split) -> Evaluation:
            records = command.out / "records" / split.value
            return Evaluation(ends, split, sizes, records, judge, on_play=console.print)

        validation = evaluation(Split.VALIDATION)
        outcomes = [judge_attempt(each, validation.results(each)) for each in picked]
        untouched = evaluation(Split.HELDOUT)
        confirmed = {
            claim: judge_attempt(each.attempt, untouched.results(each.attempt))
            for claim, each in chosen_in_turn(outcomes).items()
        }
    tables = as_markdown(outcomes, confirmed)
    write_file(command.out / "attempts.md", tables)
    if command.page is not None:
        write_table(command.page, tables, MARKS)
    print(tables)
    print(json.dumps(as_json(outcomes, confirmed)))


def chosen_in_turn(outcomes: Sequence[AttemptOutcome]) -> dict[str, AttemptOutcome]:
    """Return what is chosen among the first attempts, and then among the later ones."""
    first = {each.name for each in ATTEMPTS}
    earlier = [each for each in outcomes if each.attempt.name in first]
    later = [each for each in outcomes if each.attempt.name not in first]
    found = chosen(earlier) if earlier else {}
    return found | ({f"{claim}, later": each for claim, each in chosen(later).items()} if later else {})


def _picked(names: Sequence[str]) -> list[Attempt]:
    known = {each.name: each for each in (*ATTEMPTS, *LATER_ATTEMPTS)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"unknown attempts {unknown}; attempts: {', '.join(known)}")
    return [known[name] for name in names] or [each for each in known.values() if each.by_default]


if __name__ == "__main__":
    main()
