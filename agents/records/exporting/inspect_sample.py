"""A sample of an eval log of inspect_ai: messages, events of the transcript, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...agent import Message, Usage
from ..record import CUT_BY_LIMIT, EpisodeRecord
from .conversation import ASSISTANT, Call, Conversation, Turn, conversation_of, text_of
from .outcome import facts_of, failure_of, plain, verdict_of

SCORERS: Mapping[str, list[dict[str, Any]]] = {
    "solved": [{"name": "inspect_ai/accuracy", "options": {}}, {"name": "inspect_ai/stderr", "options": {}}],
    "verdict": [],
    "reward": [],
}
"""Scorers with their metrics."""
_RIGHT, _WRONG = "C", "I"
"""Values of right and wrong answers in inspect_ai."""
_TARGET = "AC"
_SUMMARIZED = (
    *("id", "epoch", "target", "model_usage", "role_usage", "started_at", "completed_at"),
    *("total_time", "working_time", "uuid", "turn_count"),
)
_SHOWN = 1000
"""Most characters of a text in the list of samples."""
_LIMITS = {
    "max_turns": "turn",
    "turn_limit": "turn",
    "max_tokens": "token",
    "token_limit": "token",
    "cost_limit": "cost",
    "active_time_limit": "working",
    "context_window": "context",
    "max_tool_calls": "custom",
}
"""Kinds of limits by our stop reasons."""
_STOPS = {CUT_BY_LIMIT: "max_tokens", "tool_calls": "tool_calls", "content_filter": "content_filter"}
"""Stop reasons of replies that have another name than `stop`."""


def sample_of(
    episode: EpisodeRecord, *, name: str, log_id: str, created: datetime, failures: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the sample of an episode as JSON values.

    An episode that is not valid has an error and no score.

    Args:
        episode: Final record of the episode.
        name: Id of the sample.
        log_id: Id of the log.
        created: Time at which the transcript begins.
        failures: What ended the failed attempts before this one.
    """
    conversation = conversation_of(episode)
    # Data frames drop samples and messages whose ids they have seen in another log.
    identity = f"{log_id}-{episode.problem_digest[:12]}-{episode.sample}"
    messages = [_message(each, f"{identity}-m{place}") for place, each in enumerate(conversation.messages)]
    _add_replies(messages, conversation, episode.agent.name)
    scores = _scores(episode) if episode.reward_valid else None
    transcript = _Transcript(episode, identity, messages, created)
    transcript.begin(name)
    transcript.play(conversation)
    transcript.end(scores or {})
    total_s = round(episode.agent_time_s + episode.env_time_s, 6)
    return plain(
        {
            "id": name,
            "epoch": episode.sample + 1,
            "input": episode.observation,
            "target": _TARGET,
            "messages": messages,
            "output": transcript.output,
            "scores": scores,
            "metadata": facts_of(episode),
            "store": {},
            "events": transcript.events,
            "model_usage": _model_usage(episode),
            "role_usage": {},
            "started_at": created.isoformat(),
            "completed_at": (created + timedelta(seconds=total_s)).isoformat(),
            "total_time": total_s,
            "working_time": total_s,
            "uuid": identity,
            "error": None if episode.reward_valid else _error(failure_of(episode)),
            "error_retries": [_error(told) for told in failures],
            "attachments": {},
            # The input of each model event is a range of these messages.
            "events_data": {"messages": messages, "calls": []},
            "limit": _limit(episode),
            "turn_count": len(conversation.turns),
        }
    )


