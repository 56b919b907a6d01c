"""A process that serves checkpoints."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PREFIX = "serving at "


@contextmanager
def serve_process(*checkpoints: str) -> Iterator[str]:
    """Run `codefrontier serve` while the context lasts; yield its base URL."""
    command = [sys.executable, "-m", "codefrontier", "serve", *checkpoints, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(PREFIX), line
        yield line.removeprefix(PREFIX).strip()
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def serve_checkpoints() -> Callable[..., Any]:
    """Serve checkpoints in a process of their own."""
    return serve_process
