"""A model behind litellm that is asked for judgements, within a budget for all requests together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..agent import Usage
from ..engine.limits import EpisodeLimits
from ..errors import AgentError
from .client import ModelClient
from .options import ModelOptions
from .reply import ModelReply


class BudgetError(AgentError):
    """The budget of a judge model is spent."""


@dataclass(frozen=True, kw_only=True)
class JudgeModelOptions:
    """Options of a judge model."""

    model: ModelOptions = field(
        default_factory=lambda: ModelOptions(temperature=0.0, max_completion_tokens=1024)
    )
    """Sampling settings, server, number of attempts and price."""
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    """Limits on tokens and cost of all requests together; the limits on turns and time must be None."""
    requests: int = 8
    """Requests at a time."""

    def __post_init__(self) -> None:
        if self.requests < 1:
            raise ValueError(f"requests must be at least 1, got {self.requests!r}")
        if self.limits.max_agent_turns is not None or self.limits.max_active_s is not None:
            raise ValueError("a judge model has limits on tokens and cost only")


class JudgeModel:
    """Asks a model for judgements; a coroutine function.

    Args:
        name: Name of the model in litellm.
        options: Options of the requests, and the budget.
        sleep: Function that waits between attempts.

    Raises:
        AgentError: litellm is not installed.
    """

    def __init__(
        self,
        name: str,
        options: JudgeModelOptions | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.options = options or JudgeModelOptions()
        self.usage = Usage()
        """Usage of all requests so far."""
        self._client = ModelClient(name, self.options.model, sleep=sleep)
        self._lock, self._first = threading.Lock(), threading.Lock()
        self._asked = False
        self._pool = ThreadPoolExecutor(self.options.requests, thread_name_prefix="judge-model")

    async def __call__(self, prompt: str) -> str:
        """Return the reply to a prompt; failed requests are repeated.

        Raises:
            BudgetError: The budget is spent. Requests in flight are still paid for.
            ContextWindowError: The prompt is too long for the model.
            ModelError: There is no reply after all attempts, or the server refused the request.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, prompt)

    def obstacle(self) -> str | None:
        """Return why no request can succeed, as far as this is known without a request; None otherwise."""
        return self._client.obstacle()

    def state_dict(self) -> dict[str, Any]:
        """Return what counts against the budget, as JSON values."""
        usage = self.usage
        return {
            "requests": usage.requests,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cost_usd": usage.cost_usd,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.usage = Usage(**state)

    def close(self) -> None:
        """End the threads. A second call does nothing."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, prompt: str) -> str:
        with self._lock:
            usage = self.usage
        reached = self.options.limits.reached(turns=0, usage=usage, active_s=0.0)
        if reached is not None:
            spent = usage.prompt_tokens + usage.completion_tokens
            cost = "of unknown cost" if usage.cost_usd is None else f"for {usage.cost_usd:.4f} US dollars"
            raise BudgetError(f"the judge model {self.name} is over its {reached}: {spent} tokens {cost}")
        try:
            reply = self._reply(prompt)
        except AgentError as error:
            self._count(getattr(error, "usage", Usage()))
            raise
        self._count(reply.usage)
        return reply.content or ""

    def _reply(self, prompt: str) -> ModelReply:
        messages = [{"role": "user", "content": prompt}]
        with self._first:
            if not self._asked:
                # litellm makes its connections on the first request, and requests at the same time would each
                # make their own, all but one of which are never closed.
                reply = self._client.ask(messages, (), sample=0)
                self._asked = True
                return reply
        return self._client.ask(messages, (), sample=0)

    def _count(self, usage: Usage) -> None:
        with self._lock:
            self.usage += usage
