"""Validation of records: the schema, and whether the fields of a record agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...envs import FailureKind
from ...judge import FailureClass, Verdict, failure_class, overall_verdict
from .keys import EpisodeKey, episode_key, episode_name
from .lines import LineReader
from .record import SCHEMA_VERSION, EpisodeRecord, JudgementRecord, parse_json, schema_faults
from .tokens import token_faults

Found = Iterator[tuple[str, str]]
"""Pairs of a field and what is wrong with it."""
# Sums of floats depend on the order of the addends.
_CLOSE = 1e-6
_COUNTS = (
    "requests",
    "prompt_tokens",
    "completion_tokens",
    "failed_prompt_tokens",
    "failed_completion_tokens",
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An error in a file of records."""

    line: int
    """Line number, from 1."""
    field: str
    """Path of the field, for example `judgement.runs.3.verdict`; empty for an error of the whole line."""
    message: str


@dataclass
class Inspection:
    """Counts of a file, filled in by `inspect_records`."""

    records: int = 0
    """Number of lines that are records, with or without faults."""
    torn_line: int | None = None
    """Number of a last line that a crash cut off; not a fault, because the next writer removes the line."""


def inspect_records(path: Path, seen: Inspection) -> Iterator[Fault]:
    """Check every record of a file, and yield the faults.

    Raises:
        RecordError: The file cannot be read.
    """
    reader = LineReader(path)
    first_lines: dict[tuple[EpisodeKey, int], int] = {}
    for line in reader:
        episode = None
        faults = list(_parse_faults(line.data))
        if not faults:
            episode = EpisodeRecord.from_json(line.data)
            seen.records += 1
            faults = list(episode_faults(episode))
        for where, message in faults:
            yield Fault(line=line.number, field=where, message=message)
        if episode is not None:
            key = (episode_key(episode), episode.attempt)
            first = first_lines.setdefault(key, line.number)
            if first != line.number:
                name = episode_name(key[0])
                message = f"{episode.attempt} of {name} is on line {first}, too"
                yield Fault(line=line.number, field="attempt", message=message)
    seen.torn_line = reader.torn_line


def _parse_faults(line: bytes) -> Found:
    try:
        value = parse_json(line)
    except (ValueError, RecursionError) as error:
        yield "", f"is no JSON: {error}"
        return
    if not isinstance(value, dict):
        yield "", f"must be a JSON object, got {type(value).__name__}"
        return
    version = value.get("schema_version")
    if version != SCHEMA_VERSION:
        yield "schema_version", f"must be {SCHEMA_VERSION}, got {version!r}"
        return
    yield from schema_faults(value)


def episode_faults(episode: EpisodeRecord) -> Found:
    """Yield every field that does not agree with other fields, with what is wrong."""
    yield from _number_faults(episode)
    yield from _outcome_faults(episode)
    yield from token_faults(episode.steps)
    if episode.judgement is not None:
        yield from _judgement_faults(episode.judgement, "judgement")
        if episode.submission is None:
            yield "submission", "is missing, but there is a judgement"
    for number, answer in enumerate(episode.answers):
        yield from _judgement_faults(answer.judgement, f"answers.{number}.judgement")
    if episode.answers and episode.judgement not in [answer.judgement for answer in episode.answers]:
        yield "judgement", "must be the judgement of one of the answers"
    for number, earlier in enumerate(episode.earlier):
        yield from _judgement_faults(earlier.judgement, f"earlier.{number}.judgement")
        for place, answer in enumerate(earlier.answers):
            yield from _judgement_faults(answer.judgement, f"earlier.{number}.answers.{place}.judgement")


def _number_faults(episode: EpisodeRecord) -> Found:
    for name, low in (("attempt", 1), ("sample", 0), ("env_version", 0)):
        value = getattr(episode, name)
        if value < low:
            yield name, f"must be at least {low}, got {value!r}"
    for name in ("agent_time_s", "env_time_s"):
        total, parts = getattr(episode, name), [getattr(step, name) for step in episode.steps]
        if min([total, *parts]) < 0:
            yield name, f"must not be negative, got {min([total, *parts])!r}"
        if not _close(total, sum(parts)):
            yield name, f"is {total!r}, but the steps sum to {sum(parts)!r}"
    yield from _usage_faults(episode)


