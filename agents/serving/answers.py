"""Answers to chat and text completions, whole and in pieces, in the form of the OpenAI protocol."""

from __future__ import annotations

import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from ..policy.policy import Sampled, SampleRequest
from ..policy.running import Step
from .conversation import CALL_STARTS, Reply, read_reply
from .models import ServedModel
from .protocol import ChatRequest, CompletionRequest, SamplingRequest
from .text_stream import TextStream

Chunk = dict[str, Any]


class Answer(ABC):
    """The answer to one request of a client.

    Args:
        model: Model that answers.
        request: Request of the client.
        prompts: Tokens of its prompts.

    Raises:
        ServingError: A prompt is empty or leaves no room for a reply.
    """

    prefix: ClassVar[str]
    kind: ClassVar[str]
    chunk_kind: ClassVar[str]

    def __init__(
        self, model: ServedModel, request: SamplingRequest, prompts: Sequence[tuple[int, ...]]
    ) -> None:
        self.model = model
        self.asked = request
        self.prompts = prompts
        self.planned: list[SampleRequest] = [
            wanted for prompt in prompts for wanted in model.plan(prompt, request)
        ]
        """One request per choice: the choices of the first prompt, then those of the next, and so on."""
        self._id = f"{self.prefix}-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._characters: Counter[int] = Counter()
        """Number of characters of the tokens that chunks have told so far, by choice."""

    def head(self, kind: str) -> dict[str, Any]:
        """Return the fields that the answer and all of its chunks have."""
        return {"id": self._id, "object": kind, "created": self._created, "model": self.model.name}

    def usage(self, sampled: Sequence[Sampled]) -> dict[str, int]:
        """Return the numbers of tokens; a prompt counts once, whatever its number of choices."""
        read, written = sum(map(len, self.prompts)), sum(len(item.token_ids) for item in sampled)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}

    def whole(self, sampled: Sequence[Sampled]) -> dict[str, Any]:
        """Return the answer with all choices."""
        choices = [self.choice(index, item) for index, item in enumerate(sampled)]
        return {**self.head(self.kind), "choices": choices, "usage": self.usage(sampled)}

    def chunk(
        self, index: int, fields: Chunk, steps: Sequence[Step] = (), *, finish: str | None = None
    ) -> Chunk:
        """Return a chunk of one choice.

        Args:
            index: Number of the choice.
            fields: Fields of the choice with its text.
            steps: Tokens that have been sampled since the last chunk of this choice.
            finish: Finish reason, in the last chunk of the choice.
        """
        choice: Chunk = {"index": index, **fields, "logprobs": None, "finish_reason": finish}
        if steps:
            choice["logprobs"] = self.log_probs(steps, self._characters[index])
            self._characters[index] += sum(len(self.model.policy.token_text(step.token_id)) for step in steps)
            if self.asked.return_token_ids:
                choice["token_ids"] = [step.token_id for step in steps]
        return self.framed([choice])

    def framed(self, choices: list[Chunk], usage: dict[str, int] | None = None) -> Chunk:
        """Return a chunk with these choices; where the client asked for the usage, each chunk has a field."""
        told = {"usage": usage} if self.asked.includes_usage else {}
        return {**self.head(self.chunk_kind), "choices": choices, **told}

    @property
    def tells_tokens(self) -> bool:
        """Whether the client wants to know the tokens, not only their text."""
        return self.asked.return_token_ids or self.tells_log_probs

    @property
    @abstractmethod
    def tells_log_probs(self) -> bool:
        """Whether the client wants log-probs."""

    @abstractmethod
    def choice(self, index: int, item: Sampled) -> dict[str, Any]:
        """Return a whole choice."""

    @abstractmethod
    def log_probs(self, steps: Sequence[Step], offset: int = 0) -> dict[str, Any] | None:
        """Return log-probs under the model itself, at temperature 1; None unless the client wants them.

        Args:
            steps: The tokens.
            offset: Number of characters before the first of them.
        """

    @abstractmethod
    def text_stream(self) -> TextStream:
        """Return what turns the tokens of a choice into pieces."""

    @abstractmethod
    def opening(self, index: int) -> Chunk | None:
        """Return the chunk with which a choice begins, if any."""

    @abstractmethod
    def piece(self, index: int, text: str, steps: Sequence[Step]) -> Chunk:
        """Return a chunk with a piece of the text."""

    @abstractmethod
    def closing(self, index: int, item: Sampled, stream: TextStream) -> list[Chunk]:
        """Return the last chunks of a choice: the rest of its text, its calls and its finish reason.

        Raises:
            ValueError: The pieces so far are not the beginning of the whole text.
        """


