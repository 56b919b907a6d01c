"""Agents that are models behind litellm: any provider, or a local OpenAI-compatible server."""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..judge import Language
from ..problems import Problem
from .agent import AgentAction, AgentIdentity, Message, TaskInfo
from .errors import AgentError
from .model_client import ModelClient, Reply, well_formed
from .model_options import ModelOptions
from .prompts import PROMPTS_DIGEST, system_prompt

TEXT_CALL = re.compile(r"<tool_call>\s*\{.*?\}\s*</tool_call>", re.DOTALL)


class LiteLLMFactory:
    """Makes agents that are one model with one set of options.

    Args:
        model: Name as litellm knows it, for example `openai/my-model`.
        options: Sampling settings, server, patience.
        sleep: Waits between attempts; tests pass their own.

    Raises:
        AgentError: litellm is not installed, or the model's name is empty.
    """

    def __init__(
        self, model: str, options: ModelOptions, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if not model.strip():
            raise AgentError("a litellm agent needs a model: litellm:<provider>/<model>")
        self._client = ModelClient(model, options, sleep=sleep)
        settings = {
            "temperature": options.temperature,
            "top_p": options.top_p,
            "max_completion_tokens": options.max_completion_tokens,
            "model_seed": options.model_seed,
            "native_tools": options.native_tools,
            "prompts": PROMPTS_DIGEST,
        }
        self._identity = AgentIdentity(
            name=f"litellm:{model}", kind="litellm", model=model, settings=settings
        )

    @property
    def identity(self) -> AgentIdentity:
        """Who the agents are."""
        return self._identity

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: a model can try any problem."""
        return None

    def make(self) -> LiteLLMAgent:
        """Make the agent of one episode."""
        return LiteLLMAgent(self._identity, self._client)


@dataclass(frozen=True, kw_only=True)
class PendingCall:
    """A tool call of the last reply that is still to be played."""

    action: str
    call_id: str | None
    """None for a call written as text."""


class LiteLLMAgent:
    """A model that plays one episode.

    The conversation only grows. A reply with several tool calls is played call by call; each gets
    its result before the model is asked again.

    Args:
        identity: Who this is.
        client: Asks the model.
    """

    def __init__(self, identity: AgentIdentity, client: ModelClient) -> None:
        self._identity = identity
        self._client = client
        self._task: TaskInfo | None = None
        self._messages: list[Message] = []
        self._pending: deque[PendingCall] = deque()
        self._awaited: PendingCall | None = None
        self._text_results: list[str] = []

    @property
    def identity(self) -> AgentIdentity:
        """Who this is."""
        return self._identity

    def start(self, task: TaskInfo) -> None:
        """Begin the conversation."""
        prompt = system_prompt(
            task.mode, task.language, task.tools, native_tools=self._client.options.native_tools
        )
        self._task = task
        self._messages = [{"role": "system", "content": prompt}]
        self._pending.clear()
        self._awaited = None
        self._text_results = []

    def act(self, observation: str) -> AgentAction:
        """Play the next tool call of the last reply, or ask the model.

        Raises:
            ModelError: There is no reply.
            ContextWindowError: The conversation no longer fits the model.
        """
        if self._task is None:
            raise AgentError("act() before start()")
        known = len(self._messages) if len(self._messages) > 1 else 0  # the first move adds the prompt too
        self._observe(observation)
        if self._pending:
            self._awaited = self._pending.popleft()
            return AgentAction(action=self._awaited.action, messages=tuple(self._messages[known:]))
        tools = self._task.tools if self._client.options.native_tools else ()
        reply = self._client.ask(self._messages, tools, sample=self._task.sample)
        self._messages.append(assistant_message(reply))
        return AgentAction(
            action=self._play(reply),
            messages=tuple(self._messages[known:]),
            usage=reply.usage,
            finish_reason=reply.finish_reason,
            reasoning=reply.reasoning,
        )

    def close(self) -> None:
        """Forget the task."""
        self._task = None

    def _observe(self, observation: str) -> None:
        """Append the observation in the form the protocol wants."""
        content = well_formed(observation) or ""
        awaited, self._awaited = self._awaited, None
        if awaited is None:
            self._messages.append({"role": "user", "content": content})
        elif awaited.call_id is not None:
            self._messages.append({"role": "tool", "tool_call_id": awaited.call_id, "content": content})
        else:
            self._text_results.append(content)
            if not self._pending:
                self._messages.append({"role": "user", "content": "\n\n".join(self._text_results)})
                self._text_results = []

    def _play(self, reply: Reply) -> str:
        """Queue the calls of a reply and return the first action."""
        assert self._task is not None
        self._pending.extend(calls_of(reply) if self._task.tools else ())
        if not self._pending:
            return reply.content or ""
        self._awaited = self._pending.popleft()
        return self._awaited.action


def assistant_message(reply: Reply) -> Message:
    """Write a reply as the conversation holds it.

    Arguments that are not JSON are wrapped: servers parse the history and refuse what they cannot read.
    """
    message: Message = {"role": "assistant"}
    if reply.content is not None or not reply.tool_calls:
        message["content"] = reply.content or ""
    if not reply.tool_calls:
        return message
    calls = []
    for call in reply.tool_calls:
        function = call["function"]
        if not isinstance(parse_arguments(function["arguments"]), dict):
            function = {**function, "arguments": json.dumps({"malformed": function["arguments"]})}
        calls.append({**call, "function": function})
    return {**message, "tool_calls": calls}


def calls_of(reply: Reply) -> list[PendingCall]:
    """Return the tool calls of a reply as actions: native ones, else several written as text.

    A reply with one call as text is an action as it stands, so nothing is cut out of it.
    """
    if reply.tool_calls:
        return [
            PendingCall(action=native_action(call["function"]), call_id=call["id"])
            for call in reply.tool_calls
        ]
    blocks = TEXT_CALL.findall((reply.content or "").rpartition("</think>")[2])
    return [PendingCall(action=block, call_id=None) for block in blocks] if len(blocks) > 1 else []


def native_action(function: Mapping[str, str]) -> str:
    """Write a native tool call as an action; malformed arguments stay text, for the environment to refuse."""
    arguments = parse_arguments(function["arguments"])
    action = json.dumps({"name": function["name"], "arguments": arguments}, ensure_ascii=False)
    return well_formed(action) or ""


def parse_arguments(text: str) -> object:
    """Return the arguments as JSON values, or the text itself when it is no JSON."""
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return text
