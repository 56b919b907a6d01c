"""Records with everything that a format of another tool can show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import EpisodeRecord, StepRecord, TokenSpan, Usage
from codefrontier.envs import FailureKind

EpisodeMaker = Callable[..., EpisodeRecord]
RecordsMaker = Callable[..., Path]
SECRET = "hidden-answer-7341"
USAGE = Usage(requests=1, prompt_tokens=12, completion_tokens=7, cost_usd=0.25)


def action(name: str, **arguments: Any) -> str:
    return json.dumps({"name": name, "arguments": arguments})


def native(name: str, call_id: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": call_id, "type": "function", "function": function}


@pytest.fixture
def native_tools(episode: EpisodeMaker) -> EpisodeRecord:
    """An episode with function calling: two calls in the first reply, one in the second."""
    steps = (
        StepRecord(
            action=action("run_samples", code="x"),
            observation="1 of 2 samples passed.",
            reward=0.0,
            usage=USAGE,
            finish_reason="tool_calls",
            reasoning="Think ≤ \ud800",
            agent_time_s=0.5,
            env_time_s=0.125,
        ),
        StepRecord(action=action("python", code="y"), observation="out", reward=0.0, env_time_s=0.125),
        StepRecord(
            action=action("submit", code="z"),
            observation="Submitted. Verdict: AC.",
            reward=1.0,
            usage=USAGE,
            finish_reason="tool_calls",
            agent_time_s=0.5,
        ),
    )
    first = [native("run_samples", "c1", code="x"), native("python", "c2", code="y")]
    messages = (
        {"role": "system", "content": "You solve."},
        {"role": "user", "content": "Task"},
        {"role": "assistant", "content": None, "tool_calls": first},
        {"role": "tool", "tool_call_id": "c1", "content": "1 of 2 samples passed."},
        {"role": "tool", "tool_call_id": "c2", "content": "out"},
        {"role": "assistant", "content": "Now.", "tool_calls": [native("submit", "c3", code="z")]},
    )
    where = {"env_id": "Classics-tool", "mode": "tool"}
    return episode("AC", "AC", messages=messages, steps=steps, usage=USAGE + USAGE, **where)


@pytest.fixture
def text_tools(episode: EpisodeMaker) -> EpisodeRecord:
    """An episode of a policy that writes calls as text, with tokens; its second action is malformed."""
    asked, broken = action("python", code="1"), "no call"
    spans = (
        TokenSpan(ids=(1, 2, 3), loss_mask=(False, False, True), log_probs=(0.0, 0.0, -0.5)),
        TokenSpan(ids=(4, 5, 6), loss_mask=(False, True, True), log_probs=(0.0, -0.25, -1.0)),
    )
    steps = (
        StepRecord(action=asked, observation="1", reward=0.0, usage=USAGE, tokens=spans[0]),
        StepRecord(action=broken, observation="No tool call.", reward=-1.0, usage=USAGE, tokens=spans[1]),
    )
    messages = (
        {"role": "user", "content": "Task"},
        {"role": "assistant", "content": asked},
        {"role": "user", "content": "1"},
        {"role": "assistant", "content": broken},
    )
    where = {"env_id": "Classics-tool", "mode": "tool", "stop_reason": "max_turns", "sample": 1}
    return episode(messages=messages, steps=steps, usage=USAGE + USAGE, submission=None, **where)


@pytest.fixture
def exported(
    records: RecordsMaker,
    episode: EpisodeMaker,
    invalid: EpisodeMaker,
    native_tools: EpisodeRecord,
    text_tools: EpisodeRecord,
) -> Path:
    """A file of records of nine episodes in two environments; error texts hold a secret."""
    broken = {"error": f"CheckerError: expected {SECRET}", "failure_kind": FailureKind.JUDGE}
    return records(
        [
            native_tools,
            text_tools,
            episode("AC", "AC"),
            episode("AC", "WA", sample=1),
            invalid(sample=2, **broken),
            episode("AC", "TLE", sample=2, attempt=2, error=f"stopped at {SECRET}"),
            invalid(sample=3, **broken),
            invalid(sample=3, attempt=2, **broken),
            episode("CE", sample=4, messages=()),
            episode("WA", problem_id="diffs", problem_digest="e" * 64),
            episode("AC", problem_id="sums", problem_digest="f" * 64, stop_reason="max_turns"),
        ]
    )


@pytest.fixture
def secret() -> str:
    """A text in the records that may quote a hidden test, and must not be exported."""
    return SECRET
