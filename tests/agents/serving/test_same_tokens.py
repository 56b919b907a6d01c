"""Requests of different forms at the same moment get the tokens that each gets alone in one process."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy, Sampled, SampleRequest
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving

    torch.set_num_threads(1)

WORDS = ("sort", "the", "numbers", "Zürich", "print(x)", "größer", "\n", "∑", "of", "two")
TEXT, CHAT = "/completions", "/chat/completions"
Asked = tuple[str, dict[str, Any], "SampleRequest"]


def asked(policy: LocalPolicy, count: int) -> list[Asked]:
    """Return routes and bodies of requests, each with the request that it should mean in this process."""
    generator = random.Random(count)
    made: list[Asked] = []
    for seed in range(count):
        text = " ".join(generator.choices(WORDS, k=generator.randint(1, 30)))
        settings: dict[str, Any] = {
            "seed": seed,
            "temperature": generator.choice((0.0, 0.7, 1.0)),
            "top_p": generator.choice((0.8, 1.0)),
            "stop": generator.choice(((), ("e",), ("zz", "a"))),
        }
        length = generator.randint(1, 24)
        if seed % 2:
            prompt = policy.encode(text)
            route, body = TEXT, {"prompt": list(prompt), "max_tokens": length}
        else:
            messages = [{"role": "user", "content": text}]
            prompt = policy.prompt_ids(messages)
            route, body = CHAT, {"messages": messages, "max_completion_tokens": length}
        request = SampleRequest(prompt_ids=prompt, max_new_tokens=length, **settings)
        stop = list(settings["stop"]) or None
        made.append(
            (route, {**body, **settings, "stop": stop, "model": "tiny", "return_token_ids": True}, request)
        )
    return made


def reply(client: httpx.Client, route: str, body: dict[str, Any], *, stream: bool) -> dict[str, Any]:
    """Return token ids, text and finish reason of a reply."""
    answer = client.post(route, json={**body, "stream": stream})
    assert answer.status_code == 200, answer.text
    if not stream:
        [choice] = answer.json()["choices"]
        text = choice["message"]["content"] if route == CHAT else choice["text"]
        return {"ids": choice["token_ids"], "text": text, "finish": choice["finish_reason"]}
    chunks = [json.loads(event.removeprefix("data: ")) for event in answer.text.split("\n\n")[:-2]]
    choices = [chunk["choices"][0] for chunk in chunks]
    texts = [c["delta"].get("content", "") if route == CHAT else c["text"] for c in choices]
    return {
        "ids": [token for choice in choices for token in choice.get("token_ids", ())],
        "text": "".join(texts),
        "finish": choices[-1]["finish_reason"],
    }


def told(policy: LocalPolicy, request: SampleRequest, sampled: Sampled) -> dict[str, Any]:
    text = policy.decode(sampled.token_ids)
    ends = [at for stop in request.stop if (at := text.find(stop)) >= 0]
    return {
        "ids": list(sampled.token_ids),
        "text": text[: min(ends)] if ends else text,
        "finish": sampled.finish_reason,
    }


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("count", [1, 8, pytest.param(64, marks=pytest.mark.long)])
def test_each_request_gets_the_tokens_that_it_gets_alone(checkpoint: Path, count: int, stream: bool) -> None:
    policy = LocalPolicy.load(checkpoint)
    model = ServedModel.of("tiny", LocalPolicy.load(checkpoint))
    requests = asked(policy, count)
    alone = [told(policy, request, *policy.sample([request])) for _, _, request in requests]
    together = threading.Barrier(count)

    def ask(route: str, body: dict[str, Any]) -> dict[str, Any]:
        together.wait(20)
        return reply(client, route, body, stream=stream)

    with (
        serving(ServedModels([model])) as url,
        httpx.Client(
            base_url=url, timeout=120, trust_env=False, limits=httpx.Limits(max_connections=count)
        ) as client,
        ThreadPoolExecutor(count) as pool,
    ):
        served = list(pool.map(lambda each: ask(each[0], each[1]), requests))
    assert served == alone
    assert model.batcher.batches < count or count == 1, "the requests were not sampled together"


def test_the_choices_of_a_request_are_requests_with_the_next_seeds(checkpoint: Path) -> None:
    policy = LocalPolicy.load(checkpoint)
    [(route, body, request)] = asked(policy, 1)
    with (
        serving(ServedModels([ServedModel.of("tiny", policy)])) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        answer = client.post(route, json={**body, "n": 4, "temperature": 1.0}).json()
    requests = [replace(request, seed=request.seed + choice, temperature=1.0) for choice in range(4)]
    alone = [list(policy.sample([each])[0].token_ids) for each in requests]
    assert [choice["token_ids"] for choice in answer["choices"]] == alone
