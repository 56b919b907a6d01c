"""What a user can choose about the Docker sandbox; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

IMAGE = "codefrontier-judge:latest"
_LEAST_MEMORY_MIB = 256
_LEAST_PROCESSES = 16


@dataclass(frozen=True, kw_only=True)
class DockerOptions:
    """How to run sandboxes in containers.

    Raises:
        ValueError: A number is out of its range.
    """

    image: str = IMAGE
    """Made by `codefrontier judge build-image`."""
    engine: str | None = None
    """URL of the engine, such as `unix:///run/user/1000/docker.sock`; None takes that of DOCKER_HOST."""
    runtime: str | None = None
    """An OCI runtime that the engine knows, such as `runsc`; None takes the engine's own."""
    transport: Literal["auto", "socket", "attach"] = "auto"
    """How the judge talks to a container: over a Unix socket in a folder that both see, or over the engine's
    attach stream, which works wherever the engine is. `auto` takes the socket where it can."""
    memory_mib: int = 4096
    """Of everything in a container at once, its scratch files included; at least 256."""
    processes: int = 256
    """And threads, in a container at once; at least 16."""
    submissions: int = 1000
    """A container is replaced after so many; at least 1."""
    spares: int = 1
    """Containers started ahead of need; at least 0."""

    def __post_init__(self) -> None:
        for name, least in (
            ("memory_mib", _LEAST_MEMORY_MIB),
            ("processes", _LEAST_PROCESSES),
            ("submissions", 1),
            ("spares", 0),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)!r}")
        if self.transport not in ("auto", "socket", "attach"):
            raise ValueError(f"transport must be 'auto', 'socket' or 'attach', got {self.transport!r}")
