"""The server's routes: `/v1/models`, `/v1/chat/completions`, `/v1/completions`, `/health`, `/metrics`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..errors import ModelError
from ..policy.policy import Sampled
from .answers import Answer, ChatAnswer, TextAnswer
from .exchange import ChoiceFollower, Event, EventStream, Exchange
from .metrics import CANCELLED, MEDIA_TYPE, UNKNOWN, Metrics
from .models import ServedModels
from .protocol import ChatRequest, CompletionRequest, SamplingRequest, ServingError

# Each request blocks a thread until its batch is sampled.
THREADS = 256
"""Maximum number of requests that wait for their batch at a time; further requests wait for a thread."""
GONE = 499
"""Status of a request whose client went away; nobody reads it."""
T = TypeVar("T")


def make_app(models: ServedModels, counted: Metrics) -> FastAPI:
    """Return the ASGI application that serves these models.

    Args:
        models: Models to serve.
        counted: Counts the requests.
    """
    app = FastAPI(title="codefrontier", openapi_url=None)
    desk = Desk(models, counted)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/metrics")
    async def metrics() -> Response:
        loads = {model.name: model.batcher.load for model in models.models}
        return PlainTextResponse(counted.text(loads), media_type=MEDIA_TYPE)

    @app.get("/v1/models")
    async def list_models() -> dict[str, Any]:
        return models.describe()

    @app.post("/v1/chat/completions", response_model=None)
    async def chat(body: ChatRequest, request: Request) -> Response:
        return await desk.serve(request, body, lambda: ChatAnswer(models.find(body.model), body))

    @app.post("/v1/completions", response_model=None)
    async def complete(body: CompletionRequest, request: Request) -> Response:
        return await desk.serve(request, body, lambda: TextAnswer(models.find(body.model), body))

    async def refuse(request: Request, error: Exception) -> JSONResponse:
        refused = _refusal(request, error)
        body = getattr(error, "body", None)
        named = body.get("model") if isinstance(body, dict) else None
        counted.note_refused(model=desk.label(named), route=request.url.path, status=refused.status)
        return await _answer_error(request, refused)

    app.add_exception_handler(ServingError, _answer_error)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(HTTPException, refuse)
    return app


@dataclass(kw_only=True, eq=False)
class Visit:
    """A request from its arrival to the end of its answer."""

    model: str
    route: str
    metrics: Metrics = field(repr=False)
    begun: float = field(default_factory=monotonic)

    def end(self, outcome: str) -> None:
        """Count the request."""
        seconds = monotonic() - self.begun
        self.metrics.note(model=self.model, route=self.route, outcome=outcome, seconds=seconds)


class Desk:
    """Answers requests: samples them in threads, and gives up those whose client is gone.

    Args:
        models: Models that answer.
        metrics: Counts the requests.
    """

    def __init__(self, models: ServedModels, metrics: Metrics) -> None:
        self._models = models
        self._names = {model.name for model in models.models}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="serving")
        self._metrics = metrics

    def label(self, named: object) -> str:
        """Return the label of what a request names as its model."""
        return named if isinstance(named, str) and named in self._names else UNKNOWN

    async def serve(self, request: Request, body: SamplingRequest, make: Callable[[], Answer]) -> Response:
        """Answer a request, whole or streamed.

        Args:
            request: The request.
            body: Its settings.
            make: Function that returns the answer to sample.

        Raises:
            ServingError: The request is refused or failed.
        """
        visit = Visit(model=self.label(body.model), route=request.url.path, metrics=self._metrics)
        try:
            answer = await self._in_thread(make)
            exchange = Exchange(asyncio.get_running_loop())
            # Reserved here, so that a request for which there is no room is refused before it is streamed.
            with ExitStack() as room:
                room.enter_context(self._models.room_for(len(answer.planned)))
                kept = room.pop_all()
            self._threads.submit(self._sample, answer, exchange, kept, visit)
        except ServingError as error:
            visit.end(str(error.status))
            raise
        if body.stream:
            return EventStream(answer, exchange)
        sampled = await _until_sampled(request, exchange)
        return JSONResponse(await self._in_thread(lambda: answer.whole(sampled)))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _sample(self, answer: Answer, exchange: Exchange, room: ExitStack, visit: Visit) -> None:
        """Sample all choices of all prompts in one batch, together with other requests of the same moment."""
        followers = [
            ChoiceFollower(exchange=exchange, index=index, streamed=bool(answer.asked.stream))
            for index in range(len(answer.planned))
        ]
        # Without an event the client would wait forever, so there is one after any error.
        event: Event = ServingError(500, "sampling failed", code="model_failed")
        try:
            with room:
                event = answer.model.batcher.submit(*answer.planned, followers=followers)
        except ModelError as error:
            event = ServingError(500, str(error), code="model_failed")
        finally:
            self._note(answer, event, visit, gone=exchange.closed)
            exchange.put(event)

    def _note(self, answer: Answer, event: Event, visit: Visit, *, gone: bool) -> None:
        """Count a request at its end."""
        if isinstance(event, list):
            usage = answer.usage(event)
            self._metrics.note_tokens(
                model=visit.model, read=usage["prompt_tokens"], written=usage["completion_tokens"]
            )
            visit.end("200")
        else:
            visit.end(CANCELLED if gone else "500")


async def _until_sampled(request: Request, exchange: Exchange) -> list[Sampled]:
    """Return the choices once they are sampled; give the request up when its client is gone.

    Raises:
        ServingError: Sampling failed, or the client is gone.
    """
    gone = asyncio.ensure_future(_disconnected(request))
    event = asyncio.ensure_future(exchange.get())
    try:
        await asyncio.wait((gone, event), return_when=asyncio.FIRST_COMPLETED)
        if not event.done():
            raise ServingError(GONE, "the client is gone", code=CANCELLED)
        outcome = event.result()
    finally:
        exchange.close()
        gone.cancel()
        event.cancel()
    if isinstance(outcome, ServingError):
        raise outcome
    assert isinstance(outcome, list)  # tokens one by one are for streams
    return outcome


async def _disconnected(request: Request) -> None:
    """Return when the client closes its connection; the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _answer_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServingError)
    headers = {"Retry-After": "1"} if error.status == 429 else None
    return JSONResponse(error.body, status_code=error.status, headers=headers)


def _refusal(request: Request, error: Exception) -> ServingError:
    """Return the error in the form of the protocol; of an invalid request, the first thing that is wrong."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        message = f"{where}: {first['msg']}" if where else str(first["msg"])
        return ServingError(400, message, code="bad_request", param=where or None)
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    return ServingError(error.status_code, message, code="http_error")
