"""Controls of a smoke run: they detect a broken merge, a broken coverage or a broken gate.

A smoke run trains too little for the paper's claims, and its two checkpoints may hardly differ. Its controls
therefore use inputs with known results: programs of known quality go through the environment and the judge,
made-up checkpoints go through the gate, and every merge is compared with a sum of its parents that separate
code computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import gymnasium
import numpy as np
from safetensors import safe_open

from ...agents import EpisodeRecord, RolloutTask, agent_factory, run_rollouts
from ...judge import JudgePool, open_judge
from ...problems import Problem
from ...problems.families import Split, draw
from ...training.checkpoint import find_checkpoint
from ..analysis.frontier import CheckpointPoint, GateVerdict, gate, make_frontier
from .control import Control
from .job import EVALUATION_SEED
from .modes.protocol import MODES
from .plan import FULL_COVERAGE, LOW_COVERAGE

PROBLEMS = 6
IN_MODES = 2
"""Number of the problems that are also played in the modes tool and agentic."""
# A merged weight is rounded to float32 at most twice; each rounding errs by at most 2**-24 of the value.
LARGEST_ERROR = 2.0**-22
"""Largest error of a merged weight, relative to the largest of the two parents' weights and its own."""
SLOW, RIGHT, NOTHING = "slow", "reference", "silent"


def check_controls(
    low: Path, high: Path, merges: Mapping[float, Path], *, judge: str = "embedded"
) -> tuple[Control, ...]:
    """Check the controls of an experiment.

    Args:
        low: Checkpoint at alpha 0, or the folder of its training run.
        high: Checkpoint at alpha 1, or the folder of its training run.
        merges: Folders of the merged checkpoints by alpha.
        judge: Address of the judge, in the form that `open_judge` accepts.
    """
    problems = draw(Split.HELDOUT, EVALUATION_SEED, PROBLEMS)
    with open_judge(judge, workers=1) as opened:
        return (
            *merge_controls(find_checkpoint(low), find_checkpoint(high), merges),
            *judged(opened, problems),
        )


def judged(judge: JudgePool, problems: Sequence[Problem]) -> tuple[Control, ...]:
    """Check coverage and gate with programs of known quality."""
    full = {agent: play(judge, problems, agent, FULL_COVERAGE) for agent in (SLOW, RIGHT, NOTHING)}
    half = play(judge, problems, SLOW, LOW_COVERAGE)
    coverage = coverage_control(half, full[SLOW])
    if not coverage.passed:  # without full coverage, the episodes lack the runs that the gate needs
        return (coverage,)
    return (coverage, *gate_controls(full), modes_control(judge, problems[:IN_MODES], half, full[SLOW]))


def modes_control(
    judge: JudgePool,
    problems: Sequence[Problem],
    half: Sequence[EpisodeRecord],
    full: Sequence[EpisodeRecord],
) -> Control:
    """Compare the rewards of the same programs in the modes tool and agentic with those in mode single.

    Args:
        judge: Judge of the programs.
        problems: Problems to play in the other modes.
        half: Episodes of slow programs in mode single under half coverage.
        full: The same under full coverage.
    """
    ids = {problem.id for problem in problems}
    expected, found = [], []
    for coverage, single in ((LOW_COVERAGE, half), (FULL_COVERAGE, full)):
        for mode in ("tool", "agentic"):
            expected += [(each.problem_id, each.reward) for each in single if each.problem_id in ids]
            episodes = play(judge, problems, SLOW, coverage, mode=mode)
            found += [(each.problem_id, each.reward) for each in episodes]
    equal = sum(each == other for each, other in zip(sorted(expected), sorted(found), strict=False))
    return Control(
        name="modes",
        expected="programs have equal rewards in the modes single, tool and agentic, under both coverages",
        found=f"{equal} of {len(expected)} rewards are equal",
        passed=sorted(expected) == sorted(found) and bool(expected),
    )


