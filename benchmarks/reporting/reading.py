"""Read what a report needs of records. Nothing that a problem, a model or a program said is kept.

Statements, replies, programs and messages of errors may hold parts of hidden tests, so a report has none of
them: this module is the only one of the package that sees records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard, get_args

from pydantic import TypeAdapter, ValidationError

from ...agents import AgentIdentity
from ...agents.records.files import find_records
from ...agents.records.lines import LineReader, RecordError
from ...agents.records.record import SCHEMA_VERSION
from ...judge import FailureClass, Verdict
from ..analysis.outcomes import NO_CODE, OPTIMIZATION, SOLVED, TRUNCATED
from ..comparing import Played
from ..comparing.outcomes import PlayedTest
from ..plan_file import CONFIG, NOT_COMPARED, defaults, flat_options, option_types, read_runs

HIDDEN_OPTIONS = frozenset({*NOT_COMPARED, "api_base", "judge", "ray_address"})
"""Options of a run that name places of its machine, like all options that are paths. A report says nothing
about them."""
_WRONG = (Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldJudge:
    """Identity of the judge."""

    version: str
    sandbox: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldJudgement:
    """Verdict of a submission, and its judge."""

    verdict: Verdict
    judge: ToldJudge


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldUsage:
    """Tokens of an episode."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Told(Played):
    """The fields of a record that a report needs."""

    package_version: str
    env_version: int
    language: str
    judgement: ToldJudgement | None = field(default=None, repr=False)  # type: ignore[assignment]
    usage: ToldUsage = field(default_factory=ToldUsage, repr=False)
    failure_kind: str | None = None
    wrong: Verdict | None = None
    """The first WA or RTE, where the verdict of the submission is another: it exceeded a limit first."""

    @property
    def outcome(self) -> str:
        """The outcome of a valid episode, one of `OUTCOMES`."""
        if self.truncated:
            return TRUNCATED
        if self.judgement is None or self.failure_class is FailureClass.NO_CODE:
            return NO_CODE
        return SOLVED if self.solved else (self.wrong or self.judgement.verdict).value


@dataclass(frozen=True, kw_only=True, slots=True)
class _TestedJudgement(ToldJudgement):
    tests: int
    runs: tuple[PlayedTest, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tested(Told):
    """The same with the verdicts of tests, which would double the time of reading all records."""

    judgement: _TestedJudgement | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Runs:
    judgement: _TestedJudgement


@dataclass(frozen=True, kw_only=True, slots=True)
class _WithAgent:
    agent: AgentIdentity


_TOLD, _TESTED = TypeAdapter(Told), TypeAdapter(_Tested)
_RUNS, _AGENT = TypeAdapter(_Runs), TypeAdapter(_WithAgent)


@dataclass(frozen=True, kw_only=True)
class Start:
    """A start of a run, from its config.json."""

    options: Mapping[str, Any]
    """Options that differ from their defaults, without paths and addresses."""
    versions: Mapping[str, str]
    """Versions of Python and of packages."""
    commit: str | None


@dataclass(frozen=True, kw_only=True)
class Source:
    """The records of one file, and what its folder says about the run."""

    name: str
    """Path as the user gave it."""
    lines: int
    sha256: str
    """SHA-256 of the lines, uncompressed, each with its newline."""
    agents: Mapping[str, AgentIdentity] = field(repr=False)
    """Agents by digest."""
    starts: tuple[Start, ...]
    """Starts of the run; empty without config.json."""
    episodes: tuple[Told, ...] = field(repr=False)


def is_told(episodes: tuple[Played, ...]) -> TypeGuard[tuple[Told, ...]]:
    """Return whether episodes were read by this module."""
    return all(isinstance(episode, Told) for episode in episodes)


def read_source(path: Path, *, tests: bool = False) -> Source:
    """Read the records of a run: a folder, or a file.

    Args:
        path: Folder or file.
        tests: Whether to read the verdicts of the tests, which only other coverages need.

    Raises:
        RecordError: The file cannot be read, or a line is no record.
        BenchError: There is a config.json that cannot be read.
    """
    file = find_records(path)
    digest, episodes, agents, number = hashlib.sha256(), [], {}, 0
    for line in LineReader(file):
        digest.update(line.data)
        digest.update(b"\n")
        number = line.number
        try:
            episode = _read(line.data, tests)
            if episode.agent.digest not in agents:
                agents[episode.agent.digest] = _AGENT.validate_json(line.data).agent
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise RecordError(f"{file}, line {number}: not a record: {where}: {first['msg']}") from error
        if episode.schema_version != SCHEMA_VERSION:
            raise RecordError(
                f"{file}, line {number}: schema_version must be {SCHEMA_VERSION}, "
                f"got {episode.schema_version!r}"
            )
        episodes.append(episode)
    return Source(
        name=str(path),
        lines=number,
        sha256=digest.hexdigest(),
        agents=agents,
        starts=_starts(file.parent / CONFIG),
        episodes=tuple(episodes),
    )


def _read(data: bytes, tests: bool) -> Told:
    episode = (_TESTED if tests else _TOLD).validate_json(data)
    told = episode.judgement
    if episode.failure_class is FailureClass.CORRECTNESS and told and told.verdict.value in OPTIMIZATION:
        runs = _RUNS.validate_json(data).judgement.runs
        ordered = sorted(runs, key=lambda run: (run.input_size, run.index))
        return replace(episode, wrong=next(run.verdict for run in ordered if run.verdict in _WRONG))
    return episode


def _starts(path: Path) -> tuple[Start, ...]:
    if not path.is_file():
        return ()
    usual = flat_options(defaults())
    hidden = HIDDEN_OPTIONS | {name for name, kind in option_types().items() if _is_path(kind)}
    starts = []
    for run in read_runs(path):
        flat = flat_options(run["config"])
        options = {
            name: value
            for name, value in sorted(flat.items())
            if name not in hidden and value != usual.get(name)
        }
        versions = {"python": str(run.get("python", "")), **_texts(run.get("packages"))}
        commit = run.get("commit")
        starts.append(
            Start(
                options=options,
                versions={name: each for name, each in versions.items() if each},
                commit=commit if isinstance(commit, str) else None,
            )
        )
    return tuple(starts)


def _is_path(kind: Any) -> bool:
    return kind is Path or Path in get_args(kind)


def _texts(value: object) -> dict[str, str]:
    """Return the entries of a mapping that are texts."""
    if not isinstance(value, Mapping):
        return {}
    return {str(name): each for name, each in value.items() if isinstance(each, str)}
