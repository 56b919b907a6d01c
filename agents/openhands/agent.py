"""Agents of OpenHands' SDK (1.34 or newer) that act in environments of this package.

Each tool call is one step of the environment, so episodes are recorded like those of other agents. Calls that
the SDK answers itself (an unknown tool, arguments that are no JSON) are no steps, but count in the
conversation and in the usage. A reply without a call is an action too, and the observation becomes the next
message.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from random import Random
from tempfile import TemporaryDirectory

from ...judge import Language
from ...problems import Problem
from ..agent import AgentAction, AgentIdentity, Message, TaskInfo, TokenSpan, Usage
from ..engine.waiting import idle_sleep
from ..errors import AgentError, ContextWindowError, ModelError, ModelFailure
from ..llm.attempts import Attempts, priced
from ..llm.client import import_litellm
from ..llm.errors import causes, is_context_overflow, model_failure, usage_of_error
from ..llm.options import ModelOptions
from ..llm.prompts import Prompts
from ..llm.reply import ModelReply
from ..records.tokens import TokenLedger

_, LITELLM_ERROR = import_litellm()  # before the SDK, whose own import would fetch prices from the network
os.environ.setdefault("OPENHANDS_SUPPRESS_BANNER", "1")  # the only way to switch the banner off

from openhands.sdk import Agent, LocalConversation  # noqa: E402
from openhands.sdk.conversation.exceptions import ConversationRunError  # noqa: E402
from openhands.sdk.event import LLMConvertibleEvent  # noqa: E402
from openhands.sdk.llm.exceptions import LLMContextWindowExceedError, LLMNoResponseError  # noqa: E402

from .bridge import Handoff, PendingAction, tool_specification  # noqa: E402
from .llm import chat_message, make_llm  # noqa: E402
from .log import EventLog  # noqa: E402

NO_TOKENS = TokenSpan(ids=(), loss_mask=(), log_probs=())
"""Tokens of an action that an earlier reply already contained."""
ITERATIONS_PER_RUN = 100
"""Maximum number of model calls without a step of the environment; after that an empty action is played."""
_QUIET = ("openhands", "LiteLLM")


class OpenHandsFactory:
    """Makes agents that use one model in OpenHands' loop.

    Args:
        model: Name of the model in litellm, for example `hosted_vllm/my-model`.
        options: Sampling settings, server, retries, prompts, and folder of event logs.
        sleep: Function that waits between attempts.

    Raises:
        AgentError: The model's name is empty, the prompts cannot be read, or an option does not apply.
    """

    def __init__(
        self, model: str, options: ModelOptions, *, sleep: Callable[[float], None] = idle_sleep
    ) -> None:
        if not model.strip():
            raise AgentError("an OpenHands agent needs a model: openhands:<provider>/<model>")
        if options.stream:
            raise AgentError("stream does not apply to OpenHands agents")
        for name in _QUIET:  # failures are raised as exceptions; the SDK would log them as well
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.model = model
        self.options = options
        self.sleep = sleep
        self.jitter = Random(0)
        self.prompts = Prompts.load(options.prompts) if options.prompts else Prompts()
        settings = {**options.chat_settings, "prompts": self.prompts.digest}
        self._identity = AgentIdentity(
            name=f"openhands:{model}", kind="openhands", model=model, settings=settings
        )

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        return self._identity

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: a model can try any problem."""
        return None

    def make(self) -> OpenHandsAgent:
        """Make the agent of one episode."""
        return OpenHandsAgent(self)


class OpenHandsAgent:
    """An agent of OpenHands that plays one episode.

    Args:
        factory: Factory with the model and the settings.
    """

    def __init__(self, factory: OpenHandsFactory) -> None:
        self._factory = factory
        self._handoff = Handoff()
        self._thread: _ConversationThread | None = None
        self._known_messages = 0
        self._ledger = TokenLedger()

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agent."""
        return self._factory.identity

    def start(self, task: TaskInfo) -> None:
        """Set up the conversation.

        Raises:
            AgentError: The mode has no tools.
        """
        if not task.tools:
            raise AgentError(f"{self.identity.name} plays with tools, and the mode {task.mode!r} has none")
        self.close()
        self._handoff, self._known_messages, self._ledger = Handoff(), 0, TokenLedger()
        self._thread = _ConversationThread(self._factory, task, self._handoff)

    def act(self, observation: str) -> AgentAction:
        """Continue the conversation until its next action.

        Raises:
            ModelError: The model gave no reply.
            ContextWindowError: The conversation no longer fits the model's context window.
        """
        thread = self._thread
        if thread is None:
            raise AgentError("act() before start()")
        factory = self._factory
        attempts = Attempts(factory.model, factory.options, factory.sleep, factory.jitter)
        known_replies = len(thread.replies)
        thread.answer(observation)
        while isinstance(item := self._handoff.moves.get(), Exception):
            if isinstance(item, ContextWindowError):
                usage = attempts.spent + self._paid(known_replies)
                raise ContextWindowError(str(item), usage=usage) from item
            error_behind, kind, usage = _model_failure(item)
            try:
                attempts.record_failure(error_behind, kind, priced(usage, factory.options))
            except ModelError as error:
                error.usage += self._paid(known_replies)
                raise
            thread.answer(None)
        if isinstance(item, Future):
            item.result()
            raise AgentError("the conversation ended by itself")
        assert isinstance(item, PendingAction)
        messages = thread.messages()
        new, self._known_messages = messages[self._known_messages :], len(messages)
        replies = thread.replies[known_replies:]
        last = replies[-1] if replies else None
        return AgentAction(
            action=item.action,
            messages=tuple(new),
            usage=attempts.spent + self._paid(known_replies),
            finish_reason=last.finish_reason if last else None,
            reasoning=last.reasoning if last else None,
            tokens=self._span(last) if factory.options.token_ids else None,
        )

    def close(self) -> None:
        """End the conversation. A second call does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._handoff.end()
            thread.close()

    def _paid(self, known_replies: int) -> Usage:
        """Return the usage of all replies but the first `known_replies`."""
        assert self._thread is not None
        usage = sum((reply.usage for reply in self._thread.replies[known_replies:]), Usage())
        return priced(replace(usage, cost_usd=usage.cost_usd or None), self._factory.options)

    def _span(self, last: ModelReply | None) -> TokenSpan:
        """Return the tokens of the last reply; its prompt holds the earlier replies since the last action."""
        if last is None or last.tokens is None:
            return NO_TOKENS
        options, tokens = self._factory.options, last.tokens
        exact = options.temperature == 1.0 and options.top_p == 1.0
        return self._ledger.append(tokens.prompt_ids, tokens.ids, tokens.log_probs if exact else None)