class ChatAnswer(Answer):
    """The answer to a chat completion.

    Args:
        model: Model that answers.
        request: Request of the client.

    Raises:
        ServingError: The chat template or the tokenizer refuses the conversation, or it is too long.
    """

    prefix, kind, chunk_kind = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def __init__(self, model: ServedModel, request: ChatRequest) -> None:
        super().__init__(model, request, [model.chat_prompt(request)])
        self.request = request

    @property
    def tells_log_probs(self) -> bool:
        """Whether the client wants log-probs."""
        return bool(self.request.logprobs)

    def whole(self, sampled: Sequence[Sampled]) -> dict[str, Any]:
        """Return the answer with all choices."""
        answer = super().whole(sampled)
        return {**answer, **self._prompt()}

    def choice(self, index: int, item: Sampled) -> dict[str, Any]:
        """Return a whole choice."""
        reply = self._reply(item)
        choice = {
            "index": index,
            "message": reply.message,
            "logprobs": self.log_probs(steps_of(item)),
            "finish_reason": _finish_reason(item, reply),
        }
        return {**choice, "token_ids": list(item.token_ids)} if self.asked.return_token_ids else choice

    def log_probs(self, steps: Sequence[Step], offset: int = 0) -> dict[str, Any] | None:
        """Return each token with its log-prob and its alternatives; None unless the client wants them."""
        if not self.tells_log_probs:
            return None
        return {
            "content": [
                {
                    **self._token(step.token_id, step.log_prob),
                    "top_logprobs": [self._token(*candidate) for candidate in step.top],
                }
                for step in steps
            ]
        }

    def text_stream(self) -> TextStream:
        """Return what turns the tokens of a choice into pieces."""
        holds = CALL_STARTS if self.request.schemas else ()
        return TextStream(self.model.policy.decode, stops=self.asked.stops, holds=holds)

    def opening(self, index: int) -> Chunk | None:
        """Return the chunk with the role."""
        chunk = self.chunk(index, {"delta": {"role": "assistant", "content": ""}})
        return {**chunk, **self._prompt()}

    def piece(self, index: int, text: str, steps: Sequence[Step]) -> Chunk:
        """Return a chunk with a piece of the content."""
        return self.chunk(index, {"delta": {"content": text}}, steps)

    def closing(self, index: int, item: Sampled, stream: TextStream) -> list[Chunk]:
        """Return the rest of the content, each call as a whole, and the finish reason."""
        reply = self._reply(item)
        chunks = []
        if rest := stream.finish(reply.content or ""):
            chunks.append(self.piece(index, rest, ()))
        for place, call in enumerate(reply.tool_calls):
            chunks.append(self.chunk(index, {"delta": {"tool_calls": [{"index": place, **call}]}}))
        return [*chunks, self.chunk(index, {"delta": {}}, finish=_finish_reason(item, reply))]

    def _reply(self, item: Sampled) -> Reply:
        text = self.model.text(item, self.asked.stops)
        return read_reply(text, self.request.schemas, parallel=self.request.parallel_tool_calls is not False)

    def _prompt(self) -> dict[str, Any]:
        return {"prompt_token_ids": list(self.prompts[0])} if self.asked.return_token_ids else {}

    def _token(self, token: int, log_prob: float) -> dict[str, Any]:
        text = self.model.policy.token_text(token)
        return {"token": text, "logprob": log_prob, "bytes": list(text.encode())}


