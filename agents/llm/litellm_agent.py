"""Agents that ask a model through litellm: any provider, or a local OpenAI-compatible server."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...judge import Language
from ...problems import Problem
from ..agent import AgentAction, AgentIdentity, Message, TaskInfo, TokenSpan
from ..engine.waiting import idle_sleep
from ..errors import AgentError
from ..records.tokens import TokenLedger
from .client import ModelClient
from .options import ModelOptions
from .prompts import Prompts
from .reply import ModelReply, assistant_message, parse_arguments, unique_call_ids, well_formed

NO_TOKENS = TokenSpan(ids=(), loss_mask=(), log_probs=())
"""Tokens of an action that an earlier reply already contained."""


class LiteLLMFactory:
    """Makes agents that use one model with one set of options.

    Args:
        model: Name of the model in litellm, for example `openai/my-model`.
        options: Sampling settings, server, number of attempts.
        sleep: Function that waits between attempts.

    Raises:
        AgentError: litellm is not installed, the model's name is empty, or the prompts cannot be read.
    """

    def __init__(
        self, model: str, options: ModelOptions, *, sleep: Callable[[float], None] = idle_sleep
    ) -> None:
        if not model.strip():
            raise AgentError("a litellm agent needs a model: litellm:<provider>/<model>")
        self._client = ModelClient(model, options, sleep=sleep)
        self._prompts = Prompts.load(options.prompts) if options.prompts else Prompts()
        settings = {
            **options.chat_settings,
            "token_ids": options.token_ids,
            "prompts": self._prompts.digest,
        }
        self._identity = AgentIdentity(
            name=f"litellm:{model}", kind="litellm", model=model, settings=settings
        )

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        return self._identity

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: a model can try any problem."""
        return None

    def unreachable(self) -> str | None:
        """Return why no request can succeed (no key, no server, a refused key); None when requests may
        succeed."""
        return self._client.obstacle()

    def make(self) -> LiteLLMAgent:
        """Make the agent of one episode."""
        return LiteLLMAgent(self._identity, self._client, self._prompts)


@dataclass(frozen=True, kw_only=True)
class PendingCall:
    """A tool call of the last reply that was not played yet."""

    action: str
    call_id: str


class LiteLLMAgent:
    """A model that plays one episode.

    The conversation only grows. A reply with several native tool calls is played call by call; each call gets
    its result before the next request to the model. A text reply is one action, even if it contains several
    calls.

    Args:
        identity: Identity of the agent.
        client: Client that sends the requests.
        prompts: Templates of the system message.
    """

    def __init__(self, identity: AgentIdentity, client: ModelClient, prompts: Prompts) -> None:
        self._identity = identity
        self._client = client
        self._prompts = prompts
        self._task: TaskInfo | None = None
        self._messages: list[Message] = []
        self._pending: deque[PendingCall] = deque()
        self._awaited: PendingCall | None = None
        self._call_ids: set[str] = set()
        self._ledger = TokenLedger()

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agent."""
        return self._identity

    def start(self, task: TaskInfo) -> None:
        """Begin the conversation."""
        native = self._client.options.native_tools
        prompt = self._prompts.system(task.prompt, task.language, task.tools, native_tools=native)
        self._task = task
        self._messages = [{"role": "system", "content": prompt}]
        self._pending.clear()
        self._awaited = None
        self._call_ids = set()
        self._ledger = TokenLedger()

    def resume(self, messages: Sequence[Message], spans: Sequence[TokenSpan]) -> None:
        """Take over a conversation; without messages, the system message of the task stays.

        Raises:
            AgentError: The last message is a reply with tool calls, whose results are not known.
        """
        if messages and messages[-1].get("tool_calls"):
            raise AgentError(f"{self.identity.name} cannot continue after a reply with tool calls")
        if messages:
            self._messages = list(messages)
        self._ledger = TokenLedger(spans)

    def act(self, observation: str) -> AgentAction:
        """Return the next tool call of the last reply, or ask the model.

        Raises:
            ModelError: The model gave no reply.
            ContextWindowError: The conversation no longer fits the model's context window.
        """
        if self._task is None:
            raise AgentError("act() before start()")
        # The messages of the first action include the system message.
        known = len(self._messages) if len(self._messages) > 1 else 0
        self._observe(observation)
        options = self._client.options
        if self._pending:
            self._awaited = self._pending.popleft()
            return AgentAction(
                action=self._awaited.action,
                messages=tuple(self._messages[known:]),
                tokens=NO_TOKENS if options.token_ids else None,
            )
        tools = self._task.tools if options.native_tools else ()
        reply = self._client.ask(self._messages, tools, sample=self._task.sample)
        reply = replace(reply, tool_calls=unique_call_ids(reply.tool_calls, self._call_ids))
        self._messages.append(assistant_message(reply))
        return AgentAction(
            action=self._play(reply),
            messages=tuple(self._messages[known:]),
            usage=reply.usage,
            finish_reason=reply.finish_reason,
            reasoning=reply.reasoning,
            tokens=self._span(reply),
        )

    def close(self) -> None:
        """Forget the task."""
        self._task = None

    def _observe(self, observation: str) -> None:
        """Append the observation as a user message, or as the result of the awaited tool call."""
        content = well_formed(observation) or ""
        awaited, self._awaited = self._awaited, None
        if awaited is None:
            self._messages.append({"role": "user", "content": content})
        else:
            self._messages.append({"role": "tool", "tool_call_id": awaited.call_id, "content": content})

    def _span(self, reply: ModelReply) -> TokenSpan | None:
        """Return the tokens of a reply; log-probs only if the tokens were sampled from exactly that
        distribution."""
        if reply.tokens is None:
            return None
        options, tokens = self._client.options, reply.tokens
        # Servers such as vLLM report log-probs at temperature 1, whatever the temperature of the sampling.
        exact = options.temperature == 1.0 and options.top_p == 1.0
        return self._ledger.append(tokens.prompt_ids, tokens.ids, tokens.log_probs if exact else None)

    def _play(self, reply: ModelReply) -> str:
        """Queue the calls of a reply and return the first action."""
        assert self._task is not None
        self._pending.extend(calls_of(reply) if self._task.tools else ())
        if not self._pending:
            return reply.content or ""
        self._awaited = self._pending.popleft()
        return self._awaited.action


def calls_of(reply: ModelReply) -> list[PendingCall]:
    """Return the native tool calls of a reply as actions; the environment parses calls written as text."""
    return [
        PendingCall(action=native_action(call["function"]), call_id=call["id"]) for call in reply.tool_calls
    ]


def native_action(function: Mapping[str, str]) -> str:
    """Write a native tool call as an action; malformed arguments stay text, which the environment rejects."""
    arguments = parse_arguments(function["arguments"])
    action = json.dumps({"name": function["name"], "arguments": arguments}, ensure_ascii=False)
    return well_formed(action) or ""
