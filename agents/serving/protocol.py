"""Requests of clients: the supported part of the OpenAI protocol, and its errors.

Unsupported settings that would change the reply are refused, never ignored.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_CHOICES = 128
MAX_TOP = 20
"""Maximum number of alternatives to a token."""
# Choice i of a request samples with seed + i, which must stay a 64-bit integer.
MAX_SEED = (1 << 62) - 1


class ServingError(Exception):
    """A request that is refused or failed.

    Args:
        status: Status of HTTP.
        message: What is wrong.
        code: Short name of the error, for programs.
        param: Setting with the error.
    """

    def __init__(self, status: int, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param

    @property
    def body(self) -> dict[str, Any]:
        """Body of the answer."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        if self.status == 429:
            kind = "rate_limit_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


class StreamOptions(BaseModel):
    """Options of a streamed reply."""

    model_config = ConfigDict(extra="forbid")

    include_usage: bool = False
    """Whether the last chunk tells the number of tokens."""


class SamplingRequest(BaseModel):
    """Settings that chat and text completions have in common."""

    model_config = ConfigDict(extra="allow", strict=False)

    NOT_SERVED: ClassVar[dict[str, tuple[object, ...]]] = {
        "presence_penalty": (None, 0, 0.0),
        "frequency_penalty": (None, 0, 0.0),
        "repetition_penalty": (None, 1, 1.0),
        "logit_bias": (None, {}),
        "top_k": (None, -1, 0),
        "min_p": (None, 0, 0.0),
        "best_of": (None, 1),
        "suffix": (None, ""),
        "functions": (None, []),
        "function_call": (None, "auto", "none"),
        "response_format": (None, {"type": "text"}),
    }
    """Unsupported settings, with the values that have no effect and are accepted."""

    model: str
    n: int = Field(default=1, ge=1, le=MAX_CHOICES)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=-MAX_SEED, le=MAX_SEED)
    stop: str | list[str] | None = None
    return_token_ids: bool = False
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @model_validator(mode="after")
    def _refuse_what_is_not_served(self) -> SamplingRequest:
        for name, neutral in self.NOT_SERVED.items():
            if (value := (self.model_extra or {}).get(name)) not in neutral:
                raise ValueError(f"{name} is not served, got {value!r:.80}")
        if not all(self.stops):
            raise ValueError("stop must not hold an empty text")
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options needs stream")
        return self

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop texts."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def length(self) -> int | None:
        """Maximum number of tokens of a reply; None: as many as the context allows."""
        return self.max_tokens

    @property
    def top(self) -> int:
        """Number of alternatives to return with each token."""
        return 0

    @property
    def includes_usage(self) -> bool:
        """Whether a streamed reply ends with the number of tokens."""
        return self.stream_options is not None and self.stream_options.include_usage


class ContentPart(BaseModel):
    """A part of a message; only parts of type text are supported."""

    type: str
    text: str = ""


class CalledFunction(BaseModel):
    """Name and arguments of a tool call."""

    name: str
    arguments: str = ""
    """Arguments as JSON text."""


class ToolCallMessage(BaseModel):
    """A tool call of an earlier reply."""

    id: str = ""
    function: CalledFunction


class ChatMessage(BaseModel):
    """A message of a conversation."""

    model_config = ConfigDict(extra="allow")

    role: str
    content: str | list[ContentPart] | None = None
    tool_calls: list[ToolCallMessage] | None = None
    tool_call_id: str | None = None
    name: str | None = None

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""

    @model_validator(mode="after")
    def _refuse_what_is_no_text(self) -> ChatMessage:
        for part in self.content if isinstance(self.content, list) else ():
            if part.type != "text":
                raise ValueError(f"only parts of type 'text' are served, got {part.type!r}")
        return self


class ToolFunction(BaseModel):
    """Schema of a tool."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1)
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(BaseModel):
    """A tool that the model may call."""

    model_config = ConfigDict(extra="allow")

    type: str
    function: ToolFunction

    @model_validator(mode="after")
    def _refuse_other_types(self) -> Tool:
        if self.type != "function":
            raise ValueError(f"only tools of type 'function' are served, got {self.type!r}")
        return self

    @property
    def schema_of_function(self) -> dict[str, Any]:
        """The tool in the form of the protocol, without settings that the client left out."""
        return {"type": "function", "function": self.function.model_dump(exclude_none=True)}


class ChatRequest(SamplingRequest):
    """Request of a chat completion."""

    NOT_SERVED: ClassVar[dict[str, tuple[object, ...]]] = {
        **SamplingRequest.NOT_SERVED,
        "echo": (None, False),
    }

    messages: list[ChatMessage] = Field(min_length=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=MAX_TOP)
    tools: list[Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> ChatRequest:
        if self.top_logprobs and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs")
        if self.tool_choice not in (None, "auto", "none"):
            raise ValueError(
                "tool_choice must be 'auto' or 'none', since no reply is forced to call a tool here; "
                f"got {self.tool_choice!r:.80}"
            )
        return self

    @property
    def length(self) -> int | None:
        """Maximum number of tokens of a reply; None: as many as the context allows."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def top(self) -> int:
        """Number of alternatives to return with each token."""
        return self.top_logprobs or 0

    @property
    def schemas(self) -> list[dict[str, Any]]:
        """The tools that the model may call, in the form of the protocol."""
        offered = () if self.tool_choice == "none" else self.tools or ()
        return [tool.schema_of_function for tool in offered]


class CompletionRequest(SamplingRequest):
    """Request of a text completion."""

    NOT_SERVED: ClassVar[dict[str, tuple[object, ...]]] = {
        **SamplingRequest.NOT_SERVED,
        "tools": (None, []),
    }

    prompt: str | list[int] | list[str] | list[list[int]]
    logprobs: int | None = Field(default=None, ge=0, le=MAX_TOP)
    """Number of alternatives to return with each token; with 0, only log-probs of the sampled tokens are
    returned, and with None nothing."""
    echo: bool | None = None
    """Whether a text begins with its prompt."""

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> CompletionRequest:
        if self.echo and self.logprobs is not None:
            raise ValueError("echo is not served with logprobs")
        return self

    @property
    def top(self) -> int:
        """Number of alternatives to return with each token."""
        return self.logprobs or 0

    @property
    def prompts(self) -> list[str] | list[list[int]]:
        """The prompts, as texts or as tokens."""
        if isinstance(self.prompt, str):
            return [self.prompt]
        if self.prompt and isinstance(self.prompt[0], int):
            return [[int(token) for token in self.prompt if isinstance(token, int)]]
        return self.prompt  # type: ignore[return-value]  # a list of texts or of lists
