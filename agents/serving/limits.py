"""A limit on the size of requests."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import UNKNOWN, Metrics
from .protocol import ServingError

MAX_REQUEST_MIB = 32
"""Default maximum size of a request in MiB."""


class RequestLimit:
    """An ASGI application that reads the body of a request, and passes on no body above a limit.

    Args:
        app: The application behind.
        most: Maximum number of bytes of a body.
        metrics: Counts the requests that are refused.
    """

    def __init__(self, app: ASGIApp, most: int, metrics: Metrics) -> None:
        self._app = app
        self._most = most
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "0")
        body = bytearray()
        more = int(told) <= self._most if told.isdecimal() else True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False) and len(body) <= self._most
        if len(body) > self._most or (told.isdecimal() and int(told) > self._most):
            await self._refuse(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def receive_whole() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, receive_whole, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = ServingError(
            413, f"a request may have at most {self._most} bytes here", code="request_too_large"
        )
        self._metrics.note_refused(model=UNKNOWN, route=scope["path"], status=error.status)
        # The rest of the body is not read, so the connection cannot take another request.
        answer = JSONResponse(error.body, status_code=error.status, headers={"Connection": "close"})
        await answer(scope, receive, send)
