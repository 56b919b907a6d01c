"""Sampling on an OpenAI-compatible server that returns token ids and log-probs.

The request is a text completion with token ids as its prompt, which both `codefrontier serve` and vLLM
accept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random
from typing import Any, Literal
from urllib.error import HTTPError, URLError

from pydantic import BaseModel, ValidationError

from ..agent import Usage
from ..engine.waiting import idle_sleep
from ..errors import ModelError, ModelFailure
from ..llm.attempts import Attempts, priced
from ..llm.client import PLAIN_SAMPLING
from ..llm.endpoint import open_request, request_to
from ..llm.options import ModelOptions
from ..llm.reply import broken, check_log_probs
from .agent import PolicyReply
from .sampler import Sampled, SampleRequest
from .tokenizer import PolicyTokenizer

ENDS: Mapping[str, Literal["stop", "length"]] = {"stop": "stop", "length": "length"}
"""Finish reasons of a complete reply."""


class _LogProbs(BaseModel):
    tokens: list[str] | None = None
    token_logprobs: list[float | None]


class _Choice(BaseModel):
    token_ids: list[int] | None = None
    prompt_token_ids: list[int] | None = None
    logprobs: _LogProbs | None = None
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int | None = 0


class _Completion(BaseModel):
    """The fields of a server's answer that are read."""

    choices: list[_Choice] = []
    usage: _Usage | None = None

    @property
    def paid(self) -> Usage:
        """The usage in the server's answer."""
        usage = self.usage or _Usage()
        return Usage(
            requests=1,
            prompt_tokens=max(0, usage.prompt_tokens),
            completion_tokens=max(0, usage.completion_tokens or 0),
        )


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer with an error status."""

    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)


class RefusalError(Exception):
    """The server answered with an error.

    Args:
        refusal: Answer of the server.
    """

    def __init__(self, refusal: Refusal) -> None:
        self.status_code = refusal.status
        self.response = refusal
        self.body = _error_of(refusal.text)
        super().__init__(f"status {refusal.status}: {self.body.get('message') or refusal.text!s:.500}")


class PolicyServer:
    """Samples on a server; thread-safe, because each request opens its own connection.

    Args:
        model: Name of the checkpoint on the server.
        policy: Tokenizer of the checkpoint.
        vocabulary: Number of tokens of the checkpoint.
        options: Address of the server and number of attempts.
        key: Bearer token of the server; None sends no token.
        sleep: Function that waits between attempts.
    """

    def __init__(
        self,
        model: str,
        policy: PolicyTokenizer,
        vocabulary: int,
        options: ModelOptions,
        *,
        key: str | None = None,
        sleep: Callable[[float], None] = idle_sleep,
    ) -> None:
        self._model = model
        self._policy = policy
        self._vocabulary = vocabulary
        self._options = options
        self._sleep = sleep
        self._jitter = Random(0)
        self._key = key

    def join(self) -> None:
        """Do nothing: the server makes its own batches."""

    def leave(self) -> None:
        """Do nothing: the server makes its own batches."""

    def reply(self, request: SampleRequest) -> PolicyReply:
        """Sample a continuation of a prompt; every attempt is the same request, with the same seed.

        Raises:
            ContextWindowError: The prompt is too long for the model.
            ModelError: There is no continuation after all attempts, or the server refused the request.
            ValueError: The request wants entropy, which no server returns.
        """
        if request.entropy:
            raise ValueError("servers return no entropy: sample from a policy in this process")
        attempts = Attempts(self._model, self._options, self._sleep, self._jitter)
        sampled = attempts.until_reply(lambda: self._sample(request), RefusalError, self._priced)
        usage = Usage(
            requests=1,
            prompt_tokens=len(request.prompt_ids),
            completion_tokens=len(sampled.token_ids),
        )
        return PolicyReply(sampled=sampled, usage=attempts.spent + self._priced(usage))

    def _priced(self, usage: Usage) -> Usage:
        return priced(usage, self._options)

    def _sample(self, request: SampleRequest) -> Sampled:
        body = {
            "model": self._model,
            "prompt": list(request.prompt_ids),
            "max_tokens": request.max_new_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
            "logprobs": 1,
            "return_token_ids": True,
            **PLAIN_SAMPLING,
        }
        return self._sampled(request, self._answer(json.dumps(body).encode()))

    def _answer(self, body: bytes) -> _Completion:
        """Post a request and return the answer; raise each failure with its kind."""
        asked = request_to(str(self._options.api_base), "completions", key=self._key, body=body)
        try:
            with open_request(asked, self._options.request_limit_s) as answer:
                text = answer.read()
        except HTTPError as error:
            with error:
                raise RefusalError(_refusal(error)) from error
        except (OSError, HTTPException) as error:
            cause = error.reason if isinstance(error, URLError) else error
            kind = ModelFailure.TIMEOUT if isinstance(cause, TimeoutError) else ModelFailure.CONNECTION
            raise ModelError(f"{type(cause).__name__}: {cause}", kind=kind) from error
        try:
            return _Completion.model_validate(json.loads(text))
        except (ValidationError, ValueError, RecursionError) as error:
            raise broken(f"the answer is no completion: {error!s:.300}", Usage()) from error

    def _sampled(self, request: SampleRequest, answer: _Completion) -> Sampled:
        """Return the continuation in an answer.

        Raises:
            ModelError: The answer has no continuation, or token ids or log-probs are missing or invalid.
        """
        paid = answer.paid
        if not answer.choices:
            raise broken("the answer has no choices", paid)
        choice = answer.choices[0]
        finish_reason = ENDS.get(choice.finish_reason or "")
        if finish_reason is None:
            raise broken(f"the reply ended by {choice.finish_reason!r}", paid)
        if choice.token_ids is None:
            raise _unusable(
                "returns no token ids; policies need the option return_token_ids, as vLLM has", paid
            )
        if choice.logprobs is None:
            raise _unusable("returns no log-probs of text completions", paid)
        if choice.prompt_token_ids not in (None, list(request.prompt_ids)):
            raise _unusable("has read other tokens than those of the request", paid)
        log_probs = [float("nan") if value is None else value for value in choice.logprobs.token_logprobs]
        self._check_vocabulary(choice.token_ids, choice.logprobs.tokens or (), paid)
        check_log_probs(log_probs, choice.token_ids, paid)
        return Sampled(
            token_ids=tuple(choice.token_ids),
            log_probs=tuple(log_probs),
            finish_reason=finish_reason,
            exact=request.temperature == 1 and request.top_p == 1,
        )

    def _check_vocabulary(self, ids: Sequence[int], texts: Sequence[str], paid: Usage) -> None:
        """Raise ModelError when the server's vocabulary differs from the checkpoint's.

        Servers decode single tokens in slightly different ways, so at least half of the texts must agree, not
        all.
        """
        unknown = [token for token in ids if not 0 <= token < self._vocabulary]
        if unknown:
            raise _unusable(
                f"has another vocabulary than the checkpoint: the token {unknown[0]} is not one of "
                f"{self._vocabulary}",
                paid,
            )
        # vLLM can be set to write tokens as `token_id:N`. A token that is part of a character decodes to
        # U+FFFD, which says nothing.
        pairs = [
            (told.strip(), own.strip())
            for token, told in zip(ids, texts, strict=False)
            for own in (
                f"token_id:{token}" if told.startswith("token_id:") else self._policy.token_text(token),
            )
            if told.strip() and own.strip() and "\ufffd" not in told + own
        ]
        differing = [(told, own) for told, own in pairs if told != own]
        if 2 * len(differing) > len(pairs):
            told, own = differing[0]
            raise _unusable(
                f"has another vocabulary than the checkpoint: a token is {told!r} there and {own!r} here",
                paid,
            )


class RepliesOf:
    """The replies of a server, for a check of its weights.

    Args:
        client: Client of the server.
    """

    def __init__(self, client: PolicyServer) -> None:
        self._client = client

    def sample(self, request: SampleRequest) -> Sampled:
        """Return a continuation; raises the errors of `PolicyServer.reply`."""
        return self._client.reply(request).sampled


def _unusable(message: str, usage: Usage) -> ModelError:
    """Return the error of a server that can never serve this policy."""
    return ModelError(f"the server {message}", kind=ModelFailure.REFUSED, usage=usage)


def _refusal(error: HTTPError) -> Refusal:
    try:
        text = error.read().decode(errors="replace")
    except (OSError, HTTPException):
        text = ""
    return Refusal(status=error.code, headers=dict(error.headers.items()), text=text)


def _error_of(text: str) -> dict[str, Any]:
    """Return the error in a body, in the form of OpenAI's protocol or the older form of vLLM."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error", body) if isinstance(body, dict) else {}
    return error if isinstance(error, dict) else {"message": error}
