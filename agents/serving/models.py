"""Served checkpoints by name, and how each turns requests into prompts and continuations into text."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import AgentError
from ..policy.batcher import Batcher
from ..policy.policy import LocalPolicy, Sampled, SampleRequest
from ..policy.pool import Pool
from .conversation import prompt_of
from .protocol import ChatRequest, CompletionRequest, SamplingRequest, ServingError

MAX_WAITING = 1024
"""Maximum number of continuations that wait or are sampled at a time, over all models."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ServedModel:
    """A policy with a name; requests of the same moment are sampled in one batch."""

    name: str
    policy: LocalPolicy
    batcher: Batcher = field(repr=False)

    @classmethod
    def of(cls, name: str, policy: LocalPolicy) -> ServedModel:
        """Return a policy with its name and a batcher."""
        return cls(name=name, policy=policy, batcher=Batcher(policy.running()))

    @classmethod
    def load(cls, name: str, path: Path, *, device: str = "cpu", pool: Pool | None = None) -> ServedModel:
        """Load a checkpoint.

        Args:
            name: Name of the model.
            path: Folder of the checkpoint, or of a run, whose last checkpoint is loaded.
            device: Device of the model.
            pool: Shares equal tensors with other checkpoints that are loaded with it.

        Raises:
            AgentError: The checkpoint cannot be loaded.
        """
        return cls.of(name, LocalPolicy.load(path, device, pool=pool))

    def chat_prompt(self, request: ChatRequest) -> tuple[int, ...]:
        """Return the tokens of a conversation, with the tools that its request offers.

        Raises:
            ServingError: The chat template or the tokenizer refuses the conversation.
        """
        try:
            return prompt_of(request, self.policy)
        except ValueError as error:
            raise ServingError(400, str(error), code="bad_prompt", param="messages") from error

    def text_prompts(self, request: CompletionRequest) -> list[tuple[int, ...]]:
        """Return the tokens of the prompts; texts are encoded without a begin-of-text token.

        Raises:
            ServingError: The tokenizer refuses a prompt.
        """
        try:
            return [
                self.policy.encode(prompt) if isinstance(prompt, str) else tuple(prompt)
                for prompt in request.prompts
            ]
        except ValueError as error:
            raise ServingError(400, str(error), code="bad_prompt", param="prompt") from error

    def plan(self, prompt: tuple[int, ...], request: SamplingRequest) -> list[SampleRequest]:
        """Return the sample requests for a prompt; choice `i` has the seed of the request plus `i`.

        Raises:
            ServingError: The prompt is empty or leaves no room for a reply.
        """
        context = self.policy.context
        if not prompt:
            raise ServingError(400, "the prompt is empty", code="bad_prompt")
        if len(prompt) >= context:
            raise ServingError(
                400,
                f"This model's maximum context length is {context} tokens, but the prompt has {len(prompt)}.",
                code="context_length_exceeded",
            )
        room = context - len(prompt)
        # 60 bits, so that the seed plus the number of a choice stays a 64-bit integer.
        seed = secrets.randbits(60) if request.seed is None else request.seed
        return [
            SampleRequest(
                prompt_ids=prompt,
                max_new_tokens=min(request.length or room, room),
                temperature=1.0 if request.temperature is None else request.temperature,
                top_p=1.0 if request.top_p is None else request.top_p,
                seed=seed + choice,
                stop=request.stops,
                top=request.top,
            )
            for choice in range(request.n)
        ]

    def text(self, sampled: Sampled, stops: Sequence[str]) -> str:
        """Return the text of a continuation, up to the first stop text."""
        text = self.policy.decode(sampled.token_ids)
        found = [at for stop in stops if (at := text.find(stop)) >= 0]
        return text[: min(found)] if found else text


class ServedModels:
    """The models of a server, by name, with a limit on the continuations at a time.

    Args:
        models: Models with different names.
        max_waiting: Maximum number of continuations at a time.

    Raises:
        AgentError: There are no models, or two have the same name.
    """

    def __init__(self, models: Sequence[ServedModel], *, max_waiting: int = MAX_WAITING) -> None:
        names = [model.name for model in models]
        if not models or len(set(names)) < len(names):
            raise AgentError(f"models must have different names, and there must be one; got {names!r}")
        if max_waiting < 1:
            raise AgentError(f"max_waiting must be at least 1, got {max_waiting!r}")
        self._models: Mapping[str, ServedModel] = {model.name: model for model in models}
        self._free = self._places = max_waiting
        self._lock = threading.Lock()

    @property
    def models(self) -> list[ServedModel]:
        """All models, in the order they were given."""
        return list(self._models.values())

    def find(self, name: str) -> ServedModel:
        """Return the model with a name.

        Raises:
            ServingError: There is no such model.
        """
        if name not in self._models:
            served = ", ".join(map(repr, self._models))
            raise ServingError(
                404,
                f"the model {name!r} does not exist; served are {served}",
                code="model_not_found",
                param="model",
            )
        return self._models[name]

    @contextmanager
    def room_for(self, count: int) -> Iterator[None]:
        """Reserve places for continuations while they are sampled.

        Raises:
            ServingError: Too few places are free: the server is overloaded, or never has so many.
        """
        if count > self._places:
            message = f"a request may have at most {self._places} choices over all prompts here, got {count}"
            raise ServingError(400, message, code="too_many_choices", param="n")
        with self._lock:
            # Refusing at once lets clients wait with their own back-off, instead of holding connections.
            if count > self._free:
                raise ServingError(429, "the server is overloaded: ask again later", code="overloaded")
            self._free -= count
        try:
            yield
        finally:
            with self._lock:
                self._free += count

    def describe(self) -> dict[str, Any]:
        """Return the answer of `/v1/models`."""
        return {"object": "list", "data": [_describe(model) for model in self.models]}


def _describe(model: ServedModel) -> dict[str, Any]:
    identity = model.policy.identity
    return {
        "id": model.name,
        "object": "model",
        "created": 0,
        "owned_by": "codefrontier",
        "max_model_len": model.policy.context,
        "digest": identity.digest if identity else None,
        "recipe": identity.recipe if identity else None,
    }
