"""What `/metrics` tells about requests that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from codefrontier.system.listening import listen, running

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import api_base, make_server

    torch.set_num_threads(1)

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
ASKED: dict[str, Any] = {"model": "tiny", "messages": [{"role": "user", "content": "Go."}]}


@pytest.fixture(scope="module")
def root(checkpoint: Path) -> Iterator[str]:
    server = make_server(ServedModels([ServedModel.load("tiny", checkpoint)]), max_request_mib=1)
    with closing(listen(0)) as listening, running(server, listening, name="counting"):
        yield api_base(listening).removesuffix("/v1")


def counted(root: str) -> dict[str, float]:
    text = httpx.get(f"{root}/metrics", trust_env=False).text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@pytest.mark.parametrize(
    ("method", "path", "body", "labels"),
    [
        ("POST", CHAT, {**ASKED, "temperature": 3}, ("tiny", CHAT, 400)),
        ("POST", CHAT, {**ASKED, "top_k": 5, "stream": True}, ("tiny", CHAT, 400)),
        ("POST", CHAT, {**ASKED, "model": "other", "n": 0}, ("unknown", CHAT, 400)),
        ("POST", CHAT, {**ASKED, "model": "other"}, ("unknown", CHAT, 404)),
        ("POST", CHAT, {"messages": []}, ("unknown", CHAT, 400)),
        ("POST", TEXT, {"model": ["tiny"], "prompt": "x"}, ("unknown", TEXT, 400)),
        ("POST", TEXT, ["no object"], ("unknown", TEXT, 400)),
        ("POST", TEXT, {"model": "tiny", "prompt": "x" * (1 << 20)}, ("unknown", TEXT, 413)),
        ("POST", "/v1/embeddings", {"model": "tiny"}, ("unknown", "unknown", 404)),
        ("GET", CHAT, None, ("unknown", CHAT, 405)),
    ],
)
def test_a_refused_request_is_counted_once(
    root: str, method: str, path: str, body: Any, labels: tuple[str, str, int]
) -> None:
    model, route, status = labels
    before = counted(root)
    answer = httpx.request(method, f"{root}{path}", json=body, trust_env=False)
    after = counted(root)
    told = f'codefrontier_requests_total{{model="{model}",route="{route}",outcome="{status}"}}'
    assert answer.status_code == status
    grown = {name for name, value in after.items() if value != before.get(name, 0)}
    assert {name for name in grown if name.startswith("codefrontier_requests_total")} == {told}
    assert after[told] == before.get(told, 0) + 1


def test_text_that_is_no_json_is_counted(root: str) -> None:
    before = counted(root)
    answer = httpx.post(f"{root}{CHAT}", content=b"{", trust_env=False)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    name = f'codefrontier_requests_total{{model="unknown",route="{CHAT}",outcome="400"}}'
    assert counted(root)[name] == before.get(name, 0) + 1
