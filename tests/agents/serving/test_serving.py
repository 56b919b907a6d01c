from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from codefrontier.agents import AgentError, ModelOptions, TaskInfo, agent_factory
from codefrontier.agents.serving.command import ServeCommand, named_checkpoints, serve
from codefrontier.agents.serving.model_list import read_model_list, write_model_list
from codefrontier.judge import Language
from codefrontier.system.listening import listen

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.agent import PolicyFactory
    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    torch.set_num_threads(1)


CONTEXT = 32
PIECES = ("task", " one", " two", "print(", "1", ")", "\n")


@pytest.fixture(scope="module")
def policies() -> dict[str, LocalPolicy]:
    tokenizer = build_tokenizer(PIECES, context=CONTEXT)
    return {
        name: LocalPolicy(
            tiny_model(tokenizer, d=8, layers=1, heads=2, context=CONTEXT, seed=seed), tokenizer
        )
        for seed, name in enumerate(("low", "high"))
    }


@pytest.fixture(scope="module")
def url(policies: dict[str, LocalPolicy]) -> Iterator[str]:
    shelf = ServedModels([ServedModel.of(name, policy) for name, policy in policies.items()], max_waiting=64)
    with serving(shelf) as base:
        yield base


Post = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def post(url: str) -> Iterator[Post]:
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:

        def call(path: str, **body: Any) -> tuple[int, Any]:
            response = client.post(path, json={"model": "low", **body})
            return response.status_code, response.json()

        yield call


def chat(content: Any = "task one") -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


def test_a_served_reply_has_the_tokens_of_this_process(post: Post, policies: dict[str, LocalPolicy]) -> None:
    policy = policies["low"]
    for settings in ({}, {"temperature": 0.5}, {"top_p": 0.7}, {"temperature": 0.0}):
        status, answer = post(
            "/chat/completions",
            **chat(),
            n=3,
            seed=11,
            max_completion_tokens=9,
            return_token_ids=True,
            **settings,
        )
        assert status == 200
        prompt = tuple(answer["prompt_token_ids"])
        assert prompt == policy.prompt_ids(chat()["messages"])
        requests = [
            SampleRequest(prompt_ids=prompt, max_new_tokens=9, seed=11 + choice, **settings)  # type: ignore[arg-type]
            for choice in range(3)
        ]
        for choice, sampled in zip(answer["choices"], policy.sample(requests), strict=True):
            assert tuple(choice["token_ids"]) == sampled.token_ids
            assert choice["message"] == {"role": "assistant", "content": policy.decode(sampled.token_ids)}
            assert choice["finish_reason"] == sampled.finish_reason
        written = sum(len(choice["token_ids"]) for choice in answer["choices"])
        assert answer["usage"] == {
            "prompt_tokens": 3,
            "completion_tokens": written,
            "total_tokens": 3 + written,
        }


def test_log_probs_are_those_of_the_model(post: Post, policies: dict[str, LocalPolicy]) -> None:
    policy = policies["low"]
    _, answer = post(
        "/chat/completions", **chat(), seed=1, max_tokens=6, logprobs=True, return_token_ids=True
    )
    [choice] = answer["choices"]
    told = [entry["logprob"] for entry in choice["logprobs"]["content"]]
    assert told == pytest.approx(policy.score(answer["prompt_token_ids"], choice["token_ids"]), abs=1e-5)
    assert [entry["token"] for entry in choice["logprobs"]["content"]] == [
        policy.token_text(token) for token in choice["token_ids"]
    ]


