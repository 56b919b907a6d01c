"""AXPO: does sampling uncertain tool calls again keep a policy from giving the tool up?

    python -m codefrontier.benchmarks.lab.methods.axpo --out FOLDER

A model of this size calls no tools, so the fast plan takes the place of the call: the first line of a program
says `#fast` or `#slow`, a fast program is the riskier way that pays in the long run, and under half coverage
a slow program is right more often. So reinforcement has reason to give the fast plan up, as it has reason to
give up tools in the paper. The prefix of a call is the line `#fast`; the call extends to the end of the
program. What a real tool adds, an observation after the call, is missing here.

No advantage is divided by the standard deviation, in any arm. `grpo x1.25` samples ten replies where the
others sample eight, which is as much as AXPO may sample at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....problems.families import ProgramPlan
from ....training import GRPO, Algorithm, Group, Scored
from ....training.algorithms.axpo import AXPO, AXPOSettings, Call
from .command import main
from .experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import plain_start
from .training import accepted, by_problem, curve, heldout_problems, means, play, reinforce, solve_rates

COVERAGE = 0.5
_PREFIX_TOKENS = 2
"""Number of tokens of a reply up to the fork: the opening fence and the plan."""

STATEMENT = Statement(
    method="AXPO (2605.28774)",
    claim="Sampling uncertain tool calls of all-wrong tool groups again revives the use of the tool.",
    metric="Tool rate: share of fast programs on held-out problems. Solve rate under half coverage, share of "
    "problems whose fast programs are all wrong, share of groups sampled again that were recovered.",
    control="GRPO with 1.25 times as many replies, which is at least as many sampled tokens; plain GRPO.",
    expectation="Tool rate above both controls, by little: at most a fifth of the replies are continuations. "
    "No difference in the solve rate, because slow programs are accepted here.",
    comparisons=(
        Comparison(metric="tool rate", arm="axpo", control="grpo x1.25", expected="above"),
        Comparison(metric="tool rate", arm="axpo", control="grpo", expected="above"),
        Comparison(metric="all wrong", arm="axpo", control="grpo x1.25", expected="below"),
        Comparison(metric="solve rate", arm="axpo", control="grpo x1.25", expected="above", margin=0.05),
    ),
)


def is_fast(member: Scored) -> bool:
    """Whether the program of an episode says that it is fast."""
    return ProgramPlan.of(member.episode.submission or "") is ProgramPlan.FAST


def fast_call(member: Scored) -> Call | None:
    """Return the fast plan of a reply as a call; None for another plan."""
    sampled = member.row.loss_mask.nonzero().flatten().tolist()
    if not is_fast(member) or len(sampled) <= _PREFIX_TOKENS:
        return None
    start, fork = sampled[0], sampled[_PREFIX_TOKENS]
    return Call(start=start, open=fork - 1, fork=fork, end=sampled[-1] + 1)


class CountedAXPO(AXPO):
    """AXPO that counts the groups which it sampled again, and those with a right continuation."""

    name = "counted_axpo"

    def __init__(self, *, group_size: int) -> None:
        settings = AXPOSettings(scale_by_std=False)
        super().__init__(group_size=group_size, settings=settings, find_call=fast_call)
        self.again = self.recovered = 0

    def score_group(self, group: Group) -> Group:
        """Return the group with advantages, and count it if it was sampled again."""
        further = [member for member in group.members if member.episode.sample >= self.group_size]
        self.again += bool(further)
        self.recovered += any(map(accepted, further))
        return super().score_group(group)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of AXPO and the counts."""
        return {**super().state_dict(), "again": self.again, "recovered": self.recovered}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned."""
        rest = dict(state)
        self.again, self.recovered = int(rest.pop("again")), int(rest.pop("recovered"))
        super().load_state_dict(rest)


def all_wrong(groups: Sequence[Group]) -> dict[str, float]:
    """Return by problem with fast programs whether all of them are wrong: 1 or 0."""
    called = {group.problem.id: [each for each in group.members if is_fast(each)] for group in groups}
    return {name: float(not any(map(accepted, members))) for name, members in called.items() if members}


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed and measure the use of the fast plan."""
    group = task.scale.group
    counted = CountedAXPO(group_size=group)
    algorithm: Algorithm = {
        "grpo": GRPO(group_size=group),
        "grpo x1.25": GRPO(group_size=round(1.25 * group)),
        "axpo": counted,
    }[task.arm]
    lines = reinforce(task, algorithm, init=plain_start(task), coverage=COVERAGE)
    groups = play(task, task.folder, heldout_problems(task), coverage=COVERAGE)
    problems = {
        "tool rate": by_problem(groups, lambda group: float(np.mean([is_fast(m) for m in group.members]))),
        "solve rate": solve_rates(groups),
    }
    wrong = all_wrong(groups)
    metrics = {
        **means(problems),
        "all wrong": float(np.mean(list(wrong.values()))) if wrong else 1.0,
        "sampled again": float(counted.again),
        "recovered": counted.recovered / max(1, counted.again),
        "episodes": sum(curve(lines, "episodes")),
        "sampled tokens": sum(line["episodes"] * line["completion_tokens_mean"] for line in lines),
    }
    curves = {"reward_mean": curve(lines, "reward_mean"), "fast": [line["plans"]["fast"] for line in lines]}
    return Outcome(metrics=metrics, problems=problems, curves=curves)


EXPERIMENT = Experiment(
    name="axpo",
    statement=STATEMENT,
    arms=("grpo", "grpo x1.25", "axpo"),
    run=run,
    scale=Scale(steps=12, prompts=6, samples=8),
)

if __name__ == "__main__":
    main(EXPERIMENT)
