"""The conversation of an episode as turns: what came before a reply, the reply, its calls and results."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....envs.actions import ActionError, parse_tool_call
from ...agent import Message, Usage
from ..record import EpisodeRecord, StepRecord

ASSISTANT = "assistant"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool call."""

    id: str
    """Unique in the episode."""
    name: str
    arguments: Mapping[str, Any] = field(repr=False)
    result: str | None = field(repr=False)
    """Result of the call; None if the episode ended before there was one."""
    env_time_s: float = 0.0
    """Wall seconds of the environment."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A reply of the agent."""

    before: tuple[Message, ...] = field(repr=False)
    """Messages since the previous reply."""
    message: Message = field(repr=False)
    """The reply."""
    steps: tuple[StepRecord, ...] = field(repr=False)
    """Steps that the reply made, one for each call; none if the environment did not take the reply."""
    calls: tuple[Call, ...] = field(default=(), repr=False)
    """Tool calls of the reply; empty where the reply is a program, or no call that can be read."""

    @property
    def usage(self) -> Usage:
        """Usage of the reply."""
        return sum((step.usage for step in self.steps), Usage())

    @property
    def text(self) -> str:
        """Text of the reply."""
        return text_of(self.message)

    @property
    def reasoning(self) -> str | None:
        """Reasoning of the model, where it is known."""
        return "\n".join(step.reasoning for step in self.steps if step.reasoning) or None

    @property
    def finish_reason(self) -> str | None:
        """Reason why the model stopped."""
        return next((step.finish_reason for step in self.steps if step.finish_reason), None)

    @property
    def observation(self) -> str | None:
        """Last observation of the environment on the reply."""
        return self.steps[-1].observation if self.steps else None


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """The conversation of an episode."""

    turns: tuple[Turn, ...]
    after: tuple[Message, ...] = field(default=(), repr=False)
    """Messages after the last reply, for which there is no reply."""

    @property
    def messages(self) -> list[Message]:
        """All messages in order."""
        shown = [message for turn in self.turns for message in (*turn.before, turn.message)]
        return [*shown, *self.after]


def conversation_of(episode: EpisodeRecord) -> Conversation:
    """Return the conversation of an episode.

    It has the recorded messages. If these do not contain every action, as of agents that keep no messages,
    the replies are the actions and the other messages the observations.
    """
    return _of_messages(episode) or _of_steps(episode)


def text_of(message: Message) -> str:
    """Return the text of a message in the form of the OpenAI protocol."""
    content = message.get("content")
    if isinstance(content, str) or content is None:
        return content or ""
    parts = content if isinstance(content, list) else [content]
    return "\n".join(
        str(part["text"])
        if isinstance(part, Mapping) and isinstance(part.get("text"), str)
        else json.dumps(part, ensure_ascii=False)
        for part in parts
    )


def _of_messages(episode: EpisodeRecord) -> Conversation | None:
    """Return the conversation of the recorded messages, or None if some step is in no message."""
    left = deque(episode.steps)
    results = {
        message["tool_call_id"]: text_of(message)
        for message in episode.messages
        if message.get("role") == "tool" and "tool_call_id" in message
    }
    turns: list[Turn] = []
    before: list[Message] = []
    for message in episode.messages:
        if message.get("role") != ASSISTANT:
            before.append(message)
            continue
        if native := message.get("tool_calls"):
            steps, calls = _native(native, left, results)
        else:
            steps = [left.popleft()] if left and left[0].action.strip() in text_of(message) else []
            calls = _written(episode, steps, len(turns))
        turns.append(Turn(before=tuple(before), message=message, steps=tuple(steps), calls=tuple(calls)))
        before = []
    return None if left else Conversation(turns=tuple(turns), after=tuple(before))


def _of_steps(episode: EpisodeRecord) -> Conversation:
    """Return the conversation of actions and observations."""
    before: list[Message] = []
    for message in episode.messages:
        if message.get("role") == ASSISTANT:
            break
        before.append(message)
    before = before or [{"role": "user", "content": episode.observation}]
    turns = []
    for place, step in enumerate(episode.steps):
        calls = _written(episode, [step], place)
        message = {"role": ASSISTANT, "content": step.action}
        turns.append(Turn(before=tuple(before), message=message, steps=(step,), calls=tuple(calls)))
        before = [{"role": "user", "content": step.observation or ""}]
    return Conversation(turns=tuple(turns))


def _native(
    native: Sequence[Mapping[str, Any]], left: deque[StepRecord], results: Mapping[str, str]
) -> tuple[list[StepRecord], list[Call]]:
    """Return the steps of the tool calls of a message, which are taken from the left, and the calls."""
    steps, calls = [], []
    for each in native:
        function = each["function"]
        step = left.popleft() if left and _named(left[0]) == function["name"] else None
        if step is not None:
            steps.append(step)
        result = results.get(each["id"], step.observation if step else None)
        calls.append(
            Call(
                id=each["id"],
                name=function["name"],
                arguments=_arguments(function["arguments"]),
                result=result,
                env_time_s=step.env_time_s if step else 0.0,
            )
        )
    return steps, calls


def _written(episode: EpisodeRecord, steps: Sequence[StepRecord], turn: int) -> list[Call]:
    """Return the tool call that a reply has as text."""
    if not steps or episode.mode == "single":
        return []
    (step,) = steps
    try:
        call = parse_tool_call(step.action)
    except ActionError:
        return []
    return [
        Call(
            id=f"call-{turn + 1}",
            name=call.name,
            arguments=call.arguments,
            result=step.observation,
            env_time_s=step.env_time_s,
        )
    ]


def _named(step: StepRecord) -> str | None:
    """Return the name of the tool that a native call as an action names."""
    try:
        action = json.loads(step.action)
    except ValueError:
        return None
    return action.get("name") if isinstance(action, dict) else None


def _arguments(text: Any) -> Mapping[str, Any]:
    """Return the arguments of a native call; malformed arguments are kept as text."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        value = text
    return value if isinstance(value, dict) else {"arguments": value}