def test_text_and_tokens_are_completed_prompt_by_prompt(post: Post, policies: dict[str, LocalPolicy]) -> None:
    policy = policies["high"]
    how: dict[str, Any] = {"model": "high", "n": 2, "seed": 5, "max_tokens": 4, "return_token_ids": True}
    _, texts = post("/completions", prompt=["<s>task one", "<s>task two"], logprobs=0, **how)
    prompts = [list(policy.encode(text)) for text in ("<s>task one", "<s>task two")]
    _, tokens = post("/completions", prompt=prompts, **how)
    assert [choice["token_ids"] for choice in texts["choices"]] == [
        choice["token_ids"] for choice in tokens["choices"]
    ]
    assert [choice["prompt_token_ids"] for choice in texts["choices"]] == [
        prompts[0],
        prompts[0],
        prompts[1],
        prompts[1],
    ]
    first = texts["choices"][0]
    assert first["text"] == policy.decode(first["token_ids"])
    assert first["logprobs"]["token_logprobs"] == pytest.approx(
        policy.score(prompts[0], first["token_ids"]), abs=1e-5
    )
    assert len(first["logprobs"]["text_offset"]) == len(first["token_ids"])
    _, one = post("/completions", prompt=prompts[0], **how)
    assert one["choices"][1]["token_ids"] == texts["choices"][1]["token_ids"]


def test_models_are_kept_apart_by_name(post: Post) -> None:
    replies = {
        name: post("/chat/completions", **chat(), model=name, seed=3, return_token_ids=True)[1]
        for name in ("low", "high")
    }
    assert replies["low"]["model"] == "low"
    assert replies["low"]["choices"][0]["token_ids"] != replies["high"]["choices"][0]["token_ids"]


def test_a_stop_text_is_cut_off(post: Post) -> None:
    _, whole = post("/chat/completions", **chat(), seed=4)
    text = whole["choices"][0]["message"]["content"]
    stop = text[3:5]
    _, cut = post("/chat/completions", **chat(), seed=4, stop=["never", stop])
    assert cut["choices"][0]["message"]["content"] == text[: text.index(stop)]
    assert cut["choices"][0]["finish_reason"] == "stop"


def test_content_may_come_in_parts(post: Post) -> None:
    parts = [{"type": "text", "text": "task"}, {"type": "text", "text": " one"}]
    answers = [post("/chat/completions", **chat(content), seed=4)[1] for content in ("task one", parts)]
    assert answers[0]["choices"] == answers[1]["choices"]


def test_without_a_seed_replies_differ(post: Post) -> None:
    replies = {json.dumps(post("/chat/completions", **chat())[1]["choices"]) for _ in range(4)}
    assert len(replies) > 1


def test_concurrent_requests_get_what_they_would_get_alone(post: Post) -> None:
    def ask(seed: int) -> Any:
        return post("/chat/completions", **chat(), seed=seed, max_tokens=8)[1]["choices"]

    alone = [ask(seed) for seed in range(16)]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, range(16))) == alone


def test_models_and_health_are_reported(url: str) -> None:
    with httpx.Client(trust_env=False) as client:
        models = client.get(f"{url}/models").json()
        assert client.get(url.replace("/v1", "/health")).json() == {"status": "ok"}
        missing = client.get(f"{url}/nothing")
    assert [model["id"] for model in models["data"]] == ["low", "high"]
    assert models["data"][0]["max_model_len"] == CONTEXT
    assert missing.status_code == 404
    assert "/v1/nothing" in missing.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"model": "middle"}, 404, "served are 'low', 'high'"),
        ({"temperature": 3}, 400, "temperature"),
        ({"top_p": -1}, 400, "top_p"),
        ({"n": 0}, 400, "n: "),
        ({"max_tokens": 0}, 400, "max_tokens"),
        ({"seed": 1 << 63}, 400, "seed"),
        ({"stop": [""]}, 400, "stop must not hold an empty text"),
        ({"stream_options": {"include_usage": True}}, 400, "stream_options needs stream"),
        ({"stream": True, "stream_options": {"every": 1}}, 400, "stream_options.every"),
        ({"stream": True, "temperature": 3}, 400, "temperature"),
        ({"echo": True}, 400, "echo is not served"),
        ({"top_k": 5}, 400, "top_k is not served"),
        ({"presence_penalty": 0.5}, 400, "presence_penalty is not served"),
        ({"tools": [{"type": "function"}]}, 400, "tools.0.function"),
        ({"tools": [{"type": "web", "function": {"name": "f"}}]}, 400, "type 'function' are served"),
        ({"tool_choice": "required"}, 400, "tool_choice must be 'auto' or 'none'"),
        ({"functions": [{"name": "f"}]}, 400, "functions is not served"),
        ({"top_logprobs": 3}, 400, "top_logprobs needs logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, 400, "top_logprobs"),
        ({"messages": []}, 400, "messages"),
        (chat([{"type": "image_url"}]), 400, "type 'text'"),
        (chat("task three"), 400, "does not know"),
        (
            {"messages": [{"role": "user", "content": "task" + " one" * 40}]},
            400,
            "maximum context length is 32",
        ),
        ({"n": 65}, 400, "at most 64 choices"),
    ],
)
def test_bad_requests_are_refused_in_the_form_of_the_protocol(
    post: Post, body: dict[str, Any], status: int, words: str
) -> None:
    got, answer = post("/chat/completions", **{**chat(), **body})
    assert got == status
    assert words in answer["error"]["message"]
    assert set(answer["error"]) == {"message", "type", "param", "code"}


