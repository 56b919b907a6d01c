"""Asking a model through litellm, patiently.

litellm is imported when the first client is made, not with this module: it takes seconds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .agent import Message, Usage
from .errors import AgentError, ContextWindowError, ModelError
from .model_options import ModelOptions

MAX_WAIT_S = 60.0
SURROGATES = re.compile("[\ud800-\udfff]")
UNKEYED_PROVIDER = "openai/"


def import_litellm() -> tuple[Any, type[Exception]]:
    """Import litellm without its look-up of prices on the network, and the base class of its errors.

    Raises:
        AgentError: litellm is not installed.
    """
    # The one variable set here: litellm reads it while it is imported and has no other switch for it.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    try:
        import litellm
        from openai import OpenAIError
    except ImportError as error:
        raise AgentError(
            f"litellm agents need the package litellm, which cannot be imported ({error}): "
            "install codefrontier[agents]"
        ) from error
    litellm.suppress_debug_info = True
    return litellm, OpenAIError


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the model said, with surrogates replaced so that it can be sent back."""

    content: str | None
    tool_calls: tuple[Message, ...]
    finish_reason: str | None
    reasoning: str | None
    usage: Usage


class ModelClient:
    """Asks a model through litellm, patiently; safe to use from several threads.

    Args:
        model: Name as litellm knows it.
        options: Sampling settings, server, patience.
        sleep: Waits between attempts.
    """

    def __init__(self, model: str, options: ModelOptions, *, sleep: Callable[[float], None]) -> None:
        self.options = options
        self._litellm, self._any_error = import_litellm()
        self._model = model
        self._sleep = sleep
        errors = self._litellm.exceptions
        self._transient: tuple[type[Exception], ...] = (
            errors.RateLimitError,
            errors.InternalServerError,
            errors.ServiceUnavailableError,
            errors.APIConnectionError,
            errors.Timeout,
        )

    def ask(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], *, sample: int) -> Reply:
        """Return the model's reply to a conversation.

        Raises:
            ContextWindowError: The conversation is too long for the model.
            ModelError: There is no reply after all attempts, or the request was refused.
        """
        arguments = self._arguments(messages, tools, sample)
        errors = self._litellm.exceptions
        for attempt in range(1, self.options.max_attempts + 1):
            try:
                return read_reply(self._litellm.completion(**arguments), requests=attempt)
            except errors.ContextWindowExceededError as error:
                raise ContextWindowError(str(error)) from error
            except self._transient as error:
                if attempt == self.options.max_attempts:
                    raise ModelError(f"{self._model} gave no reply in {attempt} attempts: {error}") from error
                self._sleep(self._wait_s(error, attempt))
            except self._any_error as error:
                raise ModelError(f"{self._model} refused the request: {error}") from error
        raise AssertionError("the last attempt returns or raises")

    def _arguments(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], sample: int
    ) -> dict[str, Any]:
        options = self.options
        arguments: dict[str, Any] = {
            "model": self._model,
            "messages": list(messages),
            "api_base": options.api_base,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "max_completion_tokens": options.max_completion_tokens,
            "seed": None if options.model_seed is None else options.model_seed + sample,
            "tools": list(tools) or None,
        }
        arguments = {name: value for name, value in arguments.items() if value is not None}
        if (
            options.api_base
            and self._model.startswith(UNKEYED_PROVIDER)
            and "OPENAI_API_KEY" not in os.environ
        ):
            arguments["api_key"] = "none"  # local servers want no key, but the client wants some text
        return {**arguments, "timeout": options.request_limit_s, "num_retries": 0, "max_retries": 0}

    def _wait_s(self, error: Exception, attempt: int) -> float:
        """Return the seconds to wait: what the server asks for, or exponentially more, at most a minute."""
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        asked = re.fullmatch(r"\d{1,6}(\.\d+)?", str(headers.get("retry-after", "")).strip())
        wait = float(asked.group()) if asked else self.options.retry_wait_s * 2 ** (attempt - 1)
        return min(wait, MAX_WAIT_S)


def read_reply(response: Any, *, requests: int) -> Reply:
    """Take what matters out of a litellm response.

    Raises:
        ModelError: The response has no choices.
    """
    if not response.choices:
        raise ModelError("the model's response has no choices")
    choice = response.choices[0]
    usage = getattr(response, "usage", None)
    calls = [
        tool_call_message(position, call.id, call.function.name, call.function.arguments)
        for position, call in enumerate(choice.message.tool_calls or ())
    ]
    return Reply(
        content=well_formed(choice.message.content),
        tool_calls=tuple(calls),
        finish_reason=choice.finish_reason,
        reasoning=well_formed(getattr(choice.message, "reasoning_content", None)),
        usage=Usage(
            requests=requests,
            prompt_tokens=getattr(usage, "prompt_tokens", None) or 0,
            completion_tokens=getattr(usage, "completion_tokens", None) or 0,
            cost_usd=response._hidden_params.get("response_cost"),
        ),
    )


def tool_call_message(position: int, call_id: str | None, name: str | None, arguments: str | None) -> Message:
    """Write a tool call as the conversation holds it."""
    function = {"name": well_formed(name) or "", "arguments": well_formed(arguments) or ""}
    return {"id": call_id or f"call_{position}", "type": "function", "function": function}


def well_formed(text: str | None) -> str | None:
    """Replace lone surrogates, which JSON can carry and UTF-8 cannot."""
    return None if text is None else SURROGATES.sub("\ufffd", text)
