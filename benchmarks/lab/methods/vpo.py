"""VPO: do replies that hold sets of programs become better at best@k, and worse at k = 1?

    python -m codefrontier.benchmarks.lab.methods.vpo --out FOLDER

A reply holds three programs. The start is trained on replies with three programs of the corpus for one
problem, drawn independently, so that the programs of a reply differ as those of three replies would. Each
program is judged on all tests; its reward vector says whether it passed the small, the medium and the large
tests. Slow programs pass the first two, fast ones with a bug often none, and only right fast ones the third.

Every arm samples as many replies. The arms differ in the score of a reply:

- `vpo`: the mean over random weightings of the best program under each weighting.
- `multi rlvr`: the sum over the programs of the mean of their vectors.
- `gdpo`: the mean vector of the programs, standardised in each objective.
- `max@k`: the mean over the programs of the mean of their vectors, as an estimate of the best of half of the
  replies.

best@1 is the share of accepted programs, best@3 of replies with an accepted program, best@9 the unbiased
estimate that one of three replies has an accepted program.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ....agents import EpisodeRecord, JudgementRecord
from ....envs.actions import code_blocks
from ....judge import JudgePool, Language, Submission
from ....problems.families import Spec, corpus_items, make_problem, vocabulary
from ....training import Group
from ....training.algorithms.vpo import (
    VPO,
    gdpo_advantages,
    group_advantages,
    group_passes,
    multi_rlvr_scores,
    standardised_max_at_k,
    unique_indices,
)
from ...analysis.statistics import pass_at_k
from .command import main
from .experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import make_start
from .training import by_problem, curve, heldout_problems, means, play, reinforce

PROGRAMS = 3
"""Number of programs in a reply."""
OBJECTIVES = 3
"""Number of objectives: small, medium and large tests."""
BETWEEN = "\n```\n```python\n"
"""Text between two programs of a reply, which is one token."""
_SEED_STRIDE = 1_000_003

STATEMENT = Statement(
    method="VPO (2605.22817)",
    claim="Scoring sets of answers under many weightings gives better best@k for large k and worse best@1.",
    metric="best@k for k = 1, 3, 9 on held-out problems under full coverage; different accepted programs.",
    control="multi-RLVR on the same problems; also GDPO and max@k. Equal numbers of replies.",
    expectation="best@9 above multi-RLVR and best@1 below, but little: the objectives are nearly nested "
    "(what passes the large tests passes the others), and there the paper sees no gain either.",
    comparisons=(
        Comparison(metric="best@9", arm="vpo", control="multi rlvr", expected="above", margin=0.03),
        Comparison(metric="best@1", arm="vpo", control="multi rlvr", expected="below", margin=0.03),
        Comparison(metric="best@3", arm="vpo", control="multi rlvr", expected="above", margin=0.03),
        Comparison(metric="best@9", arm="vpo", control="gdpo", expected="above", margin=0.03),
        Comparison(metric="best@9", arm="vpo", control="max@k", expected="above", margin=0.03),
        Comparison(metric="distinct accepted", arm="vpo", control="multi rlvr", expected="above"),
    ),
)


class SetJudge:
    """Judges all programs of a reply on all tests.

    Args:
        judge: Judge of the programs.
    """

    def __init__(self, judge: JudgePool) -> None:
        self._judge = judge
        self._known: dict[tuple[str, str], JudgementRecord] = {}

    def programs(self, episode: EpisodeRecord) -> list[str]:
        """Return the programs of a reply: its first three code blocks."""
        text = episode.steps[0].action if episode.steps else ""
        return [block.code for block in code_blocks(text) if block.code.strip()][:PROGRAMS]

    def accepted(self, episode: EpisodeRecord) -> list[str]:
        """Return the accepted programs of a reply."""
        return [
            program
            for program in self.programs(episode)
            if self._judged(episode.problem_id, program).verdict.accepted
        ]

    def answers(self, episode: EpisodeRecord) -> Tensor:
        """Return the reward vectors [m, 3] of the different programs of a reply."""
        programs = self.programs(episode)
        kept = [programs[index] for index in unique_indices(programs)]
        vectors = [group_passes(self._judged(episode.problem_id, each), OBJECTIVES) for each in kept]
        return torch.stack(vectors) if vectors else torch.zeros(0, OBJECTIVES)

    def _judged(self, problem_id: str, program: str) -> JudgementRecord:
        key = (problem_id, program)
        if key not in self._known:
            problem = make_problem(Spec.parse(problem_id))
            submission = Submission(source=program.encode(), language=Language.PYTHON)
            judgement = self._judge.judge(problem, submission, coverage=1.0, stop_early=False)
            self._known[key] = JudgementRecord.of(judgement, tests=len(problem.tests))
        return self._known[key]


Advantages = Callable[[Sequence[Tensor]], Tensor]
"""Function from the reward vectors [m, k] of G replies to their advantages [G]."""


def multi_rlvr(vectors: Sequence[Tensor]) -> Tensor:
    """Return standardised sums over the answers of the mean of their vectors."""
    return group_advantages(multi_rlvr_scores(vectors, torch.full((OBJECTIVES,), 1 / OBJECTIVES)))


def gdpo(vectors: Sequence[Tensor]) -> Tensor:
    """Return sums of the standardised objectives of the mean vector of each reply."""
    return gdpo_advantages(torch.stack([_mean_vector(each) for each in vectors]))


def max_at_k(vectors: Sequence[Tensor]) -> Tensor:
    """Return the shares of the replies in the expected best of half of them, by the mean of their vectors."""
    return standardised_max_at_k(torch.stack([_mean_vector(each).mean() for each in vectors]))


def _mean_vector(vectors: Tensor) -> Tensor:
    return vectors.float().mean(dim=0) if len(vectors) else torch.zeros(OBJECTIVES)


CONTROLS: dict[str, Advantages] = {"multi rlvr": multi_rlvr, "gdpo": gdpo, "max@k": max_at_k}


class SetScore(VPO):
    """A control: the replies and answers of VPO with other advantages.

    Args:
        group_size: Number of replies per problem.
        answers: Function that returns the reward vectors of a reply.
        advantages: Function that returns the advantages of the replies of a group.
    """

    name = "set_score"

    def __init__(
        self, *, group_size: int, answers: Callable[[EpisodeRecord], Tensor], advantages: Advantages
    ) -> None:
        super().__init__(group_size=group_size, answers=answers)
        self._vectors, self._advantages_of = answers, advantages

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages on the rows; a reply that was cut is not learned from."""
        if len(group.members) < 2:
            return group
        advantages = self._advantages_of([self._vectors(member.episode) for member in group.members]).tolist()
        return group.with_rows(
            [
                replace(row, advantages=advantage * row.loss_mask.float() * (not row.truncated))
                for row, advantage in zip(group.rows, advantages, strict=True)
            ]
        )


