"""The record of an episode: one JSON line, schema version 1.

Field names carry their units; `docs/records.md` lists all fields. Any text can be stored: lone surrogates are
kept as JSON escapes.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ...envs import FailureKind
from ...judge import FailureClass
from ...system import DiskFullError, explain_full_disk
from ..agent import AgentIdentity, Message, TokenSpan, Usage
from .judgement import AnswerRecord, EarlierJudgement, JudgementRecord, JudgeRecord, RunRecord
from .lines import LineReader, RecordError, RecordLine, compress, is_compressed, whole_bytes

__all__ = [
    "SCHEMA_VERSION",
    "AnswerRecord",
    "EarlierJudgement",
    "EpisodeLog",
    "EpisodeRecord",
    "EpisodeWriter",
    "JudgeRecord",
    "JudgementRecord",
    "RecordError",
    "RunRecord",
    "StepRecord",
    "episodes_in",
    "parse_json",
    "read_episodes",
    "schema_faults",
]

SCHEMA_VERSION: Literal[1] = 1
CUT_BY_LIMIT = "length"
"""Finish reason of a reply that was cut at the token limit."""


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """One step: an action of the agent and its result."""

    action: str = field(repr=False)
    """Text passed to `env.step`."""
    observation: str | None = field(repr=False)
    """Observation of the environment; None if the step failed before there was one."""
    reward: float
    """Reward of this step."""
    finish_reason: str | None = None
    """Reason why the model stopped: `stop`, `length`, `tool_calls`, ...; None without a model call."""
    reasoning: str | None = field(default=None, repr=False)
    """Reasoning of the model where the provider returns it; not part of the messages."""
    usage: Usage = field(default_factory=Usage)
    """Requests, tokens and cost of this action."""
    agent_time_s: float = 0.0
    """Wall seconds of the agent."""
    env_time_s: float = 0.0
    """Wall seconds of the environment."""
    tokens: TokenSpan | None = None
    """Token ids, loss mask and log-probs of this action, from policies that know them."""


@dataclass(frozen=True, kw_only=True)
class EpisodeRecord:
    """Record of one episode."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    schema_version: Literal[1] = SCHEMA_VERSION
    """Version of the schema, always 1; a change that older readers would misread raises the version."""
    package_version: str
    """Version of codefrontier."""
    problem_id: str
    """Id of the problem in its problem set."""
    problem_digest: str
    """SHA-256 over everything that decides a verdict; empty when the episode could not begin."""
    difficulty: str | None
    """Difficulty of the problem: `easy`, `medium`, `hard`, or None if unknown."""
    env_id: str
    """Id of the environment, for example `Classics-agentic`."""
    env_version: int
    """Version of the environment: equal versions give equal rewards."""
    env_kwargs: dict[str, Any]
    """Settings of the environment as JSON values, including defaults, without its judge and problem list."""
    mode: str
    """Mode of the environment: `single`, `tool` or `agentic`."""
    language: str
    """Language of submissions, for example `python`."""
    seed: int | None
    """Seed of `env.reset`."""
    sample: int
    """Number of this sample among the agent's samples of the problem, from 0."""
    attempt: int = 1
    """Number of this attempt at the sample, from 1: after a failure the sample is played again."""
    continued_steps: int = 0
    """Number of steps at the beginning that were taken over from another episode, which this episode
    continues. Their usage and times count in both episodes."""
    agent: AgentIdentity
    """Identity of the agent."""
    observation: str = field(repr=False)
    """First observation."""
    messages: tuple[Message, ...] = field(repr=False)
    """Conversation in the form of the OpenAI protocol, as the agent saw and answered it."""
    steps: tuple[StepRecord, ...] = field(repr=False)
    """Steps in order; their token spans make up the tokens of the conversation."""
    stop_reason: str
    """Stop reason of the environment or an agent's limit, or `model_error`, `context_window`, `truncated`."""
    reward: float
    """Sum of the rewards of the steps; a placeholder when not valid."""
    reward_valid: bool
    """False when infrastructure or model failed: mask the episode, count it, run it again."""
    failure_class: FailureClass | None
    """Class of the outcome; None exactly when the episode is not valid."""
    submission: str | None = field(default=None, repr=False)
    """Source code of the judged program, with replacement characters where it is not UTF-8."""
    judgement: JudgementRecord | None = None
    """Judgement of the submission; None without a submission."""
    answers: tuple[AnswerRecord, ...] = field(default=(), repr=False)
    """All judged answers of the reply, in order, where a reply may hold several; the submission is the best
    answer. Otherwise empty."""
    components: dict[str, float] | None = field(default=None, repr=False)
    """Components of the reward by name, as in the environment's `info`; None in older records, and when the
    environment did not end the episode or infrastructure failed. `regrade` replaces them."""
    usage: Usage = field(default_factory=Usage)
    """Sum of the usage of the steps and of `usage_without_step`."""
    usage_without_step: Usage = field(default_factory=Usage)
    """Known usage of requests that ended the episode in place of a step."""
    agent_time_s: float = 0.0
    """Wall seconds of the agent, sum over the steps."""
    env_time_s: float = 0.0
    """Wall seconds of judging and tools, sum over the steps."""
    error: str | None = None
    """Error text, when the episode is not valid or stopped at a limit of the model."""
    failure_kind: FailureKind | None = None
    """Part that failed, when the episode is not valid: `judge`, `sandbox` or `model`. None in older
    records."""
    earlier: tuple[EarlierJudgement, ...] = field(default=(), repr=False)
    """Judgements that `regrade` has replaced, oldest first: of the same submission, or of the best of the
    same answers."""

    @property
    def reply_cut(self) -> bool:
        """Whether the last reply, which decides the episode's end, was cut at the token limit."""
        reasons = [step.finish_reason for step in self.steps if step.finish_reason is not None]
        return bool(reasons) and reasons[-1] == CUT_BY_LIMIT

    @property
    def replies_cut(self) -> int:
        """Number of replies of the model that were cut at the token limit."""
        return sum(step.finish_reason == CUT_BY_LIMIT for step in self.steps)

    def to_json(self) -> str:
        """Return the record as one line of ASCII JSON, without a newline."""
        return json.dumps(_ADAPTER.dump_python(self, mode="json"), allow_nan=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> EpisodeRecord:
        """Parse the line of a record.

        Raises:
            ValueError: The line is no JSON, has another schema version, or is no record.
        """
        value = parse_json(line)
        version = value.get("schema_version") if isinstance(value, Mapping) else None
        if version != SCHEMA_VERSION:
            raise ValueError(f"schema_version must be {SCHEMA_VERSION}, got {version!r}")
        try:
            return _ADAPTER.validate_python(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"{where}: {first['msg']}") from error


_ADAPTER = TypeAdapter(EpisodeRecord)


def parse_json(line: str | bytes) -> Any:
    """Parse JSON with finite numbers only.

    Raises:
        ValueError: The text is no JSON, or contains NaN or an infinity.
    """
    return json.loads(line, parse_constant=_refuse_number)


def schema_faults(value: object) -> list[tuple[str, str]]:
    """Return every field of a JSON value that violates the schema, with what is wrong."""
    try:
        _ADAPTER.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in found]
    return []


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(f"numbers must be finite, got {name}")


