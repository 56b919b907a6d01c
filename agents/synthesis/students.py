"""The student's attempts: played by the rollout engine, recorded one by one, and never played twice."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import gymnasium

from ...envs.registration import register_environments
from ...judge import JudgePool, Verdict
from ...problems import Label, Problem
from ...problems.synthesis import Attempt
from ...system import sync
from ..agent import AgentFactory, Usage
from ..engine import (
    ConcurrencyLimits,
    EngineSettings,
    EpisodeLimits,
    JudgeGate,
    LocalEnvironmentHost,
    RolloutEngine,
    RolloutTask,
    owed_tasks,
    recorded_kwargs,
)
from ..engine.environment_host import coding_env
from ..records.files import RECORDS
from ..records.keys import final_episodes
from ..records.record import EpisodeRecord, EpisodeWriter, read_episodes

LABELS = {
    Verdict.ACCEPTED: Label.ACCEPTED,
    Verdict.WRONG_ANSWER: Label.WRONG_ANSWER,
    Verdict.TIME_LIMIT_EXCEEDED: Label.TIME_LIMIT_EXCEEDED,
    Verdict.RUNTIME_ERROR: Label.RUN_TIME_ERROR,
    Verdict.MEMORY_LIMIT_EXCEEDED: Label.MEMORY_LIMIT_EXCEEDED,
}
PREFIX = "Folder"


@dataclass(frozen=True, kw_only=True)
class StudentSettings:
    """How the student plays."""

    attempts: int = 32
    """Number of attempts at each problem."""
    mode: str = "single"
    """Mode of the environment: `single`, `tool` or `agentic`."""
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    """Limits on an attempt."""
    seed: int = 0
    """Added to the seeds of the episodes."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts must be at least 1, got {self.attempts!r}")


class Student:
    """Attempts problems; a context manager that holds the file of records.

    Args:
        factory: Makes the agents.
        judge: The judge of the attempts.
        folder: Folder of the run, for `records.jsonl`.
        settings: How the student plays.
        workers: Attempts at a time.
        done: Ids of problems whose pass rate is known already; their records are not kept in memory.

    Raises:
        RecordError: The records are damaged, or another process writes to them.
    """

    def __init__(
        self,
        factory: AgentFactory,
        judge: JudgePool,
        folder: Path,
        settings: StudentSettings,
        *,
        workers: int = 2,
        done: Collection[str] = (),
    ) -> None:
        register_environments()
        self._factory = factory
        self._judge = judge
        self._settings = settings
        self._workers = workers
        self._records = folder / RECORDS
        self._earlier: defaultdict[str, list[EpisodeRecord]] = defaultdict(list)
        self.usage = Usage()
        """Usage of all attempts, also of earlier processes."""
        self.episodes = 0
        self.invalid = 0
        """Number of attempts that do not count, as infrastructure failed."""
        known = read_episodes(self._records).episodes if self._records.exists() else ()
        for record in known:
            self._count(record)
            if record.problem_id not in done:
                self._earlier[record.problem_digest].append(record)
        self._writer = EpisodeWriter(self._records)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def attempt(
        self, problems: Sequence[Problem], on_episode: Callable[[], None] = lambda: None
    ) -> Mapping[str, list[EpisodeRecord]]:
        """Play what is left of the attempts at some problems.

        Args:
            problems: Problems with different digests.
            on_episode: Called after each attempt.

        Returns:
            The final record of each attempt by the id of the problem, in the order of the samples.

        Raises:
            AgentError: The student cannot play a problem, too many attempts failed in a row, or the run was
                stopped.
        """
        env_id, env_kwargs = f"{PREFIX}-{self._settings.mode}", self._env_kwargs(problems)
        tasks = [task for problem in problems for task in self._tasks(env_id, problem)]
        earlier = [record for problem in problems for record in self._earlier[problem.digest()]]
        owed = owed_tasks(tasks, earlier, env_kwargs={env_id: env_kwargs})
        played: list[EpisodeRecord] = []

        def keep(record: EpisodeRecord) -> None:
            self._writer.write(record)
            sync(self._records)  # before anything is decided that depends on the attempt
            self._count(record)
            played.append(record)
            on_episode()

        if owed:
            self._play(owed, problems, keep)
        for problem in problems:
            self._earlier.pop(problem.digest(), None)
        by_problem: dict[str, list[EpisodeRecord]] = {problem.id: [] for problem in problems}
        for record in final_episodes([*earlier, *played]):
            by_problem[record.problem_id].append(record)
        return {
            name: sorted(records, key=lambda record: record.sample) for name, records in by_problem.items()
        }

    def _count(self, record: EpisodeRecord) -> None:
        self.usage += record.usage
        self.episodes += 1
        self.invalid += not record.reward_valid

    def _tasks(self, env_id: str, problem: Problem) -> list[RolloutTask]:
        seed = int.from_bytes(hashlib.sha256(problem.digest().encode()).digest()[:3], "big")
        return [
            RolloutTask(
                env_id=env_id,
                factory=self._factory,
                problem=problem,
                sample=sample,
                seed=seed + self._settings.seed + sample,
                limits=self._settings.limits,
            )
            for sample in range(self._settings.attempts)
        ]

    def _env_kwargs(self, problems: Sequence[Problem]) -> dict[str, Any]:
        env = self._make_env(f"{PREFIX}-{self._settings.mode}", problems, None)
        try:
            return recorded_kwargs(coding_env(env))
        finally:
            env.close()

    def _play(
        self, owed: Sequence[RolloutTask], problems: Sequence[Problem], keep: Callable[[EpisodeRecord], None]
    ) -> None:
        workers = self._workers
        gate = JudgeGate(self._judge, self._judge.workers)
        engine = RolloutEngine(
            make_host=lambda: LocalEnvironmentHost(
                lambda env_id: self._make_env(env_id, problems, gate.place())
            ),
            on_episode=keep,
            settings=EngineSettings(
                caps=ConcurrencyLimits(episodes=workers), max_failures_in_a_row=max(20, 2 * workers)
            ),
            interrupt=self._judge.close,
        )
        engine.run(owed, signals=threading.current_thread() is threading.main_thread())

    def _make_env(self, env_id: str, problems: Sequence[Problem], judge: object) -> gymnasium.Env[str, str]:
        return gymnasium.make(env_id, disable_env_checker=True, problems=list(problems), judge=judge)


def attempts_of(records: Sequence[EpisodeRecord]) -> list[Attempt]:
    """Return the valid attempts among records; an attempt that infrastructure failed is neither."""
    return [
        Attempt(
            label=LABELS.get(record.judgement.verdict) if record.judgement else None,
            source=(record.submission or "").encode("utf-8", "replace"),
            digest=hashlib.sha256(record.to_json().encode()).hexdigest(),
        )
        for record in records
        if record.reward_valid
    ]
