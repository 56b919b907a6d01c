"""Trajectories of episodes in the Agent Trajectory Interchange Format, which Harbor and other tools read.

References:
    Harbor, RFC 0001: Agent Trajectory Interchange Format, version 1.7.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...agent import Message, TokenSpan, Usage
from ..keys import episode_key
from ..record import EpisodeRecord
from .conversation import Conversation, Turn, conversation_of, text_of
from .final import episodes_on, final_records
from .outcome import facts_of, file_word, new_folder, plain, settings_of

VERSION = "ATIF-v1.7"


def export_trajectories(source: Path, to: Path) -> int:
    """Write a trajectory for each episode, `ENV_AGENT_DIGEST/PROBLEM_SAMPLE.json`; return their number.

    Args:
        source: File of records.
        to: Folder to create.

    Raises:
        RecordError: `source` cannot be read, a line is no record, or `to` is not empty.
        OSError: `to` cannot be written.
    """
    lines = [each.line for each in final_records(source).values()]
    count = 0
    with new_folder(to) as root:
        for _, episode in episodes_on(source, lines):
            _write(root, episode, count)
            count += 1
    return count


def _write(root: Path, episode: EpisodeRecord, number: int) -> None:
    agent = f"{file_word(episode.agent.name)}_{episode.agent.digest[:8]}"
    folder = root / f"{file_word(episode.env_id)}_{agent}"
    folder.mkdir(exist_ok=True)
    stem = f"{file_word(episode.problem_id)}_{episode.sample}"
    path = folder / f"{stem}.json"
    if path.exists():  # another problem or environment of the same name
        path = folder / f"{stem}_{number}.json"
    text = json.dumps(trajectory_of(episode), indent=1, ensure_ascii=False, allow_nan=False)
    path.write_bytes(text.encode("utf-8", "replace") + b"\n")


def trajectory_of(episode: EpisodeRecord) -> dict[str, Any]:
    """Return the trajectory of an episode as JSON values."""
    conversation = conversation_of(episode)
    steps = [
        {"step_id": number, **step} for number, step in enumerate(_steps(episode, conversation), start=1)
    ]
    usage, agent = episode.usage, episode.agent
    identity = sha256("\n".join(map(str, episode_key(episode))).encode()).hexdigest()[:32]
    return {
        "schema_version": VERSION,
        "session_id": identity,
        "trajectory_id": f"{identity}-{episode.attempt}",
        "agent": plain(
            {
                "name": agent.name,
                "version": f"codefrontier {episode.package_version}",
                "model_name": agent.model,
                "extra": {"kind": agent.kind, "digest": agent.digest, "settings": dict(agent.settings)},
            }
        ),
        "steps": steps,
        "final_metrics": plain(
            {
                "total_prompt_tokens": usage.prompt_tokens if usage.requests else None,
                "total_completion_tokens": usage.completion_tokens if usage.requests else None,
                "total_cost_usd": usage.cost_usd,
                "total_steps": len(steps),
                "extra": {
                    "requests": usage.requests,
                    "agent_time_s": episode.agent_time_s,
                    "env_time_s": episode.env_time_s,
                },
            }
        ),
        "extra": {**facts_of(episode), "env_kwargs": settings_of(episode)},
    }


def _steps(episode: EpisodeRecord, conversation: Conversation) -> Iterator[dict[str, Any]]:
    row: tuple[int, ...] = ()
    previous: Turn | None = None
    for turn in conversation.turns:
        yield from _others(turn.before, previous)
        metrics, row = _metrics(turn, row)
        yield _agent_step(turn, metrics)
        previous = turn
    yield from _others(conversation.after, previous)
    if not conversation.turns and not conversation.after:
        # A trajectory has at least one step.
        yield {"source": "user", "message": episode.observation}


def _others(messages: Sequence[Message], previous: Turn | None) -> Iterator[dict[str, Any]]:
    """Yield the messages that are not the observation of the previous step."""
    told = {call.id for call in previous.calls} if previous else set()
    for message in messages:
        text = text_of(message)
        if message.get("tool_call_id") in told or (previous and text == previous.observation):
            continue
        source = "system" if message.get("role") in ("system", "developer") else "user"
        yield {"source": source, "message": text}


def _agent_step(turn: Turn, metrics: dict[str, Any]) -> dict[str, Any]:
    requests = turn.usage.requests
    results = [plain({"source_call_id": call.id, "content": call.result}) for call in turn.calls]
    if not results and turn.observation is not None:
        results = [{"content": turn.observation}]
    calls = [
        {"tool_call_id": call.id, "function_name": call.name, "arguments": dict(call.arguments)}
        for call in turn.calls
    ]
    rewards = [step.reward for step in turn.steps]
    return plain(
        {
            "source": "agent",
            "message": turn.text,
            # Without a model call there must be neither.
            "reasoning_content": turn.reasoning if requests else None,
            "metrics": metrics if requests else None,
            "tool_calls": calls or None,
            "observation": {"results": results} if results else None,
            "llm_call_count": requests,
            "extra": plain(
                {
                    "rewards": rewards,
                    "finish_reason": turn.finish_reason,
                    "agent_time_s": sum(step.agent_time_s for step in turn.steps),
                    "env_time_s": sum(step.env_time_s for step in turn.steps),
                }
            ),
        }
    )


def _metrics(turn: Turn, row: tuple[int, ...]) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return the metrics of a reply, and the tokens of its prompt and the reply."""
    usage: Usage = turn.usage
    metrics: dict[str, Any] = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
    }
    spans: list[TokenSpan] = [step.tokens for step in turn.steps if step.tokens and step.tokens.ids]
    if len(spans) == 1:
        (span,) = spans
        first = span.loss_mask.index(True) if any(span.loss_mask) else len(span.ids)
        prompt = (*(() if span.starts_row else row), *span.ids[:first])
        metrics["prompt_token_ids"] = list(prompt)
        metrics["completion_token_ids"] = list(span.ids[first:])
        metrics["logprobs"] = None if span.log_probs is None else list(span.log_probs[first:])
        row = (*prompt, *span.ids[first:])
    return plain(metrics), row