def merge_controls(low: Path, high: Path, merges: Mapping[float, Path]) -> tuple[Control, ...]:
    """Compare every merge with the weighted sum of its parents, and the parents with each other."""
    parents = read_weights(low), read_weights(high)
    differing = sum(int((parents[0][name] != parents[1][name]).sum()) for name in parents[0])
    worst = {alpha: _error(parents, alpha, read_weights(path)) for alpha, path in merges.items()}
    wrong = [f"{alpha:g}" for alpha, error in worst.items() if error > LARGEST_ERROR]
    return (
        Control(
            name="parents",
            expected="training under the two coverages gives different weights",
            found=f"{differing:,} weights differ",
            passed=differing > 0,
        ),
        Control(
            name="merges",
            expected=f"every weight is (1 - alpha) low + alpha high, within {LARGEST_ERROR:.1e} of its size",
            found=f"largest error {max(worst.values()):.1e}; wrong alphas: {', '.join(wrong) or 'none'}",
            passed=not wrong,
        ),
    )


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """Return all weights of a checkpoint in float64."""
    weights: dict[str, np.ndarray] = {}
    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="np") as file:
            weights |= {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}  # noqa: SIM118
    return weights


def _error(
    parents: tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]],
    alpha: float,
    merged: Mapping[str, np.ndarray],
) -> float:
    """Return the largest relative error of a weight; infinity if the names of the tensors differ."""
    low, high = parents
    if not low.keys() == high.keys() == merged.keys():
        return float("inf")
    worst = 0.0
    for name, values in merged.items():
        expected = (1 - alpha) * low[name] + alpha * high[name]
        size = np.maximum.reduce([abs(low[name]), abs(high[name]), abs(expected)])
        size += np.finfo(np.float32).tiny  # weights that are 0 in all three must not divide by 0
        worst = max(worst, float((abs(values - expected) / size).max(initial=0.0)))
    return worst


def coverage_control(half: Sequence[EpisodeRecord], full: Sequence[EpisodeRecord]) -> Control:
    """Compare the rewards of correct but slow programs under both coverages."""
    rewards = [sum(episode.reward == 1 for episode in episodes) for episodes in (half, full)]
    return Control(
        name="coverage",
        expected="correct but slow programs are rewarded under half coverage and not under full coverage",
        found=f"{rewards[0]} of {len(half)} rewarded under half, {rewards[1]} of {len(full)} under full "
        "coverage",
        passed=rewards == [len(half), 0] and bool(half),
    )


def gate_controls(played: Mapping[str, Sequence[EpisodeRecord]]) -> tuple[Control, ...]:
    """Put made-up checkpoints through the gate: one that continues the trend, and one that is broken."""
    mixed = [*played[SLOW], *(episode for episode in played[RIGHT])]
    points = {0.0: played[SLOW], 1.0: mixed, 1.5: played[RIGHT], 2.0: played[NOTHING]}
    table = {
        CheckpointPoint(name=f"made-up {alpha:g}", alpha=alpha, trained=alpha <= 1): list(episodes)
        for alpha, episodes in points.items()
    }
    frontier = make_frontier(table, np.random.default_rng(EVALUATION_SEED))
    expected = {1.5: GateVerdict.EXTENSION, 2.0: GateVerdict.DAMAGE}
    words = {1.5: "fewer slow programs and no broken ones", 2.0: "only replies without a program"}
    found = {alpha: gate(frontier, alpha).verdict for alpha in expected}
    return tuple(
        Control(
            name=f"gate, {verdict}",
            expected=f"the gate calls a made-up checkpoint with {words[alpha]} {verdict}",
            found=f"the gate calls it {found[alpha]}",
            passed=found[alpha] is verdict,
        )
        for alpha, verdict in expected.items()
    )


def play(
    judge: JudgePool, problems: Sequence[Problem], agent: str, coverage: float, *, mode: str = "single"
) -> list[EpisodeRecord]:
    """Play the known programs of an agent once on each problem."""
    factory, episodes = agent_factory(agent), list[EpisodeRecord]()

    def make_env(env_id: str) -> gymnasium.Env[str, str]:
        return gymnasium.make(env_id, judge=judge, problems=list(problems), coverage=coverage)

    run_rollouts(
        [RolloutTask(env_id=MODES[mode], factory=factory, problem=problem) for problem in problems],
        make_env=make_env,
        on_episode=episodes.append,
    )
    return episodes