class _ConversationThread:
    """A conversation of OpenHands that runs in a separate thread."""

    def __init__(self, factory: OpenHandsFactory, task: TaskInfo, handoff: Handoff) -> None:
        self._handoff = handoff
        self._folder = TemporaryDirectory(prefix="openhands-")  # the SDK wants a workspace; it stays empty
        self._log = EventLog(factory.options.event_logs, task)
        self._llm = make_llm(factory.model, factory.options, sample=task.sample)
        options = factory.options
        prompt = factory.prompts.system(task.prompt, task.language, task.tools, native_tools=True)
        if not options.native_tools:
            prompt = factory.prompts.system(task.prompt, task.language)
        self._conversation = LocalConversation(
            agent=Agent(
                llm=self._llm,
                tools=[tool_specification(handoff, task.tools)],
                system_prompt=prompt,
                include_default_tools=[],
            ),
            workspace=self._folder.name,
            callbacks=[self._log.write],
            max_iteration_per_run=ITERATIONS_PER_RUN,
            visualizer=None,
            # The environment limits the turns; the SDK must not end an episode by itself.
            stuck_detection=False,
        )
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="openhands")
        self._running: Future[None] | None = None

    def answer(self, observation: str | None) -> None:
        """Let the conversation continue with an observation; the first is the task, None tries again."""
        if self._running is None:
            self._running = self._executor.submit(self._converse, observation or "")
            self._running.add_done_callback(self._handoff.moves.put)
        else:
            self._handoff.answers.put(observation)

    def messages(self) -> list[Message]:
        """Return the conversation so far, in the form of the OpenAI protocol."""
        events = [
            event for event in self._conversation.state.events if isinstance(event, LLMConvertibleEvent)
        ]
        return [chat_message(message) for message in LLMConvertibleEvent.events_to_messages(events)]

    @property
    def replies(self) -> list[ModelReply]:
        """The model's replies so far."""
        return self._llm.replies

    def close(self) -> None:
        """Wait for the thread, which ends after `Handoff.end`, and remove all files."""
        if self._running is not None:
            self._running.exception()
        self._executor.shutdown()
        self._conversation.close()
        self._folder.cleanup()
        self._log.close()

    def _converse(self, task: str) -> None:
        text: str | None = task
        while text is not None:
            self._conversation.send_message(text)
            self._run()
            if self._handoff.over.is_set():
                return
            text = self._handoff.play(PendingAction(action=self._last_words(), written=True))

    def _run(self) -> None:
        """Run until the agent is done; pass failures of the model to `act`, which may ask to try again."""
        while not self._handoff.over.is_set():
            try:
                self._conversation.run()
            except ConversationRunError as error:
                self._handoff.moves.put(_failure(error))
                self._handoff.answers.get()
            else:
                return

    def _last_words(self) -> str:
        messages = self.messages()
        last = messages[-1] if messages else {}
        return str(last.get("content") or "") if last.get("role") == "assistant" else ""


def _failure(error: Exception) -> Exception:
    """Return ContextWindowError when the conversation was too long, otherwise the error itself."""
    for link in causes(error):
        overflow = isinstance(link, LLMContextWindowExceedError)
        if overflow or (isinstance(link, LITELLM_ERROR) and is_context_overflow(link)):
            return ContextWindowError(str(link))
    return error


def _model_failure(error: Exception) -> tuple[Exception, ModelFailure, Usage]:
    """Return the cause of an error of the SDK, its kind, and the usage of the request."""
    for link in causes(error):
        if isinstance(link, ModelError):
            return link, link.kind, link.usage
        if isinstance(link, LITELLM_ERROR):
            return link, model_failure(link), usage_of_error(link)
        if isinstance(link, LLMNoResponseError):
            return link, ModelFailure.BROKEN_REPLY, Usage()
    return error, model_failure(error), Usage()
