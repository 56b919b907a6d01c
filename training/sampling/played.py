"""Episodes that are planned and played: in which order, and what comes of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...agents import EpisodeBranch, EpisodeRecord
from ...envs import Mode
from ...problems import Problem
from ..algorithms.algorithm import EpisodePlan, Scored
from ..errors import TrainingError
from .exercises import Exercise

MAX_THREADS = 256
"""Number of episodes in progress; each waits in a thread of its own for the batch that samples it."""


@dataclass(kw_only=True, eq=False)
class Played:
    """A planned episode with all attempts at it, in order."""

    plan: EpisodePlan
    attempts: list[EpisodeRecord] = field(default_factory=list)
    branches: list[EpisodeBranch] = field(default_factory=list)
    """States before each step of the last attempt."""
    scored: Scored | None = None
    """The valid last attempt with its row, made once however often the groups are expanded."""

    def note_branch(self, branch: EpisodeBranch) -> None:
        """Note the state before a step; the first step of an attempt drops the states of earlier attempts."""
        begun = len(self.plan.snapshot.steps) if self.plan.snapshot is not None else 0
        if len(branch.steps) == begun:
            self.branches = []
        self.branches.append(branch)


def chunks(
    planned: Sequence[tuple[Exercise, EpisodePlan]], *, workspaces: int
) -> Iterator[tuple[Mode, list[tuple[Exercise, EpisodePlan]]]]:
    """Divide planned episodes into chunks of one mode that are played at the same time.

    The chunks do not depend on the timing of threads. Episodes with workspaces are played few at a time.
    """
    for mode in Mode:
        alike = [each for each in planned if each[0].environment.mode is mode]
        size = workspaces if mode is Mode.AGENTIC else MAX_THREADS
        for start in range(0, len(alike), size):
            yield mode, alike[start : start + size]


def check_new(
    plans: Sequence[tuple[Problem, list[EpisodePlan]]], played: Mapping[tuple[str, int], Played]
) -> None:
    """Refuse further plans that have the sample number of an episode that was played."""
    for problem, group in plans:
        for plan in group:
            if (problem.id, plan.sample) in played:
                raise TrainingError(
                    f"a further episode on {problem.id!r} repeats the sample number {plan.sample}"
                )
