"""Tools over HTTP, with checkpoints that always write the same reply: calls as real clients see them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import httpx
import pytest

from codefrontier.agents import ModelOptions, agent_factory, rollout
from codefrontier.agents.records import episode_faults

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.serving.conversation import read_reply
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving

    torch.set_num_threads(1)


EnvMaker = Callable[..., gymnasium.Env[str, str]]
SUBMIT = {"code": "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n"}
OWN_FORM = (
    "{% if tools %}TOOLS{% for tool in tools %} {{ tool['function']['name'] }}{% endfor %}{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['role'] == 'tool' %}RESULT {{ message['tool_call_id'] }} {% endif %}"
    "{{ message['content'] }}"
    "{% for call in message['tool_calls'] or [] %}CALL {{ call['function']['name'] }} "
    "{{ call['function']['arguments']['source'] }}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""A chat template that describes tools; it reads arguments as JSON values, as most do."""
TOOL = {
    "type": "function",
    "function": {
        "name": "submit",
        "description": "Submit a program.",
        "parameters": {"type": "object", "properties": {"source": {"type": "string"}}},
    },
}
ASKED: dict[str, Any] = {
    "model": "caller",
    "messages": [{"role": "user", "content": "Solve it."}],
    "tools": [TOOL],
}


@pytest.fixture(scope="module")
def paths(says: Callable[..., Path]) -> dict[str, Path]:
    call = json.dumps({"name": "submit", "arguments": SUBMIT})
    pieces = ["I am ", "sure.\n\n", "<tool_", "call>", call[:20], call[20:], "</tool_call>"]
    broken = ["Well: ", '<tool_call>{"name": "submit", ', '"arguments": {</tool_call>']
    return {
        "caller": says(pieces, name="caller"),
        "own": says(pieces, template=OWN_FORM, name="own"),
        "broken": says(broken, name="broken"),
    }


@pytest.fixture(scope="module")
def models(paths: dict[str, Path]) -> dict[str, ServedModel]:
    return {name: ServedModel.load(name, path) for name, path in paths.items()}


@pytest.fixture(scope="module")
def url(models: dict[str, ServedModel]) -> Iterator[str]:
    with serving(ServedModels(list(models.values()))) as base:
        yield base


def ask(url: str, **body: Any) -> dict[str, Any]:
    answer = httpx.post(f"{url}/chat/completions", json={**ASKED, **body}, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("name", ["caller", "own"])
def test_a_call_in_a_reply_is_a_tool_call(url: str, name: str) -> None:
    [choice] = ask(url, model=name)["choices"]
    [call] = choice["message"]["tool_calls"]
    assert choice["message"]["content"] == "I am sure."
    assert choice["finish_reason"] == "tool_calls"
    assert (call["type"], call["function"]["name"]) == ("function", "submit")
    assert json.loads(call["function"]["arguments"]) == SUBMIT


@pytest.mark.parametrize("changes", [{"tools": []}, {"tool_choice": "none"}, {"model": "broken"}])
def test_without_tools_and_malformed_a_call_stays_text(url: str, changes: dict[str, Any]) -> None:
    [choice] = ask(url, **changes)["choices"]
    assert "tool_calls" not in choice["message"]
    assert "<tool_call>" in choice["message"]["content"]
    assert choice["finish_reason"] == "stop"


@pytest.mark.parametrize("name", ["caller", "own", "broken"])
def test_calls_are_streamed_as_they_are_whole(url: str, name: str) -> None:
    [whole] = ask(url, model=name)["choices"]
    events = httpx.post(
        f"{url}/chat/completions",
        json={**ASKED, "model": name, "stream": True},
        trust_env=False,
        timeout=60,
    ).text.split("\n\n")
    choices = [json.loads(event.removeprefix("data: "))["choices"][0] for event in events[:-2]]
    content = "".join(choice["delta"].get("content", "") for choice in choices)
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls", ())]
    assert content == whole["message"]["content"]
    assert [call["function"] for call in calls] == [
        call["function"] for call in whole["message"].get("tool_calls", ())
    ]
    assert [call["index"] for call in calls] == list(range(len(calls)))
    assert choices[-1]["finish_reason"] == whole["finish_reason"]


def prompt(url: str, model: ServedModel, messages: list[dict[str, Any]]) -> str:
    answer = ask(url, model=model.name, messages=messages, return_token_ids=True, max_tokens=1)
    return str(model.policy.tokenizer.decode(answer["prompt_token_ids"]))


def test_the_template_shows_calls_and_results_in_its_own_form(
    url: str, models: dict[str, ServedModel]
) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "submit", "arguments": '{"source": "1"}'}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "wrong"},
    ]
    assert prompt(url, models["own"], messages) == (
        "TOOLS submit<|im_start|>user\nGo.<|im_end|>\n<|im_start|>assistant\nCALL submit 1<|im_end|>\n"
        "<|im_start|>tool\nRESULT c1 wrong<|im_end|>\n<|im_start|>assistant\n"
    )
    told = prompt(url, models["caller"], messages)
    assert told.startswith("<|im_start|>system\nCall one tool per reply")
    assert '{"name": "submit", "description": "Submit a program.", "parameters"' in told
    assert told.endswith(
        '<|im_start|>assistant\n<tool_call>{"name": "submit", "arguments": {"source": "1"}}</tool_call>'
        "<|im_end|>\n<|im_start|>user\nwrong<|im_end|>\n<|im_start|>assistant\n"
    )
    begun = prompt(url, models["caller"], [{"role": "system", "content": "Be brief."}, *messages])
    assert begun.startswith("<|im_start|>system\nBe brief.\nCall one tool per reply")


