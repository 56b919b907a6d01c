"""Training with its environments in actors of Ray, against training with environments of this process."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge import Judge
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.algorithm import EpisodePlan, EpisodeRole, Group, Wants
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.sampling.exercises import ExerciseSource
    from codefrontier.training.sampling.ray_environments import RayEnvironments
    from codefrontier.training.sampling.sampling import RolloutBatch, Sampler, SamplingSettings
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import train

Make = Callable[..., RLSettings]
pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed"),
    pytest.mark.long,  # a Ray takes many seconds to start
    pytest.mark.sandbox,
    pytest.mark.timeout(600),
    # Ray's own modules, and how it starts processes.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
MIXED: dict[str, Any] = {
    "env": ("Families-tool:2,max_turns=3", "Classics-single"),
    "curriculum": "coverage_ramp",
    "curriculum_options": ("length=2", "start=0.5"),
}


@pytest.fixture
def small(chat: Path, tmp_path: Path) -> Make:
    """Return the settings of a short run of the chat model."""

    def make(**changes: Any) -> RLSettings:
        defaults: dict[str, Any] = {
            "init": chat,
            "out": tmp_path / "rl",
            "steps": 3,
            "prompts": 6,
            "group": 4,
            "refill_rounds": 0,
            "max_completion_tokens": 48,
            "lr": 1e-2,
        }
        return RLSettings(**{**defaults, **changes})

    return make


def told(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return metrics without times and the counts of the judges' memories, which are one per actor."""
    return [
        {name: value for name, value in line.items() if name not in ("time_s", "judge_cache_hits")}
        for line in lines
    ]


def test_a_mixture_with_a_curriculum_and_continued_episodes_learns_the_same_on_ray_and_here(
    small: Make, tmp_path: Path, weights_of: Callable[[Path], bytes]
) -> None:
    class Continuing(GRPO):
        """Plays the rest of an episode again from its second step on."""

        wants = Wants(snapshots=True)

        def expand(self, group: Group) -> Sequence[EpisodePlan]:
            branches = [member.branches[1] for member in group.members if 1 in member.branches]
            if len(group.members) > self.group_size or not branches:
                return ()
            return [EpisodePlan(sample=self.group_size, snapshot=branches[0], role=EpisodeRole.CONTINUATION)]

    here = small(out=tmp_path / "here", **MIXED)
    there = replace(here, out=tmp_path / "there", engine="ray", workers=2)
    with Judge(workers=1) as judge:
        train(here, judge=judge, algorithm=Continuing(group_size=4))
        train(there, judge=judge, algorithm=Continuing(group_size=4))
    lines = [read_lines(each.out / "metrics.jsonl") for each in (here, there)]
    assert told(lines[0]) == told(lines[1])
    assert [line["curriculum"]["coverage_mean"] for line in lines[1]] == [0.5, 0.75, 1.0]
    assert any(line["continuations"] for line in lines[1])
    assert any(line["reward_mean"] for line in lines[1])
    assert any(line["judge_cache_hits"] for line in lines[1])
    assert weights_of(here.out) == weights_of(there.out)


def test_episodes_of_an_actor_that_is_killed_are_played_again(chat: Path) -> None:
    exercises = ExerciseSource.of(RLSettings(init=chat, out=chat, env=("Families-tool,max_turns=2",)))
    chosen = exercises.take(4, step=0, turn=0, but=set(), at_least=4)
    sampling = SamplingSettings(seed=0, max_completion_tokens=48)

    def sample(algorithm: GRPO, judge: Judge, remote: RayEnvironments | None = None) -> RolloutBatch:
        policy = LocalPolicy.load(chat)
        return Sampler(policy, algorithm, VerdictCache(judge), sampling, remote=remote).sample(chosen, step=0)

    class Killing(GRPO):
        """Kills the first actor before its first episode begins."""

        def __init__(self, processes: list[int]) -> None:
            super().__init__(group_size=3)
            self.processes = processes

        def plan_group(self, problem: Any) -> Any:
            if self.processes:
                os.kill(self.processes.pop(), signal.SIGKILL)
            return super().plan_group(problem)

    with Judge(workers=1) as judge, RayEnvironments("ray://local", workers=2, stop_early=True) as remote:
        here = sample(GRPO(group_size=3), judge)
        there = sample(Killing(remote.processes()[:1]), judge, remote)
        assert len(remote.processes()) == 2
        left = remote.processes()
    assert not [process for process in left if os.path.exists(f"/proc/{process}")]
    assert there.invalid == 0
    assert 0 < there.failed_attempts <= 6
    assert [group.rewards for group in there.groups] == [group.rewards for group in here.groups]
    assert [row.token_ids.tolist() for group in there.groups for row in group.rows] == [
        row.token_ids.tolist() for group in here.groups for row in group.rows
    ]
