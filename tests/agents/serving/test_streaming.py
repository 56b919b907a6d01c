"""Streamed replies: the tokens and the text of whole replies, and rows that cancelled requests give back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from codefrontier.system.listening import listen, running

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import api_base, make_server, serving

    torch.set_num_threads(1)


CHAT = {"messages": [{"role": "user", "content": "Tëll me"}]}


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> ServedModel:
    return ServedModel.load("tiny", checkpoint)


@pytest.fixture(scope="module")
def client(model: ServedModel) -> Iterator[httpx.Client]:
    with (
        serving(ServedModels([model], max_waiting=64)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield client


def chunks_of(client: httpx.Client, path: str, **body: Any) -> list[dict[str, Any]]:
    """Return the chunks of a streamed reply, which must end as the protocol says."""
    with client.stream("POST", path, json={"model": "tiny", "stream": True, **body}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        *events, last, rest = answer.read().decode("utf-8").split("\n\n")
    assert (last, rest) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in events]


def joined(chunks: list[dict[str, Any]], index: int = 0) -> dict[str, Any]:
    """Return a choice of a chat as if it had not been streamed."""
    choices = [choice for chunk in chunks for choice in chunk["choices"] if choice["index"] == index]
    entries = [entry for choice in choices if choice["logprobs"] for entry in choice["logprobs"]["content"]]
    return {
        "index": index,
        "message": {
            "role": choices[0]["delta"]["role"],
            "content": "".join(choice["delta"].get("content", "") for choice in choices),
        },
        "logprobs": {"content": entries} if entries else None,
        "finish_reason": choices[-1]["finish_reason"],
        "token_ids": [token for choice in choices for token in choice.get("token_ids", ())],
    }


@pytest.mark.parametrize("count", [1, 8, pytest.param(64, marks=pytest.mark.long)])
def test_served_is_in_process_streamed_or_not(client: httpx.Client, model: ServedModel, count: int) -> None:
    def ask(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        how = {**CHAT, "seed": seed, "max_tokens": 24, "return_token_ids": True, "stop": ["e", "zz"]}
        whole = client.post("/chat/completions", json={"model": "tiny", **how})
        return whole.json(), chunks_of(client, "/chat/completions", **how)

    policy = model.policy
    prompt = policy.prompt_ids(CHAT["messages"])
    alone = policy.sample(
        [
            SampleRequest(prompt_ids=prompt, max_new_tokens=24, seed=seed, stop=("e", "zz"))
            for seed in range(count)
        ]
    )
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(ask, range(count)))
    assert any(item.finish_reason == "stop" for item in alone) or count == 1
    for item, (whole, chunks) in zip(alone, answers, strict=True):
        assert tuple(whole["choices"][0]["token_ids"]) == item.token_ids
        assert whole["choices"][0]["finish_reason"] == item.finish_reason
        assert joined(chunks) == whole["choices"][0]
        assert tuple(chunks[0]["prompt_token_ids"]) == prompt


def test_a_stream_has_all_choices_log_probs_and_usage(client: httpx.Client) -> None:
    how = {**CHAT, "n": 3, "seed": 2, "max_tokens": 6, "logprobs": True, "top_logprobs": 2}
    whole = client.post("/chat/completions", json={"model": "tiny", "return_token_ids": True, **how}).json()
    *chunks, last = chunks_of(
        client, "/chat/completions", return_token_ids=True, stream_options={"include_usage": True}, **how
    )
    assert [joined(chunks, index) for index in range(3)] == whole["choices"]
    assert (last["choices"], last["usage"]) == ([], whole["usage"])
    assert {chunk["usage"] for chunk in chunks} == {None}
    assert {(chunk["id"], chunk["object"]) for chunk in chunks} == {(last["id"], "chat.completion.chunk")}
    assert "usage" not in chunks_of(client, "/chat/completions", **how)[0]


def test_alternatives_are_the_most_probable_tokens(client: httpx.Client, model: ServedModel) -> None:
    how = {**CHAT, "seed": 2, "max_tokens": 4, "logprobs": True, "top_logprobs": 5, "return_token_ids": True}
    answer = client.post("/chat/completions", json={"model": "tiny", **how}).json()
    [choice] = answer["choices"]
    ids = [*answer["prompt_token_ids"], *choice["token_ids"]]
    with torch.inference_mode():
        scores = torch.log_softmax(model.policy.model(torch.tensor([ids])).logits[0].float(), dim=-1)
    for place, entry in enumerate(choice["logprobs"]["content"]):
        values, tokens = scores[len(answer["prompt_token_ids"]) + place - 1].topk(5)
        assert [told["logprob"] for told in entry["top_logprobs"]] == pytest.approx(values.tolist(), abs=1e-5)
        assert [told["token"] for told in entry["top_logprobs"]] == [
            model.policy.token_text(token) for token in tokens.tolist()
        ]


def test_text_completions_are_streamed(client: httpx.Client) -> None:
    how: dict[str, Any] = {
        "prompt": ["one", "two"],
        "seed": 3,
        "max_tokens": 8,
        "logprobs": 2,
        "return_token_ids": True,
    }
    whole = client.post("/completions", json={"model": "tiny", **how}).json()
    chunks = chunks_of(client, "/completions", **how)
    for told in whole["choices"]:
        mine = [chunk["choices"][0] for chunk in chunks if chunk["choices"][0]["index"] == told["index"]]
        assert mine[0]["prompt_token_ids"] == told["prompt_token_ids"]
        assert "".join(choice["text"] for choice in mine) == told["text"]
        assert [token for choice in mine for token in choice.get("token_ids", ())] == told["token_ids"]
        for name, column in told["logprobs"].items():
            streamed = [choice["logprobs"][name] for choice in mine if choice["logprobs"]]
            assert [value for values in streamed for value in values] == column
        # Tokens that are parts of characters have one text.
        assert any(len(row) >= 2 for row in told["logprobs"]["top_logprobs"])
    assert {chunk["object"] for chunk in chunks} == {"text_completion"}


def test_a_text_can_begin_with_its_prompt(client: httpx.Client) -> None:
    how = {"prompt": "Tëll", "seed": 3, "max_tokens": 5}
    plain = client.post("/completions", json={"model": "tiny", **how}).json()["choices"][0]["text"]
    echoed = client.post("/completions", json={"model": "tiny", "echo": True, **how}).json()
    assert echoed["choices"][0]["text"] == "Tëll" + plain
    chunks = chunks_of(client, "/completions", echo=True, **how)
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == "Tëll" + plain
    refused = client.post("/completions", json={"model": "tiny", "echo": True, "logprobs": 1, **how})
    assert (refused.status_code, "echo" in refused.json()["error"]["message"]) == (400, True)


def wait_until(true: Callable[[], bool], limit_s: float = 20) -> None:
    ends = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.01)


@pytest.mark.parametrize("stream", [True, False])
def test_a_cancelled_request_gives_its_row_back(checkpoint: Path, stream: bool) -> None:
    policy = LocalPolicy.load(checkpoint)
    policy._stop_ids = frozenset({-1})  # a reply that would never end by itself
    model = ServedModel.of("tiny", policy)
    with serving(ServedModels([model], max_waiting=4)) as url:
        body = {"model": "tiny", **CHAT, "n": 4, "stream": stream, "max_tokens": 30000}
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as leaving:
            if stream:
                with leaving.stream("POST", "/chat/completions", json=body) as answer:
                    lines = answer.iter_lines()  # closes the connection when it is collected
                    assert next(lines).startswith("data: ")
                    wait_until(lambda: model.batcher.load.running == 4)
            else:
                leaving.timeout = httpx.Timeout(0.5)
                with pytest.raises(httpx.ReadTimeout):
                    leaving.post("/chat/completions", json=body)
        wait_until(lambda: model.batcher.load.running == 0)
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            wait_until(lambda: "cancelled" in client.get(url.replace("/v1", "/metrics")).text)
            after = client.post("/chat/completions", json={**body, "stream": False, "max_tokens": 2})
    assert after.status_code == 200


def test_a_request_without_room_is_refused_before_it_is_streamed(checkpoint: Path) -> None:
    shelf = ServedModels([ServedModel.load("tiny", checkpoint)], max_waiting=2)
    with (
        serving(shelf) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
        shelf.room_for(2),
    ):
        for stream in (True, False):
            answer = client.post("/chat/completions", json={"model": "tiny", "stream": stream, **CHAT})
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
            assert answer.json()["error"]["code"] == "overloaded"


def test_an_error_in_the_middle_ends_the_stream(checkpoint: Path) -> None:
    policy = LocalPolicy.load(checkpoint)
    with torch.no_grad():
        policy.model.lm_head.weight[:] = float("nan")
    with (
        serving(ServedModels([ServedModel.of("tiny", policy)])) as url,
        httpx.Client(timeout=60, trust_env=False) as client,
    ):
        body = {"model": "tiny", "stream": True, "max_tokens": 3, **CHAT}
        events = client.post(f"{url}/chat/completions", json=body).text.strip().split("\n\n")
    assert "not finite" in json.loads(events[-1].removeprefix("data: "))["error"]["message"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_that_is_too_large_is_refused(model: ServedModel, chunked: bool) -> None:
    body = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "x" * (1 << 20)}]}).encode()
    server = make_server(ServedModels([model]), max_request_mib=1)
    with closing(listen(0)) as listening, running(server, listening, name="limited"):
        answer = httpx.post(
            f"{api_base(listening)}/chat/completions",
            content=iter([body[:1000], body[1000:]]) if chunked else body,
            headers={"Content-Type": "application/json"},
            trust_env=False,
            timeout=20,
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def test_metrics_count_requests_and_tokens(client: httpx.Client) -> None:
    def read() -> dict[str, float]:
        text = client.get(str(client.base_url).replace("/v1/", "/metrics")).text
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    route = 'model="tiny",route="/v1/chat/completions"'
    before = read()
    body = {"model": "tiny", "max_tokens": 5, "seed": 1, **CHAT}
    usage = client.post("/chat/completions", json=body).json()["usage"]
    client.post("/chat/completions", json={**body, "messages": [{"role": "user", "content": "x" * 40000}]})
    after = read()

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown(f'codefrontier_requests_total{{{route},outcome="200"}}') == 1
    assert grown(f'codefrontier_requests_total{{{route},outcome="400"}}') == 1
    assert grown('codefrontier_prompt_tokens_total{model="tiny"}') == usage["prompt_tokens"]
    assert grown('codefrontier_completion_tokens_total{model="tiny"}') == usage["completion_tokens"]
    assert grown(f"codefrontier_request_seconds_count{{{route}}}") == 2
    assert after[f'codefrontier_request_seconds_bucket{{{route},le="+Inf"}}'] >= 2
    assert after['codefrontier_rows_running{model="tiny"}'] == 0
    assert after['codefrontier_rows_waiting{model="tiny"}'] == 0
