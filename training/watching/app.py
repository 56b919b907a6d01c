"""The page of curves as an ASGI application: read-only JSON routes, and the files of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...agents.viewer.pages import (
    STATIC as VIEWER_STATIC,
)
from ...agents.viewer.pages import (
    Application,
    PageGuard,
    RefusedRequestError,
    file_route,
    json_response,
)
from ..errors import TrainingError
from ..tracking.charts import charts
from .curves import WatchedRun

STATIC = Path(__file__).parent / "static"
FILES = (
    ("/", STATIC / "watch.html", "text/html; charset=utf-8"),
    ("/watch.js", STATIC / "watch.js", "text/javascript; charset=utf-8"),
    ("/chart.js", STATIC / "chart.js", "text/javascript; charset=utf-8"),
    ("/watch.css", STATIC / "watch.css", "text/css; charset=utf-8"),
    ("/drawing.js", VIEWER_STATIC / "drawing.js", "text/javascript; charset=utf-8"),
)


def make_app(runs: Sequence[WatchedRun], *, smoothing: float, hosts: frozenset[str]) -> Application:
    """Return the application.

    Args:
        runs: Runs to show.
        smoothing: Initial place of the slider, in [0, 1).
        hosts: Allowed values of the header `Host`, with port.
    """

    def as_json(answer: Callable[[Request], Any]) -> Callable[[Request], Response]:
        def respond(request: Request) -> Response:
            try:
                return json_response(answer(request))
            except RefusedRequestError as refused:
                return json_response({"error": str(refused)}, status=refused.status)
            except (TrainingError, OSError) as error:
                return json_response({"error": str(error)}, status=503)

        return respond

    def about(request: Request) -> Any:
        sections = groupby(charts(), key=lambda chart: chart.section)
        return {
            "smoothing": smoothing,
            "sections": [
                {"name": name, "charts": [asdict(chart) for chart in members]} for name, members in sections
            ],
            "runs": [run.about() for run in runs],
        }

    def curves(request: Request) -> Any:
        number = request.path_params["run"]
        if number >= len(runs):
            raise RefusedRequestError(404, f"there is no run {number}: runs are 0 to {len(runs) - 1}")
        run = runs[number]
        run.refresh()
        found = run.curves(**_place(request.query_params))
        return {**asdict(found), "failure": run.failure}

    routes = [
        *(file_route(*file) for file in FILES),
        Route("/api/about", as_json(about)),
        Route("/api/curves/{run:int}", as_json(curves)),
    ]
    return PageGuard(Starlette(routes=routes), hosts=hosts)


def _place(asked: Mapping[str, str]) -> dict[str, int]:
    try:
        place = {name: int(asked.get(name, "0")) for name in ("generation", "start")}
    except ValueError as error:
        raise RefusedRequestError(422, f"generation and start must be whole numbers: {error}") from error
    if min(place.values()) < 0:
        raise RefusedRequestError(422, f"generation and start must be at least 0, got {place}")
    return place