def test_settings_that_change_nothing_are_taken(post: Post) -> None:
    status, _ = post(
        "/chat/completions",
        **chat(),
        stream=False,
        presence_penalty=0,
        top_k=-1,
        tools=[],
        user="me",
        logit_bias={},
    )
    assert status == 200


def test_room_is_given_back_after_failures_and_successes(policies: dict[str, LocalPolicy]) -> None:
    shelf = ServedModels([ServedModel.of("low", policies["low"])], max_waiting=2)
    for _ in range(2):
        with pytest.raises(RuntimeError), shelf.room_for(2):
            raise RuntimeError
    with shelf.room_for(2):
        pass


@pytest.mark.long
def test_the_litellm_agent_gets_the_tokens_of_the_policy_agent(
    url: str, policies: dict[str, LocalPolicy]
) -> None:
    options = ModelOptions(api_base=url, temperature=1.0, max_completion_tokens=8, model_seed=2)
    served = agent_factory("litellm:openai/low", options).make()
    local = PolicyFactory(policies["low"], options).make()
    replies = []
    for agent in (served, local):
        agent.start(
            TaskInfo(observation="# One\n\ntask one\n", mode="single", language=Language.PYTHON, sample=4)
        )
        replies.append(agent.act("# One\n\ntask one\n"))
        agent.close()
    assert replies[0].action == replies[1].action
    assert replies[0].usage.completion_tokens == replies[1].usage.completion_tokens
    assert replies[0].finish_reason == replies[1].finish_reason


def test_a_served_checkpoint_is_an_agent_by_name(url: str, policies: dict[str, LocalPolicy]) -> None:
    options = ModelOptions(api_base=url, max_completion_tokens=8, model_seed=2)
    factory = agent_factory("litellm:frontier/high", options)
    assert factory.identity.name == "litellm:frontier/high"
    assert {"digest", "recipe"} <= set(factory.identity.settings)
    served, local = factory.make(), PolicyFactory(policies["high"], options).make()
    replies = []
    for agent in (served, local):
        agent.start(TaskInfo(observation="task two", mode="single", language=Language.PYTHON))
        replies.append(agent.act("task two").action)
        agent.close()
    assert replies[0] == replies[1]


def test_a_name_that_is_not_served_is_reported(url: str) -> None:
    with pytest.raises(AgentError, match="does not serve 'frontier/middle'; it serves 'low', 'high'"):
        agent_factory("litellm:frontier/middle", ModelOptions(api_base=url))


def test_a_server_that_is_not_there_is_reported() -> None:
    with listen(0) as silent:
        port = silent.getsockname()[1]
    with pytest.raises(AgentError, match=rf"no server of checkpoints answers at http://127.0.0.1:{port}/v1"):
        agent_factory("litellm:frontier/low", ModelOptions(api_base=f"http://127.0.0.1:{port}/v1"))


