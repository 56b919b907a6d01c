"""Four environments against one: does reinforcement on a mixture help induction on untouched cells?

    python -m codefrontier.benchmarks.lab.synthesis.environments --out FOLDER

The environments are `Induction-single`, `Abduction-single`, `Deduction-single` and `Fuzzing-single` with
their judge and rewards, on the functions of `functions.py` in the layout `plain`, which a tokenizer of the
lab's pieces can read. A supervised start per seed learns all four kinds of answers, from functions of all
cells with the train combinations. Each arm then reinforces it on tasks about functions of the trained cells:
as many steps, problems and replies in each arm, divided equally among the environments of the arm. The split
`heldout` has other cells and other combinations; runs with the seed for calibration are measured on
`validation`, whose cells are the trained ones.

The arm `quarter` was added after the runs of the others, before its own: without it, a difference between
`four` and `induction` can be that of less training on induction.

First runs had one start for all seeds and 30 steps. They taught little, 0.04 above the start, so the runs
were repeated with twice the steps, and with a start per seed; nothing else was changed. Both are kept.
"""

from __future__ import annotations

from pathlib import Path

from ....problems import TaskKind
from ....problems.families import Split
from ....training import GRPO, Group, TrainingEnvironment
from ....training.sampling.exercises import Exercise
from ....training.settings import TrainEnvOptions
from ..methods.command import main
from ..methods.experiment import CALIBRATION_SEED, Comparison, Experiment, Outcome, RunTask, Scale, Statement
from ..methods.starts import make_start
from ..methods.training import (
    EVALUATION_SEED,
    curve,
    distinct_accepted,
    means,
    pass_rates,
    play,
    reinforce,
    solve_rates,
)
from .functions import PIECES, pairs, task_folder, tasks

OPTIONS = TrainEnvOptions(layout="plain")
TEMPLATE = "{{- bos_token + messages[-1]['content'] -}}"
"""Chat template: the prompt is the task as it is."""
START, QUARTER = "start", "quarter"
ARMS: dict[str, tuple[TaskKind, ...]] = {
    "four": tuple(TaskKind),
    "induction": (TaskKind.INDUCTION,),
    "deduction": (TaskKind.DEDUCTION,),
    QUARTER: (TaskKind.INDUCTION,),
    START: (),
}
"""Environments that an arm trains on. `quarter` takes a quarter of the problems of the other arms: as many
tasks of induction as `four` has."""
_BATCH = 16

STATEMENT = Statement(
    method="Four environments (2603.24202)",
    claim="With an equal budget, training on four environments instead of induction alone helps, or at least "
    "does not hurt, what was not trained on.",
    metric="Solve rate of Induction on held-out cells, which reinforcement never saw: 24 functions, 8 "
    "replies to each task. Also the solve rate of each of the four environments there, their mean "
    "(`four`), and pass@8 of Induction.",
    control="Induction alone: the same start, as many steps, problems and replies. Also the start without "
    "reinforcement, and Deduction alone. Groups without signal are not replaced.",
    expectation="Undecided, with Induction of the mixture between the start and Induction alone: a quarter "
    "of its replies are programs, and a model of this size shares little between writing a function and "
    "reading it. In the first runs the difference was 0.007 [-0.051, 0.065]. For `quarter`: as good as "
    "`four` on Induction, so that less training and not variety explains what `four` has above `induction`.",
    comparisons=(
        Comparison(metric="induction", arm="four", control="induction", expected="above", margin=0.03),
        Comparison(metric="four", arm="four", control="induction", expected="above", margin=0.03),
        Comparison(metric="induction pass@8", arm="four", control="induction", expected="above", margin=0.03),
        Comparison(metric="induction", arm="four", control=QUARTER, expected="above", margin=0.03),
        Comparison(metric="induction", arm=QUARTER, control="induction", expected="above", margin=0.03),
        Comparison(metric="induction", arm="induction", control=START, expected="above", margin=0.03),
        Comparison(metric="induction", arm="four", control=START, expected="above", margin=0.03),
        Comparison(metric="four", arm="four", control=START, expected="above", margin=0.03),
        Comparison(metric="induction", arm="deduction", control=START, expected="above", margin=0.03),
        Comparison(metric="deduction", arm="deduction", control=START, expected="above", margin=0.03),
        Comparison(metric="abduction", arm="deduction", control=START, expected="above", margin=0.03),
    ),
)


def env_id(kind: TaskKind) -> str:
    """Return the id of the environment of a kind of tasks."""
    return f"{kind.capitalize()}-single"


def start(task: RunTask) -> Path:
    """Return the checkpoint of a seed, for all arms, that was trained on all four kinds of answers."""
    name = f"functions-{task.seed}"
    return make_start(task, name, pairs, pieces=PIECES, template=TEMPLATE, batch=_BATCH, seed=task.seed)


def trained(task: RunTask) -> list[float]:
    """Train an arm, and return the mean reward of each step."""
    scale, kinds = task.scale, ARMS[task.arm]
    count = scale.steps * scale.prompts
    folder = task_folder(task.starts / f"functions-{count}", Split.TRAIN, 0, count)
    lines = reinforce(
        task,
        GRPO(group_size=scale.group),
        init=start(task),
        coverage=1.0,
        env=tuple(f"{env_id(kind)}:1,data={folder}" for kind in kinds),
        env_options=OPTIONS,
        packing="prefixes",
        prompts=scale.prompts // len(TaskKind) if task.arm == QUARTER else scale.prompts,
    )
    return curve(lines, "reward_mean")


def measured(task: RunTask, checkpoint: Path) -> dict[TaskKind, list[Group]]:
    """Sample replies to tasks of each kind about functions of untouched cells."""
    split = Split.VALIDATION if task.seed == CALIBRATION_SEED else Split.HELDOUT
    found = {}
    for place, (kind, problems) in enumerate(tasks(split, EVALUATION_SEED, task.scale.problems).items()):
        environment = TrainingEnvironment.parse(env_id(kind), place=place, coverage=1.0, shared=OPTIONS)
        exercises = [Exercise(environment=environment, problem=each, coverage=1.0) for each in problems]
        found[kind] = play(task, checkpoint, exercises, coverage=1.0)
    return found


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed and measure it in all four environments."""
    rewards = trained(task) if ARMS[task.arm] else []
    groups = measured(task, task.folder if rewards else start(task))
    induced = groups[TaskKind.INDUCTION]
    problems = {kind.value: solve_rates(each) for kind, each in groups.items()}
    problems["four"] = {name: rate for rates in problems.values() for name, rate in rates.items()}
    problems["induction pass@8"] = pass_rates(induced, 8)
    problems["distinct accepted"] = distinct_accepted(induced)
    return Outcome(metrics=means(problems), problems=problems, curves={"reward_mean": rewards})


EXPERIMENT = Experiment(
    name="environments",
    statement=STATEMENT,
    arms=tuple(ARMS),
    run=run,
    scale=Scale(steps=60, prompts=8, problems=24, samples=8, reply_tokens=84, lr=1e-4, sft_steps=700),
)

if __name__ == "__main__":
    main(EXPERIMENT)
