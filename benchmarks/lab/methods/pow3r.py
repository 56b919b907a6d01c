"""POW3R: does weighting reward components by their contrast reach a reward in fewer steps?

    python -m codefrontier.benchmarks.lab.methods.pow3r --out FOLDER

The rubric of a program has one category: it compiles (weight 4, nearly always met), every run stays below
1 MiB of memory (weight 4, never met), and the shares of the small, medium and large tests that it passes
(weight 1 each). So 8 of 11 points tell no rollouts apart, and static weights leave 3 of 11 for the rest.

The advantages of each arm exist with and without division by the standard deviation of the group. With the
division, components that are equal in a group cancel out. Without it, factors make the advantages larger;
AdamW, which the trainer uses, divides gradients by their own size, so that most of this gain vanishes too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....agents import EpisodeRecord
from ....judge import Verdict
from ....problems.families import Split
from ....training import Group
from ....training.algorithms.pow3r import POW3R, POW3RSettings
from .command import main
from .experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import plain_start
from .training import by_problem, heldout_problems, means, play, reinforce, solve_rates, steps_to

WEIGHTS = {
    "program/compiles": 4.0,
    "program/tiny": 4.0,
    "program/small": 1.0,
    "program/medium": 1.0,
    "program/large": 1.0,
}
"""Human weights of the components."""
TIERS = {"small": slice(0, 3), "medium": slice(3, 4), "large": slice(4, 6)}
"""Tests of each size, in the order of their input sizes."""
TINY_MIB = 1.0
LEVEL = 0.55
"""Mean human-weighted reward to reach. The start passes about 0.8 of the small, 0.75 of the medium and 0.15
of the large tests, which gives 0.52; the most that can be reached is 7 / 11 = 0.64."""
MIX = {"static": 0.0, "pow3r": 1.0}

STATEMENT = Statement(
    method="POW3R (2605.20164)",
    claim="Weights by the contrast of reward components reach a reward in 2.5 to 4 times fewer steps.",
    metric="Steps until the human-weighted reward, a mean over five steps, reaches 0.55, a quarter of the "
    "way from the start to the best. On held-out problems: human-weighted reward, all tests passed.",
    control="Static human weights on the same problems and random numbers, both with and without division "
    "by the standard deviation of the group.",
    expectation="No effect with the division. Without it fewer steps, but by less than the paper's factor, "
    "because AdamW removes most of the larger scale.",
    comparisons=(
        Comparison(metric="steps to level", arm="pow3r", control="static", expected="below", margin=2.0),
        Comparison(
            metric="steps to level", arm="pow3r std", control="static std", expected="below", margin=2.0
        ),
        Comparison(metric="strict completion", arm="pow3r", control="static", expected="above", margin=0.05),
        Comparison(
            metric="strict completion", arm="pow3r std", control="static std", expected="above", margin=0.05
        ),
        Comparison(metric="human reward", arm="pow3r", control="static", expected="above", margin=0.02),
    ),
)


def rubric(episode: EpisodeRecord) -> dict[str, float]:
    """Score the components of a program's reward; without a program all are 0."""
    judgement = episode.judgement
    if judgement is None or judgement.verdict is Verdict.COMPILE_ERROR:
        return dict.fromkeys(WEIGHTS, 0.0)
    runs = sorted(judgement.runs, key=lambda run: (run.input_size, run.index))
    shares = {
        f"program/{name}": float(np.mean([run.verdict.accepted for run in runs[tier]]))
        for name, tier in TIERS.items()
    }
    tiny = float(all(run.memory_mib < TINY_MIB for run in runs))
    return {"program/compiles": 1.0, "program/tiny": tiny, **shares}


def human_reward(episode: EpisodeRecord) -> float:
    """Return the mean of the components, weighted by the human weights."""
    scores = rubric(episode)
    return sum(WEIGHTS[name] * score for name, score in scores.items()) / sum(WEIGHTS.values())


class RecordedPOW3R(POW3R):
    """POW3R that remembers the human-weighted mean reward of each step."""

    name = "recorded_pow3r"

    def __init__(self, *, group_size: int, settings: POW3RSettings) -> None:
        super().__init__(group_size=group_size, settings=settings, components=rubric)
        self.history: list[float] = []
        self._rewards: list[float] = []

    def score_group(self, group: Group) -> Group:
        """Return the group with advantages, and remember its rewards."""
        self._rewards += [human_reward(member.episode) for member in group.members]
        return super().score_group(group)

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Change the factors, and close the step of the history."""
        self.history.append(float(np.mean(self._rewards)))
        self._rewards = []
        return super().score_batch(groups)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of POW3R and the history."""
        return {**super().state_dict(), "history": list(self.history)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned."""
        rest = dict(state)
        self.history = list(rest.pop("history"))
        super().load_state_dict(rest)


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed and measure its speed and its result."""
    name, _, std = task.arm.partition(" ")
    settings = POW3RSettings(
        human_weights=WEIGHTS, mix=MIX[name], low=0.1, high=4.0, scale_by_std=std == "std"
    )
    algorithm = RecordedPOW3R(group_size=task.scale.group, settings=settings)
    reinforce(task, algorithm, init=plain_start(task), coverage=1.0)
    groups = play(task, task.folder, heldout_problems(task, Split.VALIDATION), coverage=1.0, all_runs=True)
    problems = {
        "strict completion": solve_rates(groups),
        "human reward": by_problem(
            groups, lambda group: float(np.mean([human_reward(member.episode) for member in group.members]))
        ),
    }
    metrics = {"steps to level": steps_to(algorithm.history, LEVEL), **means(problems)}
    factors = {f"factor {name}": value for name, value in sorted(algorithm.factors().items())}
    return Outcome(
        metrics={**metrics, **factors}, problems=problems, curves={"human reward": algorithm.history}
    )


EXPERIMENT = Experiment(
    name="pow3r",
    statement=STATEMENT,
    arms=("static", "pow3r", "static std", "pow3r std"),
    run=run,
    scale=Scale(prompts=4, samples=4),
)

if __name__ == "__main__":
    main(EXPERIMENT)
