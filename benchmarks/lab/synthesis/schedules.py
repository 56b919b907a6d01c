"""Schedules over measured pass rates: does the order of synthesized problems matter on untouched cells?

    python -m codefrontier.benchmarks.lab.synthesis.schedules --out FOLDER

One set of problems is synthesized with the common start as student, from as many seeds as `rated` says, and
every arm trains on it with the curricula of `train rl`. Levels are thirds of the set by measured pass rate,
because this student does not fill the paper's bins. `benchmarks/lab/methods/curricula.py` differs: there the
levels are cells of the Families, and evaluation is on new combinations of trained cells; here the levels are
measured problem by problem, and evaluation is on cells that neither teacher nor training has touched.
"""

from __future__ import annotations

from pathlib import Path

from ....problems.families import Split
from ....training import GRPO
from ..methods.command import main
from ..methods.experiment import CALIBRATION_SEED, Comparison, Experiment, Outcome, RunTask, Scale, Statement
from ..methods.starts import plain_start
from ..methods.training import curve, heldout_problems, means, play, reinforce, solve_rates
from .made import synthesized

ARMS = ("uniform", "soft", "hard", "classic", "reverse_hard", "reverse_medium")
STATEMENT = Statement(
    method="Curricula on synthesized problems (2603.24202)",
    claim="The schedule of difficulties matters: ending with hard problems helps, and a reverse curriculum "
    "is better begun at medium than at hard.",
    metric="Solve rate under full coverage on held-out cells, which no problem of the set has.",
    control="Uniform difficulty with equal numbers of steps, problems and replies.",
    expectation="Undecided: with so few steps the schedules differ by less than three seeds can tell.",
    comparisons=(
        Comparison(metric="solve rate", arm="hard", control="uniform", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="soft", control="uniform", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="classic", control="uniform", expected="below", margin=0.03),
        Comparison(
            metric="solve rate",
            arm="reverse_medium",
            control="reverse_hard",
            expected="above",
            margin=0.03,
        ),
    ),
)


_TURNS = 6


def problem_set(task: RunTask) -> Path:
    """Return the folder of the synthesized set, which all arms and seeds share."""
    out = task.starts / "synthesized"
    synthesized(
        task,
        out,
        f"families:train:{task.scale.rated}:{CALIBRATION_SEED}",
        turns=_TURNS,
        attempts=4 * task.scale.group,
    )
    return out / "problems"


def run(task: RunTask) -> Outcome:
    """Train under a schedule with a seed and measure on cells that were never trained."""
    folder, scale = problem_set(task), task.scale
    lines = reinforce(
        task,
        GRPO(group_size=scale.group),
        init=plain_start(task),
        coverage=1.0,
        env=(f"Folder-single,data={folder}",),
        curriculum=task.arm,
        curriculum_options=(f"length={scale.steps}", "levels=thirds"),
    )
    evaluated = heldout_problems(task, Split.HELDOUT)
    problems = {"solve rate": solve_rates(play(task, task.folder, evaluated, coverage=1.0))}
    return Outcome(
        metrics=means(problems), problems=problems, curves={"reward_mean": curve(lines, "reward_mean")}
    )


EXPERIMENT = Experiment(
    name="schedules",
    statement=STATEMENT,
    arms=ARMS,
    run=run,
    scale=Scale(steps=8, prompts=4, problems=16, samples=4, rated=8),
)

if __name__ == "__main__":
    main(EXPERIMENT)
