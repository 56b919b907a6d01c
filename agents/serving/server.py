"""The server: uvicorn on a loopback socket, in this thread or in a separate thread."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn

from ...system.listening import listen, running, url_of
from .app import make_app
from .limits import MAX_REQUEST_MIB, RequestLimit
from .metrics import Metrics
from .models import ServedModels


def api_base(listening: socket.socket) -> str:
    """Return the base URL of the server behind a socket."""
    return f"{url_of(listening)}/v1"


def make_server(models: ServedModels, *, max_request_mib: int = MAX_REQUEST_MIB) -> uvicorn.Server:
    """Return a server without log output; `run(sockets=[...])` serves until the server is stopped.

    Args:
        models: Models to serve.
        max_request_mib: Maximum size of a request in MiB.
    """
    metrics = Metrics()
    config = uvicorn.Config(
        RequestLimit(make_app(models, metrics), max_request_mib << 20, metrics),
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


@contextmanager
def serving(models: ServedModels, *, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the context lasts; yield the base URL when the server accepts requests.

    Raises:
        OSError: The port is taken or not allowed.
    """
    server = make_server(models)
    with closing(listen(port)) as listening, running(server, listening, name="server"):
        yield api_base(listening)
