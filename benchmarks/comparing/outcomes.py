"""Read what a comparison needs of records, and sort it by run.

A *run* of a comparison is one agent in one environment in one file of records.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...agents import EpisodeRecord, JudgementRecord
from ...agents.records.files import RECORDS, find_records
from ...agents.records.keys import kwargs_key
from ...agents.records.lines import LineReader, RecordError
from ...agents.records.record import CUT_BY_LIMIT, SCHEMA_VERSION
from ...judge import FailureClass, Verdict, failure_class
from ...problems import coverage_count
from ..errors import BenchError


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedAgent:
    """Identity of an agent."""

    name: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedTest:
    """A run of the submission on a test."""

    index: int
    input_size: int
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedJudgement:
    """Verdicts of the submission."""

    verdict: Verdict
    tests: int
    runs: tuple[PlayedTest, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedStep:
    """Why the reply of a step ended."""

    finish_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """The fields of a record that a comparison needs, because reading whole records takes several times as
    long."""

    schema_version: int
    problem_id: str
    problem_digest: str
    difficulty: str | None
    env_id: str
    env_kwargs: dict[str, Any]
    mode: str
    sample: int
    agent: PlayedAgent
    reward_valid: bool
    failure_class: FailureClass | None
    steps: tuple[PlayedStep, ...] = field(default=(), repr=False)
    judgement: PlayedJudgement | None = field(default=None, repr=False)

    @property
    def solved(self) -> bool:
        """Whether every selected test is AC."""
        return self.failure_class is FailureClass.SOLVED

    @property
    def truncated(self) -> bool:
        """Whether the episode is not solved and the token limit cut its last reply."""
        reasons = [step.finish_reason for step in self.steps if step.finish_reason is not None]
        return bool(reasons) and reasons[-1] == CUT_BY_LIMIT and not self.solved

    def at(self, coverage: float) -> Played:
        """Return the outcome that a valid episode has at a coverage of its hidden tests.

        Raises:
            BenchError: The record lacks runs that the coverage needs.
        """
        told = self.judgement
        if not self.reward_valid or told is None or told.verdict is Verdict.COMPILE_ERROR:
            return self
        needed = coverage_count(coverage, told.tests)
        if len(told.runs) < needed:
            raise BenchError(
                f"the episode on {self.problem_id!r} has {len(told.runs)} runs of {told.tests} tests: "
                f"coverage {coverage:g} needs {needed}"
            )
        ordered = sorted(told.runs, key=lambda run: (run.input_size, run.index))
        return replace(self, failure_class=failure_class([run.verdict for run in ordered[:needed]]))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Untested(Played):
    """The same without the verdicts of tests, which would double the time of reading."""

    judgement: None = field(default=None, init=False, repr=False)


_TESTED, _UNTESTED = TypeAdapter(Played), TypeAdapter(_Untested)


def read_played(path: Path, *, tests: bool = False) -> list[Played]:
    """Read the records of a run: a folder, or a file.

    Args:
        path: Folder or file.
        tests: Whether to read the verdicts of the tests, which only other coverages need.

    Raises:
        RecordError: The file cannot be read, or a line is no record.
    """
    file = find_records(path)
    adapter: TypeAdapter[Played] | TypeAdapter[_Untested] = _TESTED if tests else _UNTESTED
    episodes: list[Played] = []
    for line in LineReader(file):
        try:
            episode = adapter.validate_json(line.data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise RecordError(f"{file}, line {line.number}: not a record: {where}: {first['msg']}") from error
        if episode.schema_version != SCHEMA_VERSION:
            raise RecordError(
                f"{file}, line {line.number}: schema_version must be {SCHEMA_VERSION}, "
                f"got {episode.schema_version!r}"
            )
        episodes.append(episode)
    return episodes


def played(episode: EpisodeRecord) -> Played:
    """Return the fields of a record that a comparison needs."""
    return Played(
        schema_version=episode.schema_version,
        problem_id=episode.problem_id,
        problem_digest=episode.problem_digest,
        difficulty=episode.difficulty,
        env_id=episode.env_id,
        env_kwargs=episode.env_kwargs,
        mode=episode.mode,
        sample=episode.sample,
        agent=PlayedAgent(name=episode.agent.name, digest=episode.agent.digest),
        reward_valid=episode.reward_valid,
        failure_class=episode.failure_class,
        steps=tuple(PlayedStep(finish_reason=step.finish_reason) for step in episode.steps),
        judgement=None if episode.judgement is None else _verdicts(episode.judgement),
    )


def _verdicts(judgement: JudgementRecord) -> PlayedJudgement:
    runs = tuple(
        PlayedTest(index=run.index, input_size=run.input_size, verdict=run.verdict) for run in judgement.runs
    )
    return PlayedJudgement(verdict=judgement.verdict, tests=judgement.tests, runs=runs)


@dataclass(frozen=True, kw_only=True)
class RunOutcomes:
    """The final episodes of one agent in one environment in one file."""

    label: str
    """Shortest name that no other run of the comparison has."""
    source: str
    """Folder or file of the records."""
    env: str
    """Id of the environment with the settings that differ."""
    agent: str
    digest: str
    """Digest of the agent."""
    mode: str
    episodes: tuple[Played, ...] = field(repr=False)

    @property
    def valid(self) -> list[Played]:
        """The valid episodes."""
        return [episode for episode in self.episodes if episode.reward_valid]

    @property
    def invalid(self) -> int:
        """The number of episodes in which infrastructure or a model failed."""
        return sum(not episode.reward_valid for episode in self.episodes)


def collect(sources: Iterable[tuple[str, Sequence[Played]]]) -> list[RunOutcomes]:
    """Sort the episodes of files by environment and agent, and name each run.

    Args:
        sources: Name and episodes of each file.
    """
    grouped = [(source, _by_run(episodes)) for source, episodes in sources]
    names = _env_names(key for _, groups in grouped for key in groups)
    found = []
    for source, groups in grouped:
        for (env_id, key, digest), group in groups.items():
            first = next(iter(group.values()))
            found.append(
                RunOutcomes(
                    label="",
                    source=source,
                    env=names[env_id, key],
                    agent=first.agent.name,
                    digest=digest,
                    mode=first.mode,
                    episodes=tuple(group.values()),
                )
            )
    return _labelled(found)


def sharing(runs: Sequence[RunOutcomes]) -> list[list[RunOutcomes]]:
    """Divide runs into groups of runs that share a problem with another run of the group."""
    groups: list[tuple[list[RunOutcomes], set[str]]] = []
    for run in runs:
        members, problems = [run], {episode.problem_digest for episode in run.episodes}
        apart = []
        for group in groups:
            if group[1] & problems:
                members, problems = [*group[0], *members], group[1] | problems
            else:
                apart.append(group)
        groups = [*apart, (members, problems)]
    return [members for members, _ in groups]


def _by_run(episodes: Iterable[Played]) -> dict[tuple[str, str, str], dict[tuple[str, int], Played]]:
    """Return the last valid record of each sample, or the last if none is valid, by run."""
    groups: dict[tuple[str, str, str], dict[tuple[str, int], Played]] = {}
    settings: dict[str, str] = {}
    for episode in episodes:
        written = repr(episode.env_kwargs)  # faster than the key, and equal for nearly all records of a run
        if written not in settings:
            settings[written] = kwargs_key(episode.env_kwargs)
        group = groups.setdefault((episode.env_id, settings[written], episode.agent.digest), {})
        place = (episode.problem_digest, episode.sample)
        if episode.reward_valid or place not in group or not group[place].reward_valid:
            group[place] = episode
    return groups


def _env_names(groups: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Name each environment by its id and the settings that differ between environments of this id."""
    settings = {(env_id, key): json.loads(key) for env_id, key, _ in groups}
    names = {}
    for env_id, key in settings:
        others = [kwargs for (other, _), kwargs in settings.items() if other == env_id]
        differing = [
            f"{name}={value}"
            for name, value in settings[env_id, key].items()
            if any(kwargs.get(name) != value for kwargs in others)
        ]
        names[env_id, key] = " ".join([env_id, *differing])
    return names


def _labelled(runs: Sequence[RunOutcomes]) -> list[RunOutcomes]:
    """Give each run a label from its agent, and as far as needed its environment and its source."""
    several_envs = len({run.env for run in runs}) > 1
    several_sources = len({run.source for run in runs}) > 1
    labels = [run.agent + (f" {run.env}" if several_envs else "") for run in runs]
    if several_sources and len(set(labels)) < len(labels):
        labels = [f"{label} {source_name(run.source)}" for label, run in zip(labels, runs, strict=True)]
    counts = Counter(labels)
    seen: Counter[str] = Counter()
    for place, label in enumerate(labels):
        seen[label] += 1
        if counts[label] > 1:
            labels[place] = f"{label} #{seen[label]}"
    return [replace(run, label=label) for run, label in zip(runs, labels, strict=True)]


def source_name(source: str) -> str:
    """Return the name of the folder of a run, or of a file with another name than records have in runs."""
    path = Path(source)
    return path.parent.name if path.name.startswith(RECORDS) else path.name
