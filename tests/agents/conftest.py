"""A hand-made problem with programs of known quality, a shared judge, and a scripted chat server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import gymnasium
import pytest

import codefrontier  # noqa: F401  # registers the environments
from codefrontier.judge import Judge
from codefrontier.problems import Difficulty, Label, LabelledSubmission, Limits, Problem, Testset

SUM = b"import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n"
SLOW = b"""import sys
numbers = list(map(int, sys.stdin.read().split()[1:]))
while len(numbers) > 100:
    pass
print(sum(numbers))
"""
WRONG = b"import sys\nprint(sum(map(abs, map(int, sys.stdin.read().split()[1:]))))\n"
CRASH = b"""import sys
total, *rest = map(int, sys.stdin.read().split()[1:])
print(total + sum(rest))
"""
CPP = b"""#include <iostream>
int main() { long long n, x, s = 0; std::cin >> n; while (std::cin >> x) s += x; std::cout << s << "\\n"; }
"""


def total_of(numbers: list[int]) -> tuple[bytes, bytes]:
    return f"{len(numbers)}\n{' '.join(map(str, numbers))}\n".encode(), f"{sum(numbers)}\n".encode()


@pytest.fixture(scope="session")
def problem() -> Problem:
    """Sum numbers: `slow` fails on the largest test, `wrong` on negative numbers, `crash` on no numbers."""
    labelled = [
        ("reference.py", Label.ACCEPTED, SUM),
        ("reference.cpp", Label.ACCEPTED, CPP),
        ("slow.py", Label.TIME_LIMIT_EXCEEDED, SLOW),
        ("wrong.py", Label.WRONG_ANSWER, WRONG),
        ("crash.py", Label.RUN_TIME_ERROR, CRASH),
    ]
    return Problem(
        id="number-sum",
        title="Number sum",
        statement="The first line holds n, the second n integers. Print their sum, which is ≤ 10^9.",
        tests=Testset.inline(
            [total_of([]), total_of([3, 4]), total_of([5, -7, 2]), total_of(list(range(200)))]
        ),
        samples=Testset.inline([total_of([1, 2])]),
        limits=Limits(time_s=0.5),
        difficulty=Difficulty.EASY,
        submissions=tuple(
            LabelledSubmission(name=name, label=label, source=source) for name, label, source in labelled
        ),
    )


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    with Judge(workers=2) as judge:
        yield judge


EnvMaker = Callable[..., gymnasium.Env[str, str]]


@pytest.fixture
def make_env(problem: Problem, judge: Judge) -> Iterator[EnvMaker]:
    """Make environments that play the hand-made problem; they are closed afterwards."""
    made: list[gymnasium.Env[str, str]] = []

    def make(mode: str, **keywords: Any) -> gymnasium.Env[str, str]:
        settings = {"problems": [problem], "judge": judge, **keywords}
        made.append(gymnasium.make(f"Classics-{mode}", disable_env_checker=True, **settings))
        return made[-1]

    yield make
    for env in made:
        env.close()


def text_reply(content: str | None, **message: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content, **message}, "finish_reason": "stop"}


def tool_reply(*calls: tuple[str, Any]) -> dict[str, Any]:
    """Call tools; arguments that are a text are sent as they are."""
    tool_calls = [
        {
            "id": f"call-{name}-{number}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for number, (name, arguments) in enumerate(calls)
    ]
    return {**text_reply(None, tool_calls=tool_calls), "finish_reason": "tool_calls"}


def failure(status: int, message: str, **details: Any) -> dict[str, Any]:
    return {"status": status, "error": {"message": message, "type": "test", **details}}


class ChatServer:
    """Answers chat completions with a script, over HTTP on loopback, and keeps the requests."""

    def __init__(self) -> None:
        self.script: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = server.answer(self.path, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.requests.append(body)
            if path != "/v1/chat/completions" or not self.script:
                return 404, {"error": {"message": f"nothing scripted for {path}", "type": "test"}}
            reply = dict(self.script.pop(0))
        if "status" in reply:
            return reply.pop("status"), reply
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        choice = {"index": 0, **reply}
        head = {"id": "reply", "object": "chat.completion", "created": 1, "model": body["model"]}
        return 200, {**head, "choices": [choice], "usage": usage}

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


@pytest.fixture
def replies() -> dict[str, Callable[..., dict[str, Any]]]:
    """The makers of scripted replies: `text`, `tools`, `failure`."""
    return {"text": text_reply, "tools": tool_reply, "failure": failure}