def summary_of(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a sample in the list of samples."""
    limit = sample.get("limit")
    scores = {
        name: {**score, "answer": score["answer"][:_SHOWN]} if "answer" in score else score
        for name, score in sample.get("scores", {}).items()
    }
    shown = {key: value for key, value in sample["metadata"].items() if isinstance(value, str | int | float)}
    return plain(
        {
            **{key: sample.get(key) for key in _SUMMARIZED},
            "input": sample["input"][:_SHOWN],
            "scores": scores or None,
            "metadata": shown,
            "error": sample["error"]["message"] if "error" in sample else None,
            "limit": limit["type"] if limit else None,
            "retries": len(sample["error_retries"]),
            "completed": "error" not in sample,
            "message_count": len(sample["messages"]),
        }
    )


class _Transcript:
    """The events of an episode, whose times are measured from its beginning."""

    def __init__(
        self, episode: EpisodeRecord, identity: str, messages: list[dict[str, Any]], created: datetime
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self.output: dict[str, Any] = {"model": episode.agent.name, "choices": [], "completion": ""}
        self._episode, self._identity = episode, identity
        self._messages, self._created = messages, created
        self._passed_s = 0.0

    def begin(self, name: str) -> None:
        """Add the beginning of the sample."""
        given = {"id": name, "input": self._episode.observation, "target": _TARGET}
        self._add("sample_init", sample=given, state={})

    def play(self, conversation: Conversation) -> None:
        """Add each reply, and each call or answer of the environment."""
        known = 0
        for turn in conversation.turns:
            known += len(turn.before)
            self._reply(turn, known)
            known += 1
            for call in turn.calls:
                self._call(call)
            if not turn.calls and turn.observation is not None:
                self._passed_s += turn.steps[-1].env_time_s
                self._add("info", source="environment", data=turn.observation)

    def end(self, scores: Mapping[str, Mapping[str, Any]]) -> None:
        """Add the scores."""
        for scorer, score in scores.items():
            self._add("score", score=score, target=_TARGET, intermediate=False, scorer=scorer)

    def _reply(self, turn: Turn, known: int) -> None:
        begun_s = self._passed_s
        working_s = sum(step.agent_time_s for step in turn.steps)
        message = self._messages[known]
        self.output = plain(
            {
                "model": self._episode.agent.name,
                "choices": [
                    {"message": message, "stop_reason": _STOPS.get(turn.finish_reason or "stop", "stop")}
                ],
                "completion": turn.text,
                "usage": _usage(turn.usage) if turn.usage.requests else None,
                "time": working_s,
            }
        )
        self._add(
            "model",
            model=self._episode.agent.name,
            input=[],
            input_refs=[[0, known]],
            tools=[],
            tool_choice="auto",
            config={},
            output=self.output,
            working_time=working_s,
            completed=self._time(begun_s + working_s),
        )
        self._passed_s += working_s

    def _call(self, call: Call) -> None:
        begun_s = self._passed_s
        self._passed_s += call.env_time_s
        self._add(
            "tool",
            begun_s=begun_s,
            type="function",
            id=call.id,
            function=call.name,
            arguments=dict(call.arguments),
            result="" if call.result is None else call.result,
            events=[],
            working_time=call.env_time_s,
            completed=self._time(self._passed_s),
        )

    def _add(self, event: str, *, begun_s: float | None = None, **fields: Any) -> None:
        passed_s = self._passed_s if begun_s is None else begun_s
        head = {
            "uuid": f"{self._identity}-{len(self.events)}",
            "timestamp": self._time(passed_s),
            "working_start": round(passed_s, 6),
            "event": event,
        }
        self.events.append(head | fields)

    def _time(self, passed_s: float) -> str:
        return (self._created + timedelta(seconds=passed_s)).isoformat()


def _message(message: Message, identity: str) -> dict[str, Any]:
    """Return a message in the form of inspect_ai."""
    role = {"developer": "system"}.get(str(message.get("role")), str(message.get("role")))
    made: dict[str, Any] = {"id": identity, "role": role, "content": text_of(message)}
    if role == "tool":
        made |= plain({"tool_call_id": message.get("tool_call_id"), "function": message.get("name")})
    elif role == ASSISTANT:
        made["source"] = "generate"
    elif role == "user":
        made["source"] = "input"
    return made


def _add_replies(messages: Sequence[dict[str, Any]], conversation: Conversation, model: str) -> None:
    """Add to the replies what the steps know of them: reasoning, and native tool calls."""
    place = 0
    for turn in conversation.turns:
        place += len(turn.before)
        reply = messages[place]
        reply["model"] = model
        if turn.reasoning:
            text = {"type": "text", "text": reply["content"]}
            reply["content"] = [{"type": "reasoning", "reasoning": turn.reasoning}, text]
        if turn.message.get("tool_calls"):
            reply["tool_calls"] = [
                {"id": call.id, "function": call.name, "arguments": dict(call.arguments), "type": "function"}
                for call in turn.calls
            ]
            names = {call.id: call.name for call in turn.calls}
            for other in messages[place:]:
                if other.get("tool_call_id") in names:
                    other.setdefault("function", names[other["tool_call_id"]])
        place += 1


def _scores(episode: EpisodeRecord) -> dict[str, dict[str, Any]]:
    verdict = verdict_of(episode)
    solved = {
        "value": _RIGHT if episode.failure_class and episode.failure_class.value == "solved" else _WRONG,
        "answer": episode.submission,
        "explanation": f"{episode.stop_reason}, verdict {verdict}",
    }
    scores: dict[str, dict[str, Any]] = {
        "solved": solved,
        "verdict": {"value": verdict},
        "reward": {"value": episode.reward},
    }
    return {name: plain({**score, "history": []}) for name, score in scores.items()}


def _model_usage(episode: EpisodeRecord) -> dict[str, Any]:
    return {episode.agent.name: _usage(episode.usage)} if episode.usage.requests else {}


def _usage(usage: Usage) -> dict[str, Any]:
    return plain(
        {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
            "total_cost": usage.cost_usd,
        }
    )


def _error(told: str) -> dict[str, str]:
    return {"message": told, "traceback": told, "traceback_ansi": told}


def _limit(episode: EpisodeRecord) -> dict[str, Any] | None:
    kind = _LIMITS.get(episode.stop_reason)
    if kind is None:
        return None
    return {"type": kind, "limit": _bound(episode), "reason": episode.stop_reason}


def _bound(episode: EpisodeRecord) -> float:
    """Return the value of the limit that ended an episode, where the record has it, or else 0."""
    limits = {**episode.env_kwargs, **dict(episode.agent.settings.get("limits") or {})}
    names = {
        "turn_limit": "max_agent_turns",
        "token_limit": "max_total_tokens",
        "cost_limit": "max_cost_usd",
        "active_time_limit": "max_active_s",
    }
    value = limits.get(names.get(episode.stop_reason, episode.stop_reason))
    return float(value) if isinstance(value, int | float) else 0.0
