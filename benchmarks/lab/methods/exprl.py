"""ExpRL: does a dense reward against a hidden reference help where the sparse reward is silent?

    python -m codefrontier.benchmarks.lab.methods.exprl --out FOLDER

The start is an early checkpoint of the common supervised run: the latest one (every 100 steps) for which
fewer than 5 % of groups of eight replies have both accepted and other programs, as the calibration seed
found. Half coverage, so the sparse reward is 1 if all three small tests pass.

Arms of equal numbers of replies: `sparse` takes all steps with GRPO. The others take the first half of the
steps with ExpRL and the second half with GRPO. The step of a program is a line. The executable judge cuts the
program after each line, completes it with the remaining lines of a reference program, and counts the small
tests that pass. `wrong reference` takes the reference of another problem, so its scores rate the program
against a task that it was not given.

On code, the paper's own figures put ExpRL behind sparse rewards (LiveCodeBench pass@1 41.92 against 54.97).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ....judge import JudgePool, Submission
from ....problems import Problem
from ....problems.families import ProgramPlan, Spec, Split, write_program
from ....training import GRPO, Group, Scored
from ....training.algorithms.exprl import ExecutableJudge, ExpRL, split_steps, token_steps
from .command import main
from .experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import plain_start
from .training import accepted, curve, heldout_problems, means, pass_rates, play, reinforce, solve_rates

COVERAGE = 0.5
START_STEP = 200
"""Supervised steps of the start; see the module."""
_FENCE_OPEN, _FENCE_CLOSE = "```python\n", "\n```"

STATEMENT = Statement(
    method="ExpRL (2606.17024)",
    claim="Priming by a dense reward per step, judged against a reference, helps later sparse reinforcement.",
    metric="On held-out problems after equal numbers of replies: solve rate under half coverage and pass@16; "
    "after priming: share of groups of eight with signal.",
    control="Sparse GRPO for all steps from the same start; priming against the reference of another problem.",
    expectation="Above sparse, because the start is chosen such that sparse rewards are nearly silent. The wrong "
    "reference gives less than the right one.",
    comparisons=(
        Comparison(metric="solve rate", arm="exprl", control="sparse", expected="above", margin=0.02),
        Comparison(metric="pass@16", arm="exprl", control="sparse", expected="above", margin=0.05),
        Comparison(metric="solve rate", arm="exprl", control="wrong reference", expected="above"),
        Comparison(metric="signal after half", arm="exprl", control="sparse", expected="above"),
        Comparison(metric="signal after half", arm="exprl", control="wrong reference", expected="above"),
    ),
)


class LineJudge:
    """Scores the lines of programs against a reference, by running completed programs.

    Args:
        judge: Judge of the completed programs.
        other: Take the reference of another problem: the next output and map in the order of the families.
    """

    def __init__(self, judge: JudgePool, *, other: bool) -> None:
        self._judge, self._other = judge, other
        self._problems: dict[str, Problem] = {}
        self._judges: dict[tuple[str, ProgramPlan], ExecutableJudge] = {}

    def scores(self, scored: Scored) -> Tensor | None:
        """Return the score of each line of an episode's program; a reply without a program scores 0."""
        program = scored.episode.submission
        if not program:
            return torch.zeros(1, dtype=torch.float64)
        return self._for(scored.episode.problem_id, program)(program)

    def step_ids(self, scored: Scored) -> Tensor:
        """Return the line of the program that each token belongs to; tokens around it join its ends."""
        row = scored.row
        ids = torch.zeros(len(row), dtype=torch.int64)
        program, texts = scored.episode.submission, self._texts(scored)
        if program:
            text = "".join(texts)
            start = max(0, text.find(program))
            lines = split_steps(program, by="lines")
            steps = [text[:start] + lines[0], *lines[1:]]
            steps[-1] += text[start + len(program) :]
            ids[row.loss_mask] = token_steps(texts, steps)
        return ids

    def _texts(self, scored: Scored) -> list[str]:
        assert self.tokenizer is not None, "the algorithm sets the tokenizer before scoring"
        return [self.tokenizer.decode([token]) for token in scored.row.token_ids[scored.row.loss_mask]]

    tokenizer: object | None = None
