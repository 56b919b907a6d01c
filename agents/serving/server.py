"""The server itself: uvicorn on a socket of loopback, in this thread or in one of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn

from .app import make_app
from .models import ModelShelf

HOST = "127.0.0.1"
BACKLOG = 2048


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback; 0 takes any free port.

    Raises:
        OSError: The port is taken or not allowed.
    """
    # Without the protocol's number asyncio leaves Nagle's algorithm on, which costs 40 ms an answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def api_base(listening: socket.socket) -> str:
    """Return the base URL of the protocol behind a socket."""
    return f"http://{HOST}:{listening.getsockname()[1]}/v1"


def make_server(shelf: ModelShelf) -> uvicorn.Server:
    """Return a server that says nothing; `run(sockets=[...])` serves until it is told to stop."""
    config = uvicorn.Config(
        make_app(shelf),
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


@contextmanager
def serving(shelf: ModelShelf, *, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the context lasts; gives the base URL, which answers at once.

    Raises:
        OSError: The port is taken or not allowed.
    """
    server = make_server(shelf)
    with closing(listen(port)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server")
        thread.start()
        try:
            yield api_base(listening)
        finally:
            server.should_exit = True
            thread.join()
