"""What the pages of this package share: a guard around the application, and answers.

The guard answers only requests whose `Host` header names this server. Otherwise a foreign page could read the
data by DNS rebinding, that is by pointing its own name at this address. No other origin may read or frame the
page, and the page may load only its own files.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

STATIC = Path(__file__).parent / "static"
# Pages show text of models, programs and folders. No script but the page's own may run, and Trusted Types
# make the browser refuse to turn a string into markup.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RefusedRequestError(Exception):
    """A request that is refused with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class PageGuard:
    """ASGI middleware: read-only methods, known hosts only, and headers that isolate the page.

    Args:
        application: Application that gets the accepted requests.
        hosts: Allowed values of the header `Host`.
    """

    def __init__(self, application: Application, *, hosts: frozenset[str]) -> None:
        self._application = application
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return None

        async def send_closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1 or named[0].decode("latin-1").lower() not in self._hosts:
            return await _refuse(send_closed, 421, "the header Host names another host")
        if scope["method"] not in ("GET", "HEAD"):
            return await _refuse(send_closed, 405, "only GET and HEAD are allowed")
        return await self._application(scope, receive, send_closed)


def file_route(path: str, file: Path, media_type: str) -> Route:
    """Return the route of a file, which is read now."""
    data = file.read_bytes()
    return Route(path, lambda request: Response(data, headers={"Content-Type": media_type}))


def json_response(value: Any, *, status: int = 200) -> Response:
    """Return JSON in ASCII, so that lone surrogates are kept as escapes."""
    return Response(json.dumps(value), status_code=status, headers={"Content-Type": "application/json"})


async def _refuse(send: Send, status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
