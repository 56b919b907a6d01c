"""Summary of an episode: one row of plain values, for tables."""

from __future__ import annotations

from typing import Any

from ...judge import Verdict
from .record import EpisodeRecord

COLUMNS = {
    "env": "text",
    "mode": "text",
    "language": "text",
    "problem": "text",
    "problem_digest": "text",
    "difficulty": "text",
    "agent": "text",
    "agent_digest": "text",
    "model": "text",
    "sample": "integer",
    "attempt": "integer",
    "seed": "integer",
    "stop_reason": "text",
    "reward": "real",
    "reward_valid": "integer",
    "failure_kind": "text",
    "failure_class": "text",
    "verdict": "text",
    "passed": "integer",
    "selected": "integer",
    "tests": "integer",
    "cpu_time_s": "real",
    "slowest_run_s": "real",
    "time_limit_s": "real",
    "memory_mib": "real",
    "steps": "integer",
    "requests": "integer",
    "prompt_tokens": "integer",
    "completion_tokens": "integer",
    "cost_usd": "real",
    "failed_requests": "integer",
    "failed_cost_usd": "real",
    "agent_time_s": "real",
    "env_time_s": "real",
    "regrades": "integer",
    "truncated_replies": "integer",
    "error": "text",
}
"""Columns of a summary with their SQL types; units are in the names."""
CUT_SHORT = "length"
"""Finish reason of a reply that was cut at the token limit."""
# The index would otherwise become as large as the records.
_SEARCHED = 20_000
"""Number of characters of each text that are searchable."""


def summary(episode: EpisodeRecord) -> dict[str, Any]:
    """Return the row of an episode, with the keys of `COLUMNS`."""
    judgement = episode.judgement
    runs = judgement.runs if judgement else ()
    failure = episode.failure_class
    return {
        "env": episode.env_id,
        "mode": episode.mode,
        "language": episode.language,
        "problem": episode.problem_id,
        "problem_digest": episode.problem_digest,
        "difficulty": episode.difficulty,
        "agent": episode.agent.name,
        "agent_digest": episode.agent.digest,
        "model": episode.agent.model,
        "sample": episode.sample,
        "attempt": episode.attempt,
        "seed": episode.seed,
        "stop_reason": episode.stop_reason,
        "reward": episode.reward,
        "reward_valid": episode.reward_valid,
        "failure_kind": episode.failure_kind.value if episode.failure_kind else None,
        "failure_class": failure.value if failure else None,
        "verdict": judgement.verdict.value if judgement else None,
        "passed": sum(run.verdict is Verdict.ACCEPTED for run in runs) if judgement else None,
        "selected": judgement.selected if judgement else None,
        "tests": judgement.tests if judgement else None,
        "cpu_time_s": judgement.cpu_time_s if judgement else None,
        "slowest_run_s": max((run.cpu_time_s for run in runs), default=None),
        "time_limit_s": judgement.time_limit_s if judgement else None,
        "memory_mib": max((run.memory_mib for run in runs), default=None),
        "steps": len(episode.steps),
        "requests": episode.usage.requests,
        "prompt_tokens": episode.usage.prompt_tokens,
        "completion_tokens": episode.usage.completion_tokens,
        "cost_usd": episode.usage.cost_usd,
        "failed_requests": sum(episode.usage.failures.values()),
        "failed_cost_usd": episode.usage.failed_cost_usd,
        "agent_time_s": episode.agent_time_s,
        "env_time_s": episode.env_time_s,
        "regrades": len(episode.earlier),
        "truncated_replies": sum(step.finish_reason == CUT_SHORT for step in episode.steps),
        "error": episode.error,
    }


def searchable(episode: EpisodeRecord) -> str:
    """Return the searchable text of an episode: texts of agent and environment, without the task."""
    parts = [episode.problem_id, episode.agent.name, episode.error or "", episode.submission or ""]
    for step in episode.steps:
        parts += [step.action, step.observation or "", step.reasoning or ""]
    return "\n".join(part[:_SEARCHED] for part in parts)


def storable(value: Any) -> Any:
    """Return a plain value that SQLite and Parquet can store: no lone surrogates, no integers beyond 64
    bits."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return float(value) if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63 else value