class TextAnswer(Answer):
    """The answer to a text completion.

    Args:
        model: Model that answers.
        request: Request of the client.

    Raises:
        ServingError: The tokenizer refuses a prompt, or a prompt is empty or too long.
    """

    prefix, kind, chunk_kind = "cmpl", "text_completion", "text_completion"

    def __init__(self, model: ServedModel, request: CompletionRequest) -> None:
        super().__init__(model, request, model.text_prompts(request))
        self.request = request

    @property
    def tells_log_probs(self) -> bool:
        """Whether the client wants log-probs."""
        return self.request.logprobs is not None

    def choice(self, index: int, item: Sampled) -> dict[str, Any]:
        """Return a whole choice."""
        choice = {
            "index": index,
            "text": self._echoed(index) + self.model.text(item, self.asked.stops),
            "logprobs": self.log_probs(steps_of(item)),
            "finish_reason": item.finish_reason,
            **self._prompt(index),
        }
        return {**choice, "token_ids": list(item.token_ids)} if self.asked.return_token_ids else choice

    def log_probs(self, steps: Sequence[Step], offset: int = 0) -> dict[str, Any] | None:
        """Return the tokens and their log-probs in columns; None unless the client wants them."""
        if not self.tells_log_probs:
            return None
        tokens = [self.model.policy.token_text(step.token_id) for step in steps]
        offsets = []
        for text in tokens:
            offsets.append(offset)
            offset += len(text)
        return {
            "tokens": tokens,
            "token_logprobs": [step.log_prob for step in steps],
            "top_logprobs": [self._alternatives(step) for step in steps] if self.asked.top else None,
            "text_offset": offsets,
        }

    def text_stream(self) -> TextStream:
        """Return what turns the tokens of a choice into pieces."""
        return TextStream(self.model.policy.decode, stops=self.asked.stops)

    def opening(self, index: int) -> Chunk | None:
        """Return a chunk with the prompt, where the client asked for it."""
        echoed, prompt = self._echoed(index), self._prompt(index)
        return self.chunk(index, {"text": echoed, **prompt}) if echoed or prompt else None

    def piece(self, index: int, text: str, steps: Sequence[Step]) -> Chunk:
        """Return a chunk with a piece of the text."""
        return self.chunk(index, {"text": text}, steps)

    def closing(self, index: int, item: Sampled, stream: TextStream) -> list[Chunk]:
        """Return the rest of the text with the finish reason."""
        rest = stream.finish(self.model.text(item, self.asked.stops))
        return [self.chunk(index, {"text": rest}, finish=item.finish_reason)]

    def _echoed(self, index: int) -> str:
        if not self.request.echo:
            return ""
        place = index // self.asked.n
        prompt = self.request.prompts[place]
        return prompt if isinstance(prompt, str) else self.model.policy.decode(self.prompts[place])

    def _prompt(self, index: int) -> dict[str, Any]:
        if not self.asked.return_token_ids:
            return {}
        return {"prompt_token_ids": list(self.prompts[index // self.asked.n])}

    def _alternatives(self, step: Step) -> dict[str, float]:
        # Different tokens may have equal texts; the most probable one, which comes first, counts.
        told: dict[str, float] = {}
        for token, log_prob in (*step.top, (step.token_id, step.log_prob)):
            told.setdefault(self.model.policy.token_text(token), log_prob)
        return told


def steps_of(item: Sampled) -> list[Step]:
    """Return the tokens of a continuation one by one."""
    tops = item.top or ((),) * len(item.token_ids)
    return [
        Step(token_id=token, log_prob=log_prob, top=top)
        for token, log_prob, top in zip(item.token_ids, item.log_probs, tops, strict=True)
    ]


def _finish_reason(item: Sampled, reply: Reply) -> str:
    return "tool_calls" if reply.tool_calls else item.finish_reason