@pytest.mark.parametrize("name", ["models.yaml", "models.json"])
def test_a_model_list_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "lists" / name
    write_model_list(path, ["low", "merged-0.5"], "http://127.0.0.1:9/v1", info={"low": {"digest": "d"}})
    listed = read_model_list(path)
    assert list(listed) == ["frontier/low", "frontier/merged-0.5"]
    assert listed["frontier/merged-0.5"].model == "openai/merged-0.5"
    assert listed["frontier/low"].api_base == "http://127.0.0.1:9/v1"
    if name.endswith(".json"):
        assert json.loads(path.read_text())["model_list"][0]["model_info"] == {"digest": "d"}


@pytest.mark.parametrize("content", ["", "model_list: 3", "{", "model_list: [{model_name: x}]"])
def test_what_is_no_model_list_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(content)
    with pytest.raises(AgentError, match=r"models\.yaml: is no model list"):
        read_model_list(path)


def test_checkpoints_are_named_by_their_folders_or_as_given() -> None:
    assert named_checkpoints(("a/low", "b/high/", "mid=a/x=1")) == {
        "low": Path("a/low"),
        "high": Path("b/high"),
        "mid=a/x": Path("1"),
    }


def test_two_checkpoints_of_one_name_are_refused() -> None:
    with pytest.raises(AgentError, match="two checkpoints are called 'x'"):
        named_checkpoints(("a/x", "b/x"))
    with pytest.raises(AgentError, match="different names"):
        ServedModels([])


@pytest.fixture
def saved(policies: dict[str, LocalPolicy], tmp_path: Path) -> Path:
    path = tmp_path / "low"
    policies["low"].model.save_pretrained(path)
    policies["low"].tokenizer.save_pretrained(path)
    return path


def test_the_command_serves_until_it_is_stopped(saved: Path, tmp_path: Path) -> None:
    listed = tmp_path / "models.json"
    answers = []

    def ask_and_stop() -> None:
        try:
            base = read_model_list(listed)["frontier/low"].api_base
            body = {"model": "low", **chat()}
            answers.append(httpx.post(f"{base}/chat/completions", json=body, timeout=20, trust_env=False))
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def announce(url: str, named: Mapping[str, Path], pool: Any) -> None:
        assert dict(named) == {"low": saved}
        client.start()

    client = threading.Thread(target=ask_and_stop)
    with pytest.raises(KeyboardInterrupt):
        serve(ServeCommand(checkpoints=(str(saved),), port=0, model_list=listed), announce)
    client.join()
    assert [answer.status_code for answer in answers] == [200]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"checkpoints": ()}, "at least one checkpoint"),
        ({"checkpoints": ("nowhere",)}, "no such folder"),
        ({"port": 70000}, "port must be in [0, 65535]"),
        ({"max_waiting": 0}, "max_waiting must be at least 1"),
        ({"threads": 0}, "threads must be at least 1"),
    ],
)
def test_what_cannot_be_served_is_reported_with_status_2(
    saved: Path, changes: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ServeCommand(**{"checkpoints": (str(saved),), "port": 0, **changes})
    assert command.run() == 2
    assert words in capsys.readouterr().err


def test_a_port_that_is_taken_is_reported(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listen(0) as taken:
        port = taken.getsockname()[1]
        assert ServeCommand(checkpoints=(str(saved),), port=port).run() == 2
    told = capsys.readouterr().err
    assert f"127.0.0.1:{port} (--port)" in told
    assert "address already in use" in told.lower()


def test_a_server_leaves_no_thread_of_its_own(policies: dict[str, LocalPolicy]) -> None:
    before = set(threading.enumerate())
    with serving(ServedModels([ServedModel.of("low", policies["low"])])) as base:
        assert httpx.get(f"{base}/models", trust_env=False).status_code == 200
    assert set(threading.enumerate()) <= before
