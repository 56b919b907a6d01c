"""The viewer as an ASGI application: read-only JSON routes, and the files of the page.

Only this server's own page may read them: see `pages.PageGuard`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..records.index import FILTERS, Query, RecordIndex
from ..records.lines import RecordError
from ..records.record import EpisodeRecord
from .documents import difference, episode_document
from .pages import STATIC, Application, PageGuard, RefusedRequestError, file_route, json_response

PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/viewer.js": ("viewer.js", "text/javascript; charset=utf-8"),
    "/drawing.js": ("drawing.js", "text/javascript; charset=utf-8"),
    "/viewer.css": ("viewer.css", "text/css; charset=utf-8"),
}


def make_app(index: RecordIndex, *, title: str, hosts: frozenset[str]) -> Application:
    """Return the application.

    Args:
        index: Index of the records to show.
        title: Title of the page.
        hosts: Allowed values of the header `Host`, with port.
    """

    def as_json(answer: Callable[[Request], Any]) -> Callable[[Request], Response]:
        def respond(request: Request) -> Response:
            try:
                index.refresh()
                return json_response(answer(request))
            except RefusedRequestError as refused:
                return json_response({"error": str(refused)}, status=refused.status)
            except RecordError as error:
                return json_response({"error": str(error)}, status=503)

        return respond

    def about(request: Request) -> Any:
        faults = [{"line": line, "message": message} for line, message in index.faults]
        return {
            "title": title,
            "episodes": len(index),
            "values": index.values(),
            "totals": index.totals(),
            "faults": faults,
            "torn_line": index.torn_line,
        }

    def episodes(request: Request) -> Any:
        page = index.find(query_of(request.query_params))
        return {"total": page.total, "rows": page.rows}

    def episode(request: Request) -> Any:
        number = request.path_params["number"]
        previous, following = index.neighbours(number)
        return {**episode_document(number, _read(index, number)), "previous": previous, "next": following}

    def diff(request: Request) -> Any:
        numbers = (request.path_params["left"], request.path_params["right"])
        left, right = ((number, _read(index, number)) for number in numbers)
        return difference(left, right)

    routes = [
        *(file_route(path, STATIC / name, media_type) for path, (name, media_type) in PAGE.items()),
        Route("/api/about", as_json(about)),
        Route("/api/episodes", as_json(episodes)),
        Route("/api/episodes/{number:int}", as_json(episode)),
        Route("/api/diff/{left:int}/{right:int}", as_json(diff)),
    ]
    return PageGuard(Starlette(routes=routes), hosts=hosts)


def query_of(asked: Mapping[str, str]) -> Query:
    """Return the query in the parameters of a request.

    Raises:
        RefusedRequestError: A parameter is unknown or has a value that is not allowed.
    """
    known = {"text", "order", "descending", "offset", "limit", *FILTERS}
    try:
        unknown = sorted(set(asked) - known)
        if unknown:
            raise ValueError(f"parameters must be among {', '.join(sorted(known))}, got {unknown}")
        return Query(
            filters={name: asked[name] for name in FILTERS if name in asked},
            text=asked.get("text", ""),
            order=asked.get("order", "id"),
            descending=asked.get("descending", "0") == "1",
            offset=int(asked.get("offset", "0")),
            limit=int(asked.get("limit", "100")),
        )
    except ValueError as error:
        raise RefusedRequestError(422, str(error)) from error


def _read(index: RecordIndex, number: int) -> EpisodeRecord:
    try:
        return index.read(number)
    except (KeyError, OverflowError) as error:
        raise RefusedRequestError(404, f"there is no episode {number}") from error
