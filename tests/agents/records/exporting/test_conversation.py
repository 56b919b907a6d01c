from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codefrontier.agents import EpisodeRecord
from codefrontier.agents.records.exporting.conversation import conversation_of, text_of

EpisodeMaker = Callable[..., EpisodeRecord]


def test_native_calls_get_their_steps_and_results(native_tools: EpisodeRecord) -> None:
    conversation = conversation_of(native_tools)
    assert conversation.messages == list(native_tools.messages)
    first, second = conversation.turns
    assert [(call.id, call.name, call.arguments, call.result) for call in first.calls] == [
        ("c1", "run_samples", {"code": "x"}, "1 of 2 samples passed."),
        ("c2", "python", {"code": "y"}, "out"),
    ]
    assert (len(first.steps), len(second.steps)) == (2, 1)
    assert [call.result for call in second.calls] == ["Submitted. Verdict: AC."]
    assert (first.usage.requests, first.finish_reason) == (1, "tool_calls")


def test_calls_are_read_from_text_unless_the_environment_could_not(text_tools: EpisodeRecord) -> None:
    first, second = conversation_of(text_tools).turns
    assert [(call.id, call.name, call.result) for call in first.calls] == [("call-1", "python", "1")]
    assert (second.calls, second.observation) == ((), "No tool call.")


def test_a_call_after_the_end_of_the_episode_has_no_result(native_tools: EpisodeRecord) -> None:
    cut = replace(native_tools, steps=native_tools.steps[:1], messages=native_tools.messages[:4])
    (turn,) = conversation_of(cut).turns
    assert [(call.name, call.result) for call in turn.calls] == [
        ("run_samples", "1 of 2 samples passed."),
        ("python", None),
    ]


def test_without_messages_the_conversation_is_made_of_the_steps(text_tools: EpisodeRecord) -> None:
    bare = replace(text_tools, messages=())
    assert conversation_of(bare).messages == list(text_tools.messages)
    system = {"role": "system", "content": "Be brief."}
    partly = replace(text_tools, messages=(system, *text_tools.messages[:1], {"role": "assistant"}))
    assert conversation_of(partly).messages == [system, *text_tools.messages]


def test_a_single_reply_has_no_calls(episode: EpisodeMaker) -> None:
    (turn,) = conversation_of(episode("AC")).turns
    assert (turn.calls, turn.text, turn.observation) == ((), "print(1)", "Submitted ≤")


def test_the_parts_of_a_content_are_one_text() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "image_url", "image_url": {"url": "x"}}]
    assert text_of({"role": "user", "content": parts}) == (
        'one\n{"type": "image_url", "image_url": {"url": "x"}}'
    )
