"""The command of each vLLM server, and how it describes tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.agents import AgentError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.checkpoint import identify
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.agents.serving.conversation import prompt_of
    from codefrontier.agents.serving.fleet.plan import FleetSettings, plan_fleet
    from codefrontier.agents.serving.fleet.tool_calls import tool_calls_of
    from codefrontier.agents.serving.protocol import ChatRequest

TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "submit",
        "description": 'Submit a program; "quotes", <tags> & $dollars.',
        "parameters": {"type": "object", "properties": {"source": {"type": "string"}}},
    },
}
CALL = {"id": "c1", "type": "function", "function": {"name": "submit", "arguments": '{"source": "π\\n"}'}}
TALKS: dict[str, list[dict[str, Any]]] = {
    "begin": [{"role": "user", "content": "Go."}],
    "system": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Go."}],
    "result": [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": "Now:", "tool_calls": [CALL, CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "wrong"},
    ],
    "no text": [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "wrong"},
    ],
}


def value(words: tuple[str, ...], flag: str) -> str:
    return words[words.index(flag) + 1]


def test_each_checkpoint_has_a_server_of_its_own(pair: dict[str, Path]) -> None:
    settings = FleetSettings(python="/env/bin/python", port=9100, more=("--enforce-eager",))
    low, high = plan_fleet(pair, settings)
    assert low.words[:3] == ("/env/bin/python", "-m", "vllm.entrypoints.openai.api_server")
    assert [value(each.words, "--model") for each in (low, high)] == [str(pair["low"]), str(pair["high"])]
    assert [value(each.words, "--served-model-name") for each in (low, high)] == ["low", "high"]
    assert [value(each.words, "--port") for each in (low, high)] == ["9100", "9101"]
    assert high.api_base == "http://127.0.0.1:9101/v1"
    assert value(low.words, "--host") == "127.0.0.1"
    assert value(low.words, "--dtype") == low.dtype == "float32"
    assert value(low.words, "--logprobs-mode") == "processed_logprobs"
    assert value(low.words, "--generation-config") == "vllm"
    assert value(low.words, "--gpu-memory-utilization") == "0.450"
    assert "--enable-prefix-caching" in low.words
    assert low.words[-1] == "--enforce-eager"
    [relative] = plan_fleet({"low": pair["low"]}, FleetSettings(python="env/bin/python"))
    assert relative.words[0] == str(Path.cwd() / "env/bin/python")
    [looked_up] = plan_fleet({"low": pair["low"]}, FleetSettings())
    assert looked_up.words[0] == "python"
    assert low.digest == identify(pair["low"]).digest != high.digest


def test_gpus_are_taken_in_turn_and_shared_only_if_there_are_too_few(pair: dict[str, Path]) -> None:
    low, high = plan_fleet(pair, FleetSettings(gpus=(2, 5)))
    assert [low.gpu, high.gpu] == [2, 5]
    assert "--gpu-memory-utilization" not in low.words
    three = {**pair, "more": pair["low"]}
    assert [each.gpu for each in plan_fleet(three, FleetSettings(gpus=(1, 0)))] == [1, 0, 1]


def test_the_precision_is_that_of_the_stored_weights(pair: dict[str, Path], tmp_path: Path) -> None:
    import torch

    policy = LocalPolicy.load(pair["low"])
    policy.model.to(torch.bfloat16).save_pretrained(tmp_path / "half")
    policy.tokenizer.save_pretrained(tmp_path / "half")
    [half] = plan_fleet({"half": tmp_path / "half"}, FleetSettings())
    assert half.dtype == value(half.words, "--dtype") == "bfloat16"
    [given] = plan_fleet({"half": tmp_path / "half"}, FleetSettings(dtype="float16", max_model_len=77))
    assert (given.dtype, value(given.words, "--max-model-len")) == ("float16", "77")
    config = json.loads((tmp_path / "half" / "config.json").read_text())
    config["dtype"] = "float64"
    (tmp_path / "half" / "config.json").write_text(json.dumps(config))
    with pytest.raises(AgentError, match=r"must be one of float32, bfloat16, float16, got 'float64'"):
        plan_fleet({"half": tmp_path / "half"}, FleetSettings())
    del config["dtype"]
    (tmp_path / "half" / "config.json").write_text(json.dumps(config))
    with pytest.raises(AgentError, match="does not say the precision of the weights: give --dtype"):
        plan_fleet({"half": tmp_path / "half"}, FleetSettings())


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("a/b", {}, "'a/b' cannot be a name"),
        ("low", {"port": 0}, r"port must be in \[1, 65535\], got 0"),
        ("low", {"max_model_len": 0}, "max_model_len must be at least 1, got 0"),
        ("low", {"gpus": (-1,)}, "gpus must be numbers from 0"),
    ],
)
def test_what_cannot_be_served_is_named(
    pair: dict[str, Path], name: str, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(AgentError, match=words):
        plan_fleet({name: pair["low"]}, FleetSettings(**settings))


def test_ports_must_suffice(pair: dict[str, Path]) -> None:
    with pytest.raises(AgentError, match="2 servers need ports from 65535 on"):
        plan_fleet(pair, FleetSettings(port=65535))


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize(
    "tools", [[], [TOOL], [TOOL, {**TOOL, "function": {**TOOL["function"], "name": "run"}}]]
)
def test_vllm_reads_the_tokens_that_our_server_reads(
    checkpoint: Path, talk: str, tools: list[dict[str, Any]]
) -> None:
    policy = LocalPolicy.load(checkpoint)
    asked = ChatRequest.model_validate({"model": "m", "messages": TALKS[talk], "tools": tools})
    expected = prompt_of(asked, policy)
    how = tool_calls_of(policy)
    assert how.parser == "hermes"
    policy.tokenizer.chat_template = how.chat_template
    # vLLM parses the arguments of earlier calls, and leaves unset fields of tools as None.
    messages = json.loads(json.dumps(TALKS[talk]))
    for message in messages:
        for call in message.get("tool_calls", ()):
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    told = [{**tool, "function": {**tool["function"], "strict": None}} for tool in tools]
    assert policy.prompt_ids(messages, tools=told) == expected


@pytest.mark.parametrize(
    ("form", "parser"),
    [
        ("<tool_call>{{ call }}</tool_call>", "hermes"),
        ("<tool_call><function={{ name }}>", "qwen3_coder"),
        ("<|python_tag|>{{ call }}", "llama3_json"),
        ("[TOOL_CALLS] {{ calls }}", "mistral"),
        ("some other form", ""),
    ],
)
def test_the_parser_suits_the_chat_template(says: Callable[..., Path], form: str, parser: str) -> None:
    template = (
        "{% for message in messages %}{% if message['role'] == 'tool' %}result{% endif %}{% endfor %}"
        "{% if tools %}" + form + "{% endif %}"
    )
    policy = LocalPolicy.load(says(["x"], template=template))
    how = tool_calls_of(policy)
    assert (how.parser, how.chat_template) == (parser, "")
    assert ("no parser of vLLM is known" in how.note) == (parser == "")
    assert tool_calls_of(policy, "mine").parser == "mine"
    assert tool_calls_of(policy, "none").parser == ""


def test_without_a_chat_template_there_are_no_tools(checkpoint: Path) -> None:
    policy = LocalPolicy.load(checkpoint)
    policy.tokenizer.chat_template = None
    how = tool_calls_of(policy)
    assert (how.parser, how.note) == ("", "no tools, since there is no chat template")
