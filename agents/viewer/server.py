"""The viewer's server: uvicorn on a socket, in this thread or in a separate thread."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn

from ...system.listening import LOOPBACK, listen, running, url_of
from ..records.index import RecordIndex
from .app import make_app
from .pages import Application

_STOP_S = 5


def make_server(index: RecordIndex, listening: socket.socket, *, title: str) -> uvicorn.Server:
    """Return a server that shows an index on a listening socket."""
    return application_server(make_app(index, title=title, hosts=allowed_hosts(listening)))


def application_server(application: Application) -> uvicorn.Server:
    """Return a server for an application, which prints nothing."""
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_S,
    )
    return uvicorn.Server(config)


def allowed_hosts(listening: socket.socket) -> frozenset[str]:
    """Return the allowed `Host` headers: the address itself, and `localhost` for a loopback address."""
    host, port = listening.getsockname()[:2]
    address = ipaddress.ip_address(host)
    names = [f"[{host}]" if address.version == 6 else host]
    # A browser on this machine may use either name.
    if address.is_loopback:
        names.append("localhost")
    ports = [f":{port}", ""] if port == 80 else [f":{port}"]
    return frozenset(f"{name}{suffix}" for name in names for suffix in ports)


@contextmanager
def serving(index: RecordIndex, *, title: str = "records", port: int = 0) -> Iterator[str]:
    """Serve on loopback in a thread while the context lasts; yield the URL when the server accepts requests.

    Raises:
        OSError: The port is taken or not allowed.
    """
    with closing(listen(port, host=LOOPBACK)) as listening:
        server = make_server(index, listening, title=title)
        with running(server, listening, name="viewer"):
            yield f"{url_of(listening)}/"
