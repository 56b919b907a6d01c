"""The command `codefrontier judge serve`, as a process of its own."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codefrontier.judge import JudgeError, Submission
from codefrontier.judge.service.client import HTTPJudge
from codefrontier.problems import Problem

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("fastapi") is None, reason="fastapi is not installed"
)
TOKEN = "a-token-from-a-file"


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    program = "from codefrontier.cli import main; main()"
    command = [sys.executable, "-c", program, "judge", "serve", "--port", "0", *words]
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], prefix: str) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith(prefix), (line, process.stderr and process.stderr.read())
    return line.removeprefix(prefix).strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_serves_until_it_is_told_to_stop(
    number: signal.Signals,
    problem_of: Callable[..., Problem],
    submission_of: Callable[..., Submission],
    tmp_path: Path,
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    words = ("--pin", "--token-file", str(file)) if number is signal.SIGTERM else ()
    with started(*words) as process:
        url = said(process, "judging at ")
        token = TOKEN if words else said(process, "token ")
        with HTTPJudge(url, token, attempts=1) as remote:
            assert remote.judge(problem_of((b"", b"")), submission_of("pass")).verdict.accepted
            process.send_signal(number)
            assert process.wait(20) == 0
            with pytest.raises(JudgeError):
                remote.judge(problem_of((b"", b"")), submission_of("pass"))
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--token-file", "/nowhere/token"), "/nowhere/token"),
        (("--token-file", "/dev/null"), "at least 16 characters"),
        (("--workers", "0"), "workers must be at least 1"),
        (("--queue", "0"), "queue must be at least 1"),
        (("--host", "localhost"), "localhost"),
        (("--pin", "--sandbox", "docker"), "pinned"),
        (("--time-factor", "0"), "time_factor must be in"),
    ],
)
def test_a_bad_setting_is_told(words: tuple[str, ...], message: str) -> None:
    with started(*words) as process:
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 2
        assert message in errors
