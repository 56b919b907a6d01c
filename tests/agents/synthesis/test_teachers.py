"""Teachers: scripted, and models behind an HTTP server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import AgentError, ModelOptions, make_agent, rollout
from codefrontier.agents.synthesis.command import SynthesizeCommand
from codefrontier.agents.synthesis.conversation import SYSTEM
from codefrontier.agents.synthesis.seeds import open_seeds
from codefrontier.agents.synthesis.teachers import FamiliesTeacher, make_teacher
from codefrontier.problems.synthesis import parse_proposal

FIRST = "Seed: families/pair-sums-lt-id-all-r\n\nWrite.\nTarget pass rate: 0.350 to 0.650."


def proposal(number: int) -> str:
    inputs = json.dumps([[value] for value in range(6)])
    return (
        f"TITLE: Multiply by {number}\nSTATEMENT:\nReturn {number} times the number. {'abc ' * number}\n"
        f"FUNCTION:\n```python\ndef f(n):\n    return n * {number} + {number}\n```\nINPUTS:\n{inputs}\n"
    )


def said(content: str) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}


def failed(status: int, message: str) -> dict[str, Any]:
    return {"status": status, "headers": {}, "error": {"message": message, "type": "test"}}


def words_of(code: str) -> int:
    return len(code.split())


def user(content: str) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_the_scripted_teacher_reads_rates_and_targets_from_the_conversation() -> None:
    teacher = FamiliesTeacher()
    first = teacher.reply([user(FIRST)], sample=0)
    assert teacher.reply([user(FIRST)], sample=0) == first
    for told, shorter in (("Pass rate: 0.000 (0 of 4", True), ("Pass rate: 1.000 (4 of 4", False)):
        conversation = [
            user(FIRST),
            {"role": "assistant", "content": first.text},
            user(f"{told} attempts).\n\nTarget pass rate: 0.350 to 0.650."),
        ]
        following = parse_proposal(teacher.reply(conversation, sample=1).text)
        assert (words_of(following.code) < words_of(parse_proposal(first.text).code)) is shorter


def test_the_scripted_teacher_takes_any_seed() -> None:
    for name in ("records/3/pair-sums-lt-id-all-r", "sub/file.py:12"):
        told = FIRST.replace("families/pair-sums-lt-id-all-r", name)
        parse_proposal(FamiliesTeacher().reply([user(told)], sample=0).text)


@pytest.mark.parametrize("spec", ["scripted:nobody", "reference", "nonsense"])
def test_what_is_no_teacher_is_refused(spec: str) -> None:
    with pytest.raises(AgentError, match=r"teacher|unknown agent"):
        make_teacher(spec)


def test_a_model_gets_the_whole_conversation(chat_server: Any) -> None:
    pytest.importorskip("litellm", reason="the extra agents is not installed")
    chat_server.script = [said("first"), said("second")]
    teacher = make_teacher("litellm:openai/m", ModelOptions(api_base=chat_server.api_base, model_seed=5))
    assert teacher.reply([user("a")], sample=0).text == "first"
    conversation = [user("a"), {"role": "assistant", "content": "first"}, user("b")]
    reply = teacher.reply(conversation, sample=1)
    assert (reply.text, reply.usage.prompt_tokens) == ("second", 11)
    assert chat_server.requests[1]["messages"] == [{"role": "system", "content": SYSTEM}, *conversation]
    assert [request["seed"] for request in chat_server.requests] == [5, 6]


def test_a_policy_gets_the_conversation_as_one_message(says: Callable[..., Path]) -> None:
    teacher = make_teacher(f"policy:{says(['word'])}", ModelOptions(max_completion_tokens=4))
    conversation = [user("a"), {"role": "assistant", "content": "first"}, user("b")]
    assert "word" in teacher.reply(conversation, sample=1).text
    assert "word" in teacher.reply(conversation[:1], sample=0).text


@pytest.mark.sandbox
def test_the_command_synthesizes_with_a_model_over_http(
    chat_server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("litellm", reason="the extra agents is not installed")
    chat_server.models = [{"id": "teacher", "object": "model"}]
    chat_server.script = [said(proposal(2)), failed(503, "busy"), said("no problem"), said(proposal(3))]
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "snippet.py").write_text("total = 0\nfor n in range(9):\n    total += n\n")
    words = [
        *("--out", str(tmp_path / "out"), "--seeds", f"folder:{tmp_path / 'code'}"),
        *("--teacher", "litellm:openai/teacher", "--teacher.api-base", chat_server.api_base),
        *("--teacher.retry-wait-s", "0", "--teacher.price-usd", "1", "2"),
        *("--student", "reference", "--attempts", "2", "--turns", "3", "--keep", "0", "1", "--json"),
    ]
    command = SynthesizeCommand.parse(words, prog="synthesize")
    assert command.run() == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["requests"], summary["kept"], summary["attempts"]) == (3, 2, 4)
    assert summary["rejected"] == {"format": 1}
    assert summary["teacher_usage"]["failures"] == {"server_error": 1}
    assert summary["teacher_usage"]["cost_usd"] == pytest.approx(3 * (11 + 2 * 7) / 1e6)
    assert "for n in range(9):" in chat_server.requests[0]["messages"][1]["content"]
    assert chat_server.requests[3]["messages"][-1]["content"].startswith("Rejected: format.")
    assert command.run() == 0, "a finished run needs no server"
    assert len(chat_server.requests) == 4


@pytest.mark.sandbox
def test_seeds_from_records_are_accepted_programs(
    make_env: Callable[..., Any], records: Callable[..., Path]
) -> None:
    env = make_env("single")
    names = ("reference", "wrong", "reference")
    episodes = [rollout(make_agent(name), env, sample=place) for place, name in enumerate(names)]
    [seed] = open_seeds((f"records:{records(episodes)}",)).seeds
    assert (seed.name, seed.code) == ("records/0/number-sum", episodes[0].submission)
    with pytest.raises(AgentError, match="no accepted program"):
        list(open_seeds((f"records:{records(episodes[1:2], 'wrong.jsonl')}",)).seeds)


@pytest.mark.parametrize("specs", [(), ("nowhere",)])
def test_seeds_of_another_kind_are_refused(specs: tuple[str, ...]) -> None:
    with pytest.raises(AgentError, match="families:SPLIT:COUNT:SEED"):
        open_seeds(specs)
