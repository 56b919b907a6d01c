"""Curricula: does the order of difficulties matter for reinforcement on code?

    python -m codefrontier.benchmarks.lab.methods.curricula --out FOLDER

Full coverage. The difficulty of a cell (a question with its comparison) is the pass rate of the start over 32
replies to four problems; the trained cells are cut into three equal parts by that rate. The paper bins
single problems into fixed ranges of pass rates, which this start does not fill.

The schedules are those of the paper as shares of the run. `uniform` draws each difficulty equally often. In
`reverse medium`, the paper ends with problems between easy and medium; here it ends with easy ones.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from ....problems import Problem
from ....problems.families import Spec, Split, make_problem, shuffled_specs
from ....system import write_file
from ....training import GRPO, ProblemStream
from .command import main
from .experiment import CALIBRATION_SEED, Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import plain_start
from .training import Replies, curve, heldout_problems, means, play, reinforce, solve_rates

DIFFICULTIES = ("easy", "medium", "hard")
Weights = tuple[float, float, float]
EASY, MEDIUM, HARD = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
SCHEDULES: Mapping[str, Sequence[tuple[float, Weights]]] = {
    "uniform": [(1.0, (1 / 3, 1 / 3, 1 / 3))],
    "soft": [
        (0.1875, (0.8, 0.15, 0.05)),
        (0.4375, (0.15, 0.8, 0.05)),
        (0.75, (0.15, 0.4, 0.45)),
        (1.0, (0.05, 0.15, 0.8)),
    ],
    "hard": [(0.1875, (0.9, 0.05, 0.05)), (0.4375, (0.05, 0.9, 0.05)), (1.0, (0.05, 0.05, 0.9))],
    "classic": [
        (0.25, EASY),
        (0.375, (0.75, 0.25, 0.0)),
        (0.625, MEDIUM),
        (0.75, (0.0, 0.75, 0.25)),
        (1.0, HARD),
    ],
    "reverse hard": [
        (0.25, HARD),
        (0.375, (0.0, 0.25, 0.75)),
        (0.625, MEDIUM),
        (0.75, (0.25, 0.75, 0.0)),
        (1.0, EASY),
    ],
    "reverse medium": [(0.4375, MEDIUM), (0.5, (0.25, 0.75, 0.0)), (1.0, EASY)],
}
"""Weights of the difficulties by schedule: (share of the run at which they end, weights)."""
_RATED_REPLIES = 8

STATEMENT = Statement(
    method="Curricula (2603.24202)",
    claim="The schedule of difficulties matters: ending with hard problems helps hard ones, and a reverse "
    "curriculum is better begun at medium than at hard.",
    metric="Solve rate under full coverage on held-out combinations, of all cells and of the hard third.",
    control="Uniform difficulty with equal numbers of steps, problems and replies.",
    expectation="Undecided: with 12 steps, schedules differ by less than three seeds can tell. The largest "
    "difference is expected between reverse hard and reverse medium.",
    comparisons=(
        Comparison(metric="solve rate, hard", arm="hard", control="uniform", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="soft", control="uniform", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="hard", control="uniform", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="classic", control="uniform", expected="below", margin=0.03),
        Comparison(
            metric="solve rate",
            arm="reverse medium",
            control="reverse hard",
            expected="above",
            margin=0.03,
        ),
    ),
)


def weights_at(schedule: str, progress: float) -> Weights:
    """Return the weights of the difficulties at a share of the run in [0, 1)."""
    return next(weights for end, weights in SCHEDULES[schedule] if progress < end)


def scheduled_stream(
    bins: Mapping[str, Sequence[str]], schedule: str, *, steps: int, prompts: int, seed: int
) -> ProblemStream:
    """Return a stream of training problems whose difficulties follow a schedule.

    Args:
        bins: Names of cells by difficulty.
        schedule: Name of the schedule.
        steps: Number of steps of the run; the last weights hold for further problems.
        prompts: Number of problems per step.
        seed: Seed of the order of problems and of the difficulties drawn.
    """

    def specs(difficulty: str) -> Iterator[Spec]:
        for epoch in range(1_000_000):
            for spec in shuffled_specs(Split.TRAIN, seed + 1_000_003 * epoch):
                if spec.cell.name in bins[difficulty]:
                    yield spec

    def endless(number: int) -> Iterator[Callable[[], Problem]]:
        generator = random.Random(f"curriculum {schedule} {seed} {number}")
        streams = {difficulty: specs(difficulty) for difficulty in DIFFICULTIES}
        place = 0
        while True:
            progress = min(place / (steps * prompts), 0.999)
            difficulty = generator.choices(DIFFICULTIES, weights_at(schedule, progress))[0]
            spec = next(streams[difficulty])
            place += 1
            yield lambda spec=spec: make_problem(spec)  # type: ignore[misc]

    return ProblemStream(endless)


def cell_bins(task: RunTask) -> dict[str, list[str]]:
    """Return the names of the trained cells by difficulty for the start; measured once per folder."""
    path = task.starts / "difficulties.json"
    if not path.exists():
        rates = _pass_rates(task)
        ordered = sorted(rates, key=lambda cell: (-rates[cell], cell))
        parts = [part.tolist() for part in np.array_split(np.array(ordered), len(DIFFICULTIES))]
        bins = dict(zip(DIFFICULTIES, parts, strict=True))
        write_file(path, json.dumps({"bins": bins, "pass_rates": rates}, indent=1) + "\n")
    return dict(json.loads(path.read_text())["bins"])


def _pass_rates(task: RunTask) -> dict[str, float]:
    """Return the pass rate of the start by trained cell, over 8 replies to each of its rated problems."""
    problems: dict[str, list[Problem]] = {}
    for spec in shuffled_specs(Split.TRAIN, CALIBRATION_SEED):
        found = problems.setdefault(spec.cell.name, [])
        if len(found) == task.scale.rated:
            break  # the order consists of rounds with each cell once
        found.append(make_problem(spec))
    groups = play(
        task,
        plain_start(task),
        [problem for found in problems.values() for problem in found],
        coverage=1.0,
        seed=CALIBRATION_SEED,
        algorithm=Replies(group_size=_RATED_REPLIES),
    )
    rates = solve_rates(groups)
    return {cell: float(np.mean([rates[each.id] for each in found])) for cell, found in problems.items()}


def run(task: RunTask) -> Outcome:
    """Train under a schedule with a seed and measure each difficulty."""
    bins, scale = cell_bins(task), task.scale
    stream = scheduled_stream(bins, task.arm, steps=scale.steps, prompts=scale.prompts, seed=task.seed)
    lines = reinforce(
        task, GRPO(group_size=scale.group), init=plain_start(task), coverage=1.0, problems=stream
    )
    rates = solve_rates(play(task, task.folder, heldout_problems(task), coverage=1.0))
    problems = {"solve rate": rates}
    for difficulty, cells in bins.items():
        inside = {name: rate for name, rate in rates.items() if Spec.parse(name).cell.name in cells}
        if inside:
            problems[f"solve rate, {difficulty}"] = inside
    return Outcome(
        metrics=means(problems), problems=problems, curves={"reward_mean": curve(lines, "reward_mean")}
    )


EXPERIMENT = Experiment(
    name="curricula",
    statement=STATEMENT,
    arms=tuple(SCHEDULES),
    run=run,
    scale=Scale(steps=12, prompts=4, problems=37, samples=4),
)

if __name__ == "__main__":
    main(EXPERIMENT)