@dataclass(frozen=True, kw_only=True)
class EpisodeLog:
    """Content of a file of records."""

    episodes: tuple[EpisodeRecord, ...]
    torn_line: int | None = None
    """Number, from 1, of a last line that a crash cut off; the line holds no episode."""


def read_episodes(path: Path) -> EpisodeLog:
    """Read a file of records; it is compressed if its name ends with `.zst`.

    Raises:
        RecordError: The file cannot be read, or a line that ends with a newline is no record.
    """
    reader = LineReader(path)
    episodes = tuple(episode for _, episode in episodes_in(reader))
    return EpisodeLog(episodes=episodes, torn_line=reader.torn_line)


def episodes_in(reader: LineReader) -> Iterator[tuple[RecordLine, EpisodeRecord]]:
    """Yield the records of a file one after the other, each with its line.

    Raises:
        RecordError: The file cannot be read, or a line that ends with a newline is no record.
    """
    for line in reader:
        try:
            yield line, EpisodeRecord.from_json(line.data)
        except ValueError as error:
            raise RecordError(f"{reader.path}, line {line.number}: not a record: {error}") from error


class EpisodeWriter:
    """Appends records to a file, each in one write, so that a crash can only damage the last line.

    An incomplete last line is removed when the file is opened. A file has one writer at a time.

    Args:
        path: File to append to, created if needed. If its name ends with `.zst`, each record is compressed.

    Raises:
        RecordError: Another process writes to the file, or records cannot be appended to it.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise RecordError(f"{path}: another run is writing to it") from error
        self._compressed = is_compressed(path)
        try:
            os.ftruncate(self._file, whole_bytes(path))
        except RecordError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, episode: EpisodeRecord) -> None:
        """Append a record and pass it to the operating system.

        Raises:
            OSError: The disk is full, or writing failed in another way; no partial line is left in the file.
        """
        line = episode.to_json().encode() + b"\n"
        line = compress(line) if self._compressed else line
        before = os.lseek(self._file, 0, os.SEEK_END)
        with explain_full_disk(self._path, len(line)):
            written = os.write(self._file, line)
        if written < len(line):
            os.ftruncate(self._file, before)
            raise DiskFullError(
                f"{self._path}: only {written:,} of {len(line):,} bytes fit: is the disk full?"
            )

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
