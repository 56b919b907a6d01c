"""ExpRL: does a dense reward against a hidden reference help where the sparse reward is silent?

    python -m codefrontier.benchmarks.lab.methods.exprl --out FOLDER

The start is early supervised training, where the sparse reward should have signal in less than 5 % of
groups of eight. Sampling with the calibration seed found signal in 0 of 37 groups after 150 supervised steps
and in 5 of 37 after 170, so 160 steps are taken. Earlier runs from a start of 140 steps accepted no program
in any arm, so they decide nothing. Half coverage: the sparse reward is 1 if all three small tests pass.

All arms sample equally many replies. `sparse` takes all steps with GRPO. The others take the first half of
the steps with ExpRL and the second half with GRPO. The step of a program is a line. The executable judge cuts
the program after each line, completes it with the remaining lines of a reference program that has the same
plan, and counts the small tests that pass. `wrong reference` takes the reference of another problem, so its
scores rate the program against a task that was not asked for.

On code, the paper's own figures put ExpRL behind sparse rewards (LiveCodeBench pass@1 41.92 against 54.97).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....agents.policy.policy import LocalPolicy
from ....judge import JudgePool, Language, Submission
from ....problems.families import COMBINATIONS, ProgramPlan, Spec, corpus, make_problem, write_program
from ....training import GRPO, Scored
from ....training.algorithms.exprl import ExecutableJudge, ExpRL, split_steps, token_steps
from .command import main
from .experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import make_start
from .training import (
    Replies,
    curve,
    heldout_problems,
    means,
    pass_rates,
    play,
    reinforce,
    signal_share,
    solve_rates,
)

COVERAGE = 0.5
EARLY_STEPS = 160
"""Supervised steps of the start; see the module."""
SECOND_PHASE = 1000
"""Added to the seed of the second half of the steps, so that it has other problems than the first."""

STATEMENT = Statement(
    method="ExpRL (2606.17024)",
    claim="Priming by a dense reward per step, judged against a reference, helps later sparse reinforcement.",
    metric="On held-out problems after equal numbers of replies: solve rate under half coverage and pass@16. "
    "After priming: share of groups of eight with signal.",
    control="Sparse GRPO for all steps from the same start; priming against another problem's reference.",
    expectation="Above sparse, because the start is chosen such that sparse rewards are nearly silent. The "
    "wrong reference gives less than the right reference.",
    comparisons=(
        Comparison(metric="solve rate", arm="exprl", control="sparse", expected="above", margin=0.02),
        Comparison(metric="pass@16", arm="exprl", control="sparse", expected="above", margin=0.05),
        Comparison(metric="solve rate", arm="exprl", control="wrong reference", expected="above"),
        Comparison(metric="signal after half", arm="exprl", control="sparse", expected="above"),
        Comparison(metric="signal after half", arm="exprl", control="wrong reference", expected="above"),
    ),
)


class LineJudge:
    """Scores the lines of programs by running them, completed with the lines of a reference.

    Args:
        judge: Judge of the completed programs.
        tokenizer: Tokenizer of the policy.
        other: Take the reference of the problem with the next combination of map, slice and output.
    """

    def __init__(self, judge: JudgePool, tokenizer: Any, *, other: bool) -> None:
        self._judge, self._tokenizer, self._other = judge, tokenizer, other
        self._judges: dict[tuple[str, ProgramPlan], ExecutableJudge] = {}

    def scores(self, scored: Scored) -> Tensor:
        """Return the score of each line of an episode's program; a reply without a program scores 0."""
        program = self._program(scored)
        if not program:
            return torch.zeros(1, dtype=torch.float64)
        return self.line_scores(scored.episode.problem_id, program)

    def line_scores(self, problem_id: str, program: str) -> Tensor:
        """Return the score in [0, 1] of each line of a program."""
        key = (problem_id, ProgramPlan.of(program) or ProgramPlan.SLOW)
        if key not in self._judges:
            self._judges[key] = self._executable(*key)
        return self._judges[key](program)

    def step_ids(self, scored: Scored) -> Tensor:
        """Return the line of the program that each token is in; tokens around the program join its ends."""
        row = scored.row
        ids = torch.zeros(len(row), dtype=torch.int64)
        program = self._program(scored)
        if not program:
            return ids
        texts = self._texts(scored)
        whole = "".join(texts)
        start = whole.index(program)
        lines = split_steps(program, by="lines")
        lines[0] = whole[:start] + lines[0]
        lines[-1] += whole[start + len(program) :]
        ids[row.loss_mask] = token_steps(texts, lines)
        return ids

    def _program(self, scored: Scored) -> str | None:
        """Return the program of a reply; None also when its text is not that of the reply.

        Marks of lists and quotes around a code block, which an untrained model may write, are removed from
        the submission.
        """
        program = scored.episode.submission
        return program if program and program in "".join(self._texts(scored)) else None

    def _texts(self, scored: Scored) -> list[str]:
        row = scored.row
        return [self._tokenizer.decode([token]) for token in row.token_ids[row.loss_mask].tolist()]

    def _executable(self, problem_id: str, plan: ProgramPlan) -> ExecutableJudge:
        spec = Spec.parse(problem_id)
        problem = make_problem(spec)
        if self._other:
            place = COMBINATIONS.index(spec.combination)
            spec = replace(spec, combination=COMBINATIONS[(place + 1) % len(COMBINATIONS)])

        def share(source: str) -> float:
            submission = Submission(source=source.encode(), language=Language.PYTHON)
            judgement = self._judge.judge(problem, submission, coverage=COVERAGE, stop_early=False)
            return judgement.passed / judgement.selected

        return ExecutableJudge(reference=write_program(spec, plan), judge=share)


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed in two phases and measure it after each."""
    half = task.scale.steps // 2
    steps = min(EARLY_STEPS, task.scale.sft_steps)
    start = make_start(replace(task, scale=replace(task.scale, sft_steps=steps)), f"early-{steps}", corpus)
    group, heldout = task.scale.group, heldout_problems(task)
    sparse, dense = GRPO(group_size=group), None
    if task.arm != "sparse":
        tokenizer = LocalPolicy.load(start).tokenizer
        lines = LineJudge(task.judge, tokenizer, other=task.arm == "wrong reference")
        dense = ExpRL(group_size=group, scores=lines.scores, step_ids=lines.step_ids)
    first = replace(task, folder=task.folder / "first")
    metrics = reinforce(first, dense or sparse, init=start, coverage=COVERAGE, steps=half)
    primed = play(task, first.folder, heldout, coverage=COVERAGE, algorithm=Replies(group_size=group))
    second = replace(task, folder=task.folder / "second", seed=task.seed + SECOND_PHASE)
    metrics += reinforce(
        second, sparse, init=first.folder, coverage=COVERAGE, steps=max(1, task.scale.steps - half)
    )
    groups = play(task, second.folder, heldout, coverage=COVERAGE)
    problems = {"solve rate": solve_rates(groups), "pass@16": pass_rates(groups, 16)}
    halfway = {
        "signal after half": signal_share(primed),
        "solve rate after half": float(np.mean(list(solve_rates(primed).values()))),
    }
    return Outcome(
        metrics={**means(problems), **halfway},
        problems=problems,
        curves={"reward_mean": curve(metrics, "reward_mean")},
    )


EXPERIMENT = Experiment(
    name="exprl",
    statement=STATEMENT,
    arms=("sparse", "exprl", "wrong reference"),
    run=run,
    scale=Scale(steps=12, prompts=4, problems=16, samples=16),
)

if __name__ == "__main__":
    main(EXPERIMENT)
