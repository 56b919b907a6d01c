"""Agents x problem sets -> records: plan, resume, play, write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ..agents import EpisodeRecord, EpisodeWriter, RolloutTask, read_episodes, run_rollouts
from ..judge import Judge
from .errors import BenchError
from .plan import BenchConfig, BenchPlan, make_plan
from .provenance import CONFIG, check_same_seed, write_config
from .tally import EpisodeKey, episode_key, final_episodes, kwargs_key

RECORDS = "records.jsonl"
REMEMBERED_RUNS = 20_000


class Observer(Protocol):
    """Is told how a benchmark goes on; all calls come from one thread."""

    def torn(self, path: Path, line: int) -> None:
        """Hear that the last line of the records was torn by a crash and is dropped."""
        ...

    def planned(self, plan: BenchPlan) -> None:
        """Hear what the whole run is; the tests of its problems are read next."""
        ...

    def prepared(self, problem_id: str) -> None:
        """Hear that a problem's tests are at hand."""
        ...

    def starting(self, missing: int) -> None:
        """Hear how many episodes are to be played, now that those of an earlier run are taken off."""
        ...

    def played(self, episode: EpisodeRecord) -> None:
        """Hear of an episode; it is written."""
        ...


@dataclass(frozen=True, kw_only=True)
class BenchResult:
    """What a benchmark has recorded, an earlier run's part included."""

    plan: BenchPlan
    episodes: tuple[EpisodeRecord, ...] = field(repr=False)
    """One record per planned episode and per episode of an earlier run."""
    records: Path

    @property
    def invalid(self) -> int:
        """Episodes that count for nothing, as infrastructure or model failed."""
        return sum(not episode.reward_valid for episode in self.episodes)


def run_bench(config: BenchConfig, observer: Observer) -> BenchResult:
    """Play every agent on every problem of every environment, writing each record as it comes.

    Raises:
        AgentError: An agent cannot be made, or too many episodes in a row were not valid.
        BenchError: The folder holds something else, or something asked for is unknown.
        ProblemError: A problem set cannot be loaded.
        RecordError: The records of an earlier run cannot be read, or another run is writing them.
        ValueError: A setting is not allowed.
        OSError: The folder cannot be written.
    """
    check_out(config)
    plan = make_plan(config)
    records = config.out / RECORDS
    earlier = _read_earlier(records, observer) if config.resume and records.exists() else ()
    config.out.mkdir(parents=True, exist_ok=True)
    observer.planned(plan)
    for problem in plan.problems:
        assert problem.digest  # reads the tests: what is broken is told before anything is played
        observer.prepared(problem.id)
    tasks = missing_tasks(plan, earlier)
    with EpisodeWriter(records) as writer:
        write_config(config)
        observer.starting(len(tasks))
        played = _play(config, plan, tasks, writer, observer) if tasks else []
    return BenchResult(plan=plan, episodes=in_order(plan, [*earlier, *played]), records=records)


def in_order(plan: BenchPlan, episodes: Sequence[EpisodeRecord]) -> tuple[EpisodeRecord, ...]:
    """Return the final record of each episode, in the plan's order of environments, agents and problems.

    Those of an earlier run that are no part of the plan come last.
    """
    envs = [env.env_id for env in plan.envs]
    agents = [agent.digest for agent in plan.agents]
    problems = [problem.digest for problem in plan.problems]

    def place(episode: EpisodeRecord) -> tuple[int, ...]:
        values = (episode.env_id, episode.agent.digest, episode.problem_digest)
        places = [
            known.index(value) if value in known else len(known)
            for known, value in zip((envs, agents, problems), values, strict=True)
        ]
        return (*places, episode.sample)

    return tuple(sorted(final_episodes(episodes), key=place))


def _play(
    config: BenchConfig,
    plan: BenchPlan,
    tasks: Sequence[RolloutTask],
    writer: EpisodeWriter,
    observer: Observer,
) -> list[EpisodeRecord]:
    """Play and write the episodes."""
    played: list[EpisodeRecord] = []
    envs = {env.env_id: env for env in plan.envs}
    remembered_runs = REMEMBERED_RUNS if config.remember else 0
    with Judge(workers=config.workers, remembered_runs=remembered_runs) as judge:

        def keep(episode: EpisodeRecord) -> None:
            writer.write(episode)
            played.append(episode)
            observer.played(episode)

        run_rollouts(
            tasks,
            make_env=lambda env_id: envs[env_id].make(judge),
            on_episode=keep,
            workers=config.workers,
            interrupt=judge.close,
        )
    return played


def check_out(config: BenchConfig) -> None:
    """Refuse a folder that holds something, unless it holds the run that is to be resumed.

    Raises:
        BenchError: It does, or it is no folder, or the earlier run had another seed.
    """
    out = config.out
    if not out.exists():
        return
    if not out.is_dir():
        raise BenchError(f"{out}: is no folder")
    if not any(out.iterdir()):
        return
    if not config.resume:
        raise BenchError(f"{out}: is not empty; name another folder, or pass --resume to go on with its run")
    if not (out / CONFIG).is_file():
        raise BenchError(f"{out}: holds no run to resume: there is no {CONFIG} in it")
    check_same_seed(config)


def missing_tasks(plan: BenchPlan, earlier: Sequence[EpisodeRecord]) -> list[RolloutTask]:
    """Return the planned episodes that have no valid record yet, numbered as further attempts."""
    valid: set[EpisodeKey] = set()
    attempts: Counter[EpisodeKey] = Counter()
    for episode in earlier:
        key = episode_key(episode)
        attempts[key] = max(attempts[key], episode.attempt)
        if episode.reward_valid:
            valid.add(key)
    kwargs = {env.env_id: kwargs_key(env.recorded_kwargs()) for env in plan.envs}
    missing = []
    for task in plan.tasks:
        digest = task.factory.identity.digest
        key = (task.env_id, kwargs[task.env_id], digest, task.problem.digest, task.sample)
        if key not in valid:
            missing.append(replace(task, attempt=attempts[key] + 1))
    return missing


def _read_earlier(records: Path, observer: Observer) -> tuple[EpisodeRecord, ...]:
    log = read_episodes(records)
    if log.torn_line is not None:
        observer.torn(records, log.torn_line)
    return log.episodes