def sets(seed: int) -> Iterator[tuple[str, str]]:
    """Yield prompts with replies of three programs, drawn independently as in the corpus."""
    for number, first in enumerate(corpus_items(seed)):
        more = corpus_items(
            seed + _SEED_STRIDE * (number + 1),
            cells=(first.spec.cell,),
            choices=(first.spec.combination,),
        )
        programs = [first.program, *(item.program for item in itertools.islice(more, PROGRAMS - 1))]
        yield first.prompt, BETWEEN.join(programs)


def set_start(task: RunTask) -> Path:
    """Return the checkpoint that was trained on replies with three programs."""
    return make_start(task, "sets", sets, pieces=(*vocabulary(), BETWEEN))


def best_at(groups: Sequence[Group], judge: SetJudge, replies: int) -> dict[str, float]:
    """Return the unbiased estimate that one of some replies has an accepted program, by problem."""

    def estimate(group: Group) -> float:
        solved = sum(bool(judge.accepted(member.episode)) for member in group.members)
        return float(pass_at_k([len(group.members)], [solved], min(replies, len(group.members)))[0])

    return by_problem(groups, estimate)


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed and measure sets of programs."""
    judge, group = SetJudge(task.judge), task.scale.group
    algorithm = (
        VPO(group_size=group, answers=judge.answers)
        if task.arm == "vpo"
        else SetScore(group_size=group, answers=judge.answers, advantages=CONTROLS[task.arm])
    )
    lines = reinforce(task, algorithm, init=set_start(task), coverage=1.0)
    groups = play(task, task.folder, heldout_problems(task), coverage=1.0)

    def single(group: Group) -> float:
        return float(np.mean([len(judge.accepted(each.episode)) / PROGRAMS for each in group.members]))

    def different(group: Group) -> float:
        return float(len({program for each in group.members for program in judge.accepted(each.episode)}))

    problems = {
        "best@1": by_problem(groups, single),
        "best@3": best_at(groups, judge, 1),
        "best@9": best_at(groups, judge, 3),
        "distinct accepted": by_problem(groups, different),
    }
    return Outcome(
        metrics=means(problems), problems=problems, curves={"reward_mean": curve(lines, "reward_mean")}
    )


EXPERIMENT = Experiment(
    name="vpo",
    statement=STATEMENT,
    arms=("vpo", *CONTROLS),
    run=run,
    scale=Scale(steps=12, prompts=6, samples=6, reply_tokens=400, sft_steps=600),
)

if __name__ == "__main__":
    main(EXPERIMENT)
