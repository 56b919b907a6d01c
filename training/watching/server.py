"""The server of the page of curves: uvicorn on a socket, in this thread or in a separate thread."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import uvicorn

from ...agents.viewer.server import allowed_hosts, application_server
from ...system.listening import LOOPBACK, listen, running, url_of
from .app import make_app
from .curves import WatchedRun


def make_server(runs: Sequence[WatchedRun], listening: socket.socket, *, smoothing: float) -> uvicorn.Server:
    """Return a server that shows runs on a listening socket."""
    return application_server(make_app(runs, smoothing=smoothing, hosts=allowed_hosts(listening)))


@contextmanager
def serving(runs: Sequence[WatchedRun], *, smoothing: float = 0.0, port: int = 0) -> Iterator[str]:
    """Serve on loopback in a thread while the context lasts; yield the URL when the server accepts requests.

    Raises:
        OSError: The port is taken or not allowed.
    """
    with closing(listen(port, host=LOOPBACK)) as listening:
        server = make_server(runs, listening, smoothing=smoothing)
        with running(server, listening, name="watch"):
            yield f"{url_of(listening)}/"
