"""Online fixing: do groups of replies to repair prompts teach to repair?

    python -m codefrontier.benchmarks.lab.methods.online_fixing --out FOLDER

The model of this size knows source pieces instead of words, so a repair prompt is one line of pieces: the
symbolic task, the number of tests per verdict, and the failed program with marks for its line ends. It says
what the prompt of the method says except for the hint. Its start is trained on the corpus and, in equal
parts, on repairs: a program with bugs and its judged statistics as prompt, the same program without bugs as
reply.

Half coverage. Two failed programs per problem are repaired, with four replies each. `resample only` gives as
many further replies to the original prompt. fix@1 is measured on two failed programs of each held-out
problem, the same ones for every run, with the repair prompt in every arm. They are programs of the start;
where it has fewer than two, programs with a bug that the families make. The arm `start` trains nothing: it
measures fix@1 twice with different random numbers, which tells the difference that is detectable.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from ....agents import JudgementRecord
from ....judge import JudgePool, Language, Submission, Verdict
from ....problems import Problem
from ....problems.families import (
    ProgramPlan,
    Spec,
    buggy,
    corpus,
    corpus_items,
    make_problem,
    vocabulary,
    write_program,
)
from ....training import GRPO, EpisodePlan, Group
from ....training.algorithms.online_fixing import OnlineFixing, paired_difference
from .command import main
from .experiment import CALIBRATION_SEED, Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import make_start
from .training import (
    EVALUATION_SEED,
    Replies,
    accepted,
    curve,
    heldout_problems,
    means,
    play,
    reinforce,
    solve_rates,
)

COVERAGE = 0.5
TESTS = 3
"""Number of tests that half coverage selects."""
LIMIT, RETRIES = 2, 4
REPAIR = " repair"
LINE_END = "\u00b6"
"""Mark of a line end in a prompt, followed by the level of indentation."""
VERDICTS = ("AC", "WA", "RTE", "TLE", "MLE", "OLE", "CE")
MARKS = tuple(f"{LINE_END}{level}" for level in range(5))
PIECES = (
    REPAIR,
    *MARKS,
    *(f" {verdict}={count}" for verdict in VERDICTS for count in range(1, TESTS + 1)),
)
"""Pieces of repair prompts besides those of the families."""
_REPAIRS = 2000
"""Number of different judged repairs in the corpus of the start."""
_FAILED_PER_PROBLEM = 2

STATEMENT = Statement(
    method="Online fixing (2605.28751, appendix G)",
    claim="Groups of replies to repair prompts raise the share of repaired programs (fix@1).",
    metric="fix@1: share of accepted replies to repair prompts for failed programs of the start on held-out "
    "problems, four replies each, under half coverage. Solve rate of plain prompts.",
    control="Resample only: as many further replies to the original prompt in equal groups; and plain GRPO, "
    "which samples fewer replies.",
    expectation="fix@1 above resample only, which trains no repair prompt. The paper's difference is 3.7 "
    "points; the arm `start` says what can be detected here. No difference in the solve rate.",
    comparisons=(
        Comparison(metric="fix@1", arm="online fixing", control="resample only", expected="above"),
        Comparison(metric="fix@1", arm="online fixing", control="none", expected="above"),
        Comparison(
            metric="solve rate", arm="online fixing", control="resample only", expected="above", margin=0.03
        ),
    ),
)


def repair_line(task_line: str, program: str, counts: Mapping[str, int]) -> str:
    """Return the repair prompt of a failed program.

    Args:
        task_line: Symbolic line of the problem.
        program: The failed program, in the pieces of the families.
        counts: Number of tests by verdict.
    """
    statistics = "".join(f" {name}={counts[name]}" for name in VERDICTS if counts.get(name))
    return f"{task_line}{REPAIR}{statistics}{marked(program)}"


def marked(program: str) -> str:
    """Return a program as one line, with a mark of its level for each line end."""
    return re.sub(r"\n((?:    )*)", lambda match: f"{LINE_END}{len(match[1]) // 4}", program)


def judged_counts(judgement: JudgementRecord) -> dict[str, int]:
    """Return the number of tests by verdict; a program that does not compile fails all selected tests."""
    if judgement.verdict is Verdict.COMPILE_ERROR:
        return {"CE": judgement.selected}
    return dict(Counter(run.verdict.value for run in judgement.runs))


class LineRepairs(OnlineFixing):
    """Online fixing whose repair prompts are one line."""

    name = "online_fixing_lines"

    def _prompts(self, group: Group) -> list[tuple[int, str | None]]:
        return [(parent, prompt) for parent, prompt in failures(group)[: self.limit]]


class LineResamples(OnlineFixing):
    """The control: as many further replies to the original prompt, for the same failed programs."""

    name = "resample_only_lines"

    def _prompts(self, group: Group) -> list[tuple[int, str | None]]:
        return [(parent, None) for parent, _ in failures(group)[: self.limit]]


def failures(group: Group) -> list[tuple[int, str]]:
    """Return the sample number and the repair prompt of each failed program of a group.

    Programs with text that the pieces of a prompt cannot write are left out.
    """
    line = Spec.parse(group.problem.id).prompt
    found = []
    for member in group.members:
        program, judgement = member.episode.submission, member.episode.judgement
        if program and judgement and not judgement.verdict.accepted:
            prompt = repair_line(line, program, judged_counts(judgement))
            if sum(map(len, _pattern().findall(prompt))) == len(prompt):
                found.append((member.episode.sample, prompt))
    return found


@cache
def _pattern() -> re.Pattern[str]:
    """Return the expression that the tokenizer splits by: the longest piece at each position."""
    pieces = sorted((*vocabulary(), *PIECES), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, pieces)))


class Repairs(Replies):
    """Samples replies to given repair prompts; each prompt is a group of its own.

    Args:
        prompts: Repair prompts by problem id.
    """

    def __init__(self, prompts: Mapping[str, Sequence[str]]) -> None:
        super().__init__(group_size=RETRIES)
        self._repair_prompts = prompts

    def plan_group(self, problem: Problem) -> Sequence[EpisodePlan]:
        """Return the plans of the replies to the prompts of a problem."""
        return [
            EpisodePlan(sample=place * RETRIES + number, group=place, prompt=prompt)
            for place, prompt in enumerate(self._repair_prompts[problem.id])
            for number in range(RETRIES)
        ]


def repairs(judge: JudgePool, count: int) -> list[tuple[str, str]]:
    """Return pairs of a repair prompt and the program without its bugs, judged on the small tests."""
    found: list[tuple[str, str]] = []
    for item in corpus_items(CALIBRATION_SEED):
        if len(found) == count:
            break
        if item.bugs:
            record = judged(judge, make_problem(item.spec), item.program)
            if not record.verdict.accepted:
                line = repair_line(item.prompt, item.program, judged_counts(record))
                found.append((line, write_program(item.spec, item.plan)))
    return found


def repair_start(task: RunTask) -> Path:
    """Return the checkpoint that was trained on programs and on repairs."""

    def pairs(seed: int) -> Iterator[tuple[str, str]]:
        fixed = repairs(task.judge, min(_REPAIRS, 4 * task.scale.sft_steps))
        generator, plain = random.Random(f"repairs {seed}"), corpus(seed)
        while True:
            yield next(plain) if generator.random() < 0.5 else generator.choice(fixed)

    return make_start(task, "repairs", pairs, pieces=(*vocabulary(), *PIECES))


def failed_programs(task: RunTask, start: Path) -> dict[str, list[str]]:
    """Return the repair prompts of two failed programs of each held-out problem."""
    groups = play(
        task, start, heldout_problems(task), coverage=COVERAGE, algorithm=Replies(group_size=8), all_runs=True
    )
    return {
        group.problem.id: [
            *islice(
                itertools.chain(
                    (prompt for _, prompt in failures(group)), made_failures(task.judge, group.problem)
                ),
                _FAILED_PER_PROBLEM,
            )
        ]
        for group in groups
    }


def made_failures(judge: JudgePool, problem: Problem) -> Iterator[str]:
    """Yield the repair prompts of fast programs with a bug that fail, without end."""
    spec, generator = Spec.parse(problem.id), random.Random(f"repairs {problem.id}")
    while True:
        program = buggy(write_program(spec, ProgramPlan.FAST), generator).text
        record = judged(judge, problem, program)
        if not record.verdict.accepted:
            yield repair_line(spec.prompt, program, judged_counts(record))


def judged(judge: JudgePool, problem: Problem, program: str) -> JudgementRecord:
    """Return the judgement of a program on all tests of half coverage."""
    submission = Submission(source=program.encode(), language=Language.PYTHON)
    judgement = judge.judge(problem, submission, coverage=COVERAGE, stop_early=False)
    return JudgementRecord.of(judgement, tests=len(problem.tests))


def fixed_counts(
    task: RunTask, checkpoint: Path, failed: Mapping[str, Sequence[str]], seed: int
) -> dict[str, tuple[int, int]]:
    """Return the number of replies and of accepted replies by failed program."""
    groups = play(
        task, checkpoint, heldout_problems(task), coverage=COVERAGE, seed=seed, algorithm=Repairs(failed)
    )
    return {
        f"{group.problem.id} {group.number}": (len(group.members), sum(map(accepted, group.members)))
        for group in groups
    }


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed and measure repairs and plain replies."""
    start = repair_start(task)
    failed = failed_programs(task, start)
    if task.arm == "start":
        return _measured_start(task, start, failed)
    group = task.scale.group
    algorithm = {
        "none": GRPO(group_size=group),
        "resample only": LineResamples(group_size=group, retries=RETRIES, limit=LIMIT),
        "online fixing": LineRepairs(group_size=group, retries=RETRIES, limit=LIMIT),
    }[task.arm]
    lines = reinforce(task, algorithm, init=start, coverage=COVERAGE)
    fixed = fixed_counts(task, task.folder, failed, EVALUATION_SEED)
    problems = {
        "fix@1": _by_problem(fixed),
        "solve rate": solve_rates(play(task, task.folder, heldout_problems(task), coverage=COVERAGE)),
    }
    curves = {name: curve(lines, name) for name in ("reward_mean", "episodes")}
    return Outcome(metrics=means(problems), problems=problems, curves=curves)


def _measured_start(task: RunTask, start: Path, failed: Mapping[str, Sequence[str]]) -> Outcome:
    seed = EVALUATION_SEED + 2 * task.seed
    first, second = (fixed_counts(task, start, failed, seed + turn) for turn in (0, 1))
    difference = paired_difference(first, second)
    problems = {
        "fix@1": _by_problem(first),
        "solve rate": solve_rates(play(task, start, heldout_problems(task), coverage=COVERAGE)),
    }
    metrics = {**means(problems), "detectable": difference.detectable, "failed programs": float(len(first))}
    return Outcome(metrics=metrics, problems=problems)


def _by_problem(counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Return the share of accepted replies by problem."""
    shares: dict[str, list[float]] = {}
    for name, (replies, fixed) in counts.items():
        shares.setdefault(name.split()[0], []).append(fixed / replies)
    return {name: float(np.mean(values)) for name, values in shares.items()}


EXPERIMENT = Experiment(
    name="online_fixing",
    statement=STATEMENT,
    arms=("start", "none", "resample only", "online fixing"),
    run=run,
    scale=Scale(steps=10, prompts=4, group=6, problems=16, samples=4, sft_steps=500),
)

if __name__ == "__main__":
    main(EXPERIMENT)
