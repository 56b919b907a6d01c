"""What connects a client's request in the event loop with the thread that samples it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ..policy.policy import Sampled
from ..policy.running import Step
from .answers import Answer
from .protocol import ServingError

DONE = "data: [DONE]\n\n"
Event = tuple[int, Step] | list[Sampled] | ServingError
"""A token of a choice, all choices at the end, or the error that ends the request."""


class Exchange:
    """Carries the events of one request from the thread that samples to the event loop.

    Args:
        loop: The event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self.closed = False
        """Whether the client is gone, so that its rows are free for others."""

    def put(self, event: Event) -> None:
        """Add an event, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)
        except RuntimeError:  # the event loop has ended, and the client's connection with it
            self.closed = True

    async def get(self) -> Event:
        """Return the next event."""
        return await self._events.get()

    def close(self) -> None:
        """Let the rows of the request go; after the end of the request, do nothing."""
        self.closed = True


@dataclass(frozen=True, kw_only=True, eq=False)
class ChoiceFollower:
    """Follows one choice while it is sampled."""

    exchange: Exchange
    index: int
    streamed: bool
    """Whether the client wants the tokens one by one."""

    @property
    def wanted(self) -> bool:
        """Whether the client is still there."""
        return not self.exchange.closed

    def note(self, step: Step) -> None:
        """Pass a token on."""
        if self.streamed:
            self.exchange.put((self.index, step))


class EventStream(StreamingResponse):
    """A streamed answer; the rows of its request are freed however it ends.

    Args:
        answer: What the client asked for.
        exchange: Where its tokens come from.
    """

    media_type = "text/event-stream"

    def __init__(self, answer: Answer, exchange: Exchange) -> None:
        super().__init__(events(answer, exchange), headers={"Cache-Control": "no-cache"})
        self._exchange = exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._exchange.close()


async def events(answer: Answer, exchange: Exchange) -> AsyncIterator[str]:
    """Yield the events of a streamed answer; an error in the middle is the last event."""
    streams = [answer.text_stream() for _ in answer.planned]
    for index in range(len(streams)):
        if (chunk := answer.opening(index)) is not None:
            yield _event(chunk)
    while isinstance(event := await exchange.get(), tuple):
        index, step = event
        text = streams[index].push(step.token_id)
        if text or answer.tells_tokens:
            yield _event(answer.piece(index, text, (step,) if answer.tells_tokens else ()))
    if isinstance(event, ServingError):
        yield _event(event.body)
        return
    try:
        for index, (item, stream) in enumerate(zip(event, streams, strict=True)):
            for chunk in answer.closing(index, item, stream):
                yield _event(chunk)
    except ValueError as error:
        yield _event(ServingError(500, str(error), code="bad_text").body)
        return
    if answer.asked.includes_usage:
        yield _event(answer.framed([], answer.usage(event)))
    yield DONE


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False, allow_nan=False)}\n\n"