FORMS = {
    "hermes": '<tool_call>\n{"name": "submit", "arguments": {"source": "1"}}\n</tool_call>',
    "llama": '{"name": "submit", "parameters": {"source": "1"}}',
    "list": '[{"name": "submit", "arguments": {"source": "1"}}]',
    "fenced": '```json\n{"name": "submit", "arguments": {"source": "1"}}\n```',
    "xml": "<tool_call>\n<function=submit>\n<parameter=source>\n1\n</parameter>\n</function>\n</tool_call>",
    "text arguments": '<tool_call>{"name": "submit", "arguments": "{\\"source\\": \\"1\\"}"}</tool_call>',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", ["", "Now:\n", "<think>\nHm {\n</think>\n\n"])
def test_calls_are_read_in_the_forms_of_models(form: str, before: str) -> None:
    reply = read_reply(before + FORMS[form], [TOOL])
    assert [call["function"] for call in reply.tool_calls] == [
        {"name": "submit", "arguments": '{"source": "1"}'}
    ]
    assert reply.content == (before.strip() or None)


def test_several_calls_are_read_unless_one_is_malformed() -> None:
    twice = FORMS["hermes"] + "\n" + FORMS["hermes"].replace("1", "2")
    assert [json.loads(call["function"]["arguments"]) for call in read_reply(twice, [TOOL]).tool_calls] == [
        {"source": "1"},
        {"source": "2"},
    ]
    assert len(read_reply(twice, [TOOL], parallel=False).tool_calls) == 1
    malformed = twice + "<tool_call>{</tool_call>"
    assert (read_reply(malformed, [TOOL]).content, read_reply(malformed, [TOOL]).tool_calls) == (
        malformed,
        (),
    )


def test_ids_of_calls_differ() -> None:
    twice = FORMS["hermes"] + "\n" + FORMS["hermes"]
    ids = [call["id"] for call in read_reply(twice, [TOOL]).tool_calls]
    assert len(set(ids)) == 2


def test_tools_need_a_chat_template(checkpoint: Path) -> None:
    model = ServedModel.load("caller", checkpoint)
    model.policy.tokenizer.chat_template = None
    with serving(ServedModels([model])) as base:
        answer = httpx.post(f"{base}/chat/completions", json=ASKED, trust_env=False, timeout=20)
    assert (answer.status_code, "no chat template" in answer.text) == (400, True)


def test_the_openai_client_streams_calls_and_log_probs(url: str) -> None:
    openai = pytest.importorskip("openai", reason="the extra agents is not installed")
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        whole = client.chat.completions.create(**ASKED, logprobs=True, top_logprobs=2)
        chunks = list(
            client.chat.completions.create(
                **ASKED, logprobs=True, top_logprobs=2, stream=True, stream_options={"include_usage": True}
            )
        )
        with pytest.raises(openai.BadRequestError, match="tool_choice must be"):
            client.chat.completions.create(**ASKED, tool_choice="required")
        text = client.completions.create(model="caller", prompt="Go.\n", stream=True, logprobs=1)
        pieces = [chunk.choices[0] for chunk in text]
        assert [model.id for model in client.models.list()] == ["caller", "own", "broken"]
    told = whole.choices[0]
    assert json.loads(told.message.tool_calls[0].function.arguments) == SUBMIT
    [call] = [call for chunk in chunks if chunk.choices for call in chunk.choices[0].delta.tool_calls or ()]
    assert json.loads(call.function.arguments) == SUBMIT
    entries = [
        entry
        for chunk in chunks
        if chunk.choices and chunk.choices[0].logprobs
        for entry in chunk.choices[0].logprobs.content
    ]
    assert entries == told.logprobs.content
    assert all(len(entry.top_logprobs) == 2 for entry in entries)
    assert chunks[-1].usage == whole.usage
    assert "".join(piece.text for piece in pieces).startswith("I am sure.\n\n<tool_call>")


def test_the_openai_client_gets_several_choices(url: str) -> None:
    openai = pytest.importorskip("openai", reason="the extra agents is not installed")
    asked = {"model": "caller", "messages": ASKED["messages"], "n": 3, "seed": 1}
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        whole = client.chat.completions.create(**asked)
        chunks = list(client.chat.completions.create(**asked, stream=True))
        calls = client.chat.completions.create(**asked, tools=[TOOL]).choices
    texts = ["", "", ""]
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert [choice.message.content for choice in whole.choices] == texts
    assert [choice.finish_reason for choice in calls] == ["tool_calls"] * 3
    assert len({choice.message.tool_calls[0].id for choice in calls}) == 3


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
def test_litellm_streams_calls_in_an_event_loop(url: str, provider: str) -> None:
    litellm = pytest.importorskip("litellm", reason="the extra agents is not installed")
    how = {
        **ASKED,
        "model": f"{provider}/caller",
        "api_base": url,
        "api_key": "none",
        "stream": True,
        "stream_options": {"include_usage": True},
    }

    async def ask() -> list[Any]:
        return [chunk async for chunk in await litellm.acompletion(**how)]

    async def ask_twice() -> list[list[Any]]:
        return list(await asyncio.gather(ask(), ask()))

    for chunks in asyncio.run(ask_twice()):
        whole = litellm.stream_chunk_builder(chunks, messages=ASKED["messages"])
        [call] = whole.choices[0].message.tool_calls
        assert (whole.choices[0].message.content, call.function.name) == ("I am sure.", "submit")
        assert json.loads(call.function.arguments) == SUBMIT
        assert whole.choices[0].finish_reason == "tool_calls"
        assert whole.usage.completion_tokens == 8


@pytest.mark.sandbox
@pytest.mark.parametrize("stream", [False, True])
def test_litellm_plays_the_three_modes_with_its_defaults(
    paths: dict[str, Path], url: str, make_env: EnvMaker, stream: bool
) -> None:
    factory = agent_factory("litellm:frontier/caller", ModelOptions(api_base=url, stream=stream))
    for mode, turns in {"single": None, "tool": 3, "agentic": 2}.items():
        agent = factory.make()
        episode = rollout(agent, make_env(mode, **({"max_turns": turns} if turns else {})))
        agent.close()
        assert (episode.error, list(episode_faults(episode))) == (None, [])
        assert episode.usage.failures == {}
        if mode == "tool":
            assert (episode.stop_reason, len(episode.steps)) == ("accepted", 1)
            assert episode.judgement is not None
            assert episode.judgement.verdict.accepted
            assert episode.messages[-1]["tool_calls"][0]["function"]["name"] == "submit"
        if mode == "agentic":
            assert episode.stop_reason == "max_turns"
            assert [m["role"] for m in episode.messages[2:]] == ["assistant", "tool", "assistant"]


@pytest.mark.long
@pytest.mark.sandbox
def test_a_benchmark_runs_against_a_server_process(
    paths: dict[str, Path], serve_checkpoints: Any, tmp_path: Path
) -> None:
    with serve_checkpoints(str(paths["caller"])) as url:
        for mode in ("single", "tool", "agentic"):
            run = subprocess.run(
                [
                    *(sys.executable, "-m", "codefrontier", "bench", "--env", f"Classics-{mode}"),
                    *("--agent", "litellm:frontier/caller", "--api-base", url),
                    *("--limit", "1", "--out", str(tmp_path / mode)),
                    *(() if mode == "single" else ("--max-turns", "2")),
                ],
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )
            assert run.returncode == 0, run.stdout + run.stderr
            assert "not served" not in run.stdout + run.stderr