def _usage_faults(episode: EpisodeRecord) -> Found:
    usages = [*(step.usage for step in episode.steps), episode.usage_without_step]
    for name in _COUNTS:
        counts = [getattr(usage, name) for usage in usages]
        total = getattr(episode.usage, name)
        if min([total, *counts]) < 0:
            yield f"usage.{name}", f"must not be negative, got {min([total, *counts])!r}"
        if total != sum(counts):
            yield f"usage.{name}", f"is {total!r}, but the steps sum to {sum(counts)!r}"
    places = [f"steps.{number}.usage" for number in range(len(episode.steps))]
    named = zip([*places, "usage_without_step", "usage"], [*usages, episode.usage], strict=True)
    for where, usage in named:
        failed, most = usage.failed_cost_usd or 0.0, usage.cost_usd or 0.0
        if sum(usage.failures.values()) > usage.requests:
            yield f"{where}.failures", f"are more than the {usage.requests} requests"
        for name in ("prompt_tokens", "completion_tokens"):
            if getattr(usage, f"failed_{name}") > getattr(usage, name):
                yield f"{where}.failed_{name}", f"is more than {name}, {getattr(usage, name)!r}"
        if failed < 0 or (failed > most and not _close(failed, most)):
            yield f"{where}.failed_cost_usd", f"must be in [0, cost_usd = {most!r}], got {failed!r}"


def _outcome_faults(episode: EpisodeRecord) -> Found:
    if episode.reward_valid is (episode.failure_class is None):
        valid = "valid" if episode.reward_valid else "not valid"
        yield "failure_class", f"must be null exactly when the episode is not valid, but it is {valid}"
    if not episode.reward_valid:
        if episode.error is None:
            yield "error", "must say what failed when the episode is not valid"
        kind = episode.failure_kind  # None in records of older versions
        if kind is not None and (kind is FailureKind.MODEL) is not (episode.stop_reason == "model_error"):
            yield "failure_kind", f"does not fit the stop reason {episode.stop_reason!r}, got {kind.value!r}"
        return
    if episode.failure_kind is not None:
        yield "failure_kind", f"must be null when the episode is valid, got {episode.failure_kind.value!r}"
    judgement = episode.judgement
    if judgement is None:
        if episode.failure_class is not FailureClass.NO_CODE:
            yield "failure_class", f"must be no_code without a judgement, got {episode.failure_class}"
    elif (expected := _failure_class(judgement)) not in (None, episode.failure_class):
        yield "failure_class", f"the verdicts say {expected}, got {episode.failure_class}"
    total = sum(step.reward for step in episode.steps)
    # The reward of an episode that ended at the model's context window belongs to no step.
    if episode.stop_reason != "context_window" and not _close(episode.reward, total):
        yield "reward", f"is {episode.reward!r}, but the steps sum to {total!r}"


def _failure_class(judgement: JudgementRecord) -> FailureClass | None:
    verdicts = [run.verdict for run in judgement.runs]
    if judgement.verdict is Verdict.COMPILE_ERROR:
        return FailureClass.CORRECTNESS
    return failure_class(verdicts) if verdicts else None


def _judgement_faults(judgement: JudgementRecord, where: str) -> Found:
    runs = judgement.runs
    if judgement.verdict is Verdict.COMPILE_ERROR:
        if runs:
            yield f"{where}.runs", f"must be empty with CE, got {len(runs)}"
    elif not runs:
        yield f"{where}.runs", "must hold at least one run unless the verdict is CE"
    elif (expected := overall_verdict([run.verdict for run in runs])) is not judgement.verdict:
        yield f"{where}.verdict", f"the runs say {expected}, got {judgement.verdict}"
    if not 1 <= judgement.selected <= judgement.tests:
        yield f"{where}.selected", f"must be in [1, {judgement.tests}], got {judgement.selected!r}"
    if len(runs) > judgement.selected:
        yield f"{where}.runs", f"has {len(runs)} runs of {judgement.selected} selected tests"
    if judgement.cpu_time_s < 0:
        yield f"{where}.cpu_time_s", f"must not be negative, got {judgement.cpu_time_s!r}"
    if judgement.coverage is not None and not 0 < judgement.coverage <= 1:
        yield f"{where}.coverage", f"must be in (0, 1], got {judgement.coverage!r}"
    yield from _run_faults(judgement, f"{where}.runs")


def _run_faults(judgement: JudgementRecord, where: str) -> Found:
    indices = set()
    for place, run in enumerate(judgement.runs):
        at = f"{where}.{place}"
        if not 0 <= run.index < judgement.tests or run.index in indices:
            yield f"{at}.index", f"must be another of [0, {judgement.tests}), got {run.index!r}"
        indices.add(run.index)
        for name in ("input_size", "cpu_time_s", "memory_mib"):
            if getattr(run, name) < 0:
                yield f"{at}.{name}", f"must not be negative, got {getattr(run, name)!r}"
        if run.verdict is Verdict.COMPILE_ERROR:
            yield f"{at}.verdict", "CE is no verdict of a run"


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)
