"""The trace language: printer and parser undo each other, and say what is wrong."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codefrontier.problems.traces import (
    Action,
    Event,
    EventKind,
    Exit,
    Frame,
    StateTree,
    Trace,
    TraceTarget,
    Transcript,
    Walk,
    forward_policy,
    frame_of,
    inverse_policy,
    parse_frame,
    parse_transcript,
    print_frame,
    transition_rows,
    walk,
    walk_rows,
)
from codefrontier.problems.traces.actions import target_of
from codefrontier.problems.traces.language import MARKERS, escape, print_action, print_transcript, unescape
from codefrontier.problems.traces.policy import DataPolicy

SOURCE = "def f(a):\n    b = a + 1\n    b = b * 2\n    return b\n"
NASTY = st.text(alphabet='<|\\>line"{}. \n', max_size=20) | st.text(max_size=10)


def trace() -> Trace:
    """Return the trace of f(1)."""
    changes: list[tuple[EventKind, int, dict[str, str | None], str | None]] = [
        (EventKind.CALL, 1, {"a": "1"}, None),
        (EventKind.LINE, 2, {}, None),
        (EventKind.LINE, 3, {"b": "2"}, None),
        (EventKind.LINE, 4, {"b": "4"}, None),
        (EventKind.RETURN, 4, {}, "4"),
    ]
    events = tuple(
        Event(kind=kind, depth=0, line=line, function="f", changed=changed, argument=argument)
        for kind, line, changed, argument in changes
    )
    return Trace(
        target=TraceTarget(id="t", source=SOURCE, entry="f", arguments="1"), events=events, end="normal"
    )


def walked(*texts: str, inverse: bool = False) -> Transcript:
    return made(*texts, inverse=inverse).transcript


def made(*texts: str, inverse: bool = False) -> Walk:
    tree = StateTree.backward(trace()) if inverse else StateTree.forward(trace())
    actions = tuple(map(Action.parse, texts))
    states = [0]
    for action in actions:
        states.append(target_of(tree, states[-1], action))
    return Walk(tree=tree, states=tuple(states), actions=actions)


def test_a_walk_is_written_as_the_documentation_says() -> None:
    text = print_transcript(walked("step_into", "step_over", "step_into", "step_return", "continue"))
    assert text == (
        "<|trace|><|context|>def f(a):  # START_OF_TRACE\n    b = a + 1\n    b = b * 2\n    return b\n"
        '<|frame|><|call|><|source|>def f(a):<|argument|>{"a": "1"}<|action|><|step_into|>'
        '<|frame|><|line|><|argument|>{"a": "1"}<|source|>    b = a + 1<|action|><|step_over|>'
        '<|frame|><|line|><|argument|>{"b": "2", "..": ""}<|source|>    b = b * 2<|action|><|step_into|>'
        '<|frame|><|line|><|argument|>{"b": "4", "..": ""}<|source|>    return b<|action|><|step_return|>'
        '<|frame|><|return|><|source|>    return b<|argument|>"4"<|action|><|continue|>'
        "<|frame|><|exit|>normal<|trace_end|>"
    )


def test_all_variables_are_written_after_a_breakpoint_and_at_an_inverse_call() -> None:
    assert walked("step_into", "breakpoint 4").frames[-1].locals == {"a": "1", "b": "4"}
    back = walked("inv_step_into", "inv_step_into", "inv_step_call", "inv_step_into", inverse=True).frames
    assert [frame.kind for frame in back] == ["inv_return", "inv_line", "inv_line", "inv_call", "exit"]
    # A variable that is gone cannot be written as a change, so all are written.
    assert (back[2].locals, back[2].partial) == ({"b": "2"}, True)
    assert (back[3].locals, back[3].partial) == ({"a": "1"}, False)


@given(NASTY)
def test_escaping_is_undone_and_leaves_no_marker(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not any(marker in escape(text) for marker in MARKERS)


@settings(max_examples=60, deadline=None)
@given(
    NASTY, st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), NASTY, max_size=3), NASTY, st.booleans()
)
def test_whatever_is_printed_is_parsed_back(
    source: str, variables: dict[str, str], value: str, partial: bool
) -> None:
    frames = (
        Frame(kind="line", source=source, locals=variables, partial=partial),
        Frame(kind="inv_line_call", source=source, locals=variables),
        Frame(kind="call", source=source, locals=variables),
        Frame(kind="inv_exception", source=source, argument=value),
        Frame(kind="exit", source="never"),
    )
    for frame in frames:
        assert parse_frame(print_frame(frame)) == frame
    actions = tuple(Action.parse(text) for text in ("step_over", "breakpoint 3", "inv_step_call", "continue"))
    transcript = Transcript(code=source, frames=frames, actions=actions)
    assert parse_transcript(print_transcript(transcript)) == transcript


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected <|frame|>, got ''"),
        ("<|frame|><|step_into|>", "the marker of an event"),
        ("<|frame|><|line|><|source|>x", "expected <|argument|>, got '<|source|>'"),
        ("<|frame|><|line|><|argument|>{<|source|>x", "no JSON: '{'"),
        ('<|frame|><|line|><|argument|>{"a": 1}<|source|>x', "an object of texts"),
        ('<|frame|><|return|><|source|>x<|argument|>{"a": "1"}', "wrong fields"),
        ('<|frame|><|call|><|source|>x<|argument|>"1"', "wrong fields"),
        ("<|frame|><|exit|>maybe", "must be one of normal, error, never, start"),
        ("<|frame|><|exit|>normal<|frame|>", "expected the end"),
    ],
)
def test_what_is_no_state_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("|", r"\|").replace("{", r"\{")):
        parse_frame(text)


def test_rows_have_each_state_once_as_a_reply() -> None:
    walked_over = made("step_into", "step_over", "continue")
    transcript = walked_over.transcript
    (row,) = walk_rows(walked_over)
    assert [message["role"] for message in row["messages"]] == ["user", "assistant"] * 3
    whole = "".join(message["content"] for message in row["messages"]) + "<|trace_end|>"
    assert whole == print_transcript(transcript)
    rows = list(transition_rows(walked_over))
    assert [each["messages"][1] for each in rows] == [row["messages"][place] for place in (1, 3, 5)]
    assert all(each["messages"][0]["content"].startswith("<|trace|>") for each in rows)
    assert rows[1]["messages"][0]["content"].endswith(print_action(Action.parse("step_over")))
    # The state that is read is whole, although only its changes were written in the walk.
    assert '{"a": "1", "b": "2"}' in rows[2]["messages"][0]["content"]
    assert '{"b": "2", "..": ""}' in rows[1]["messages"][1]["content"]
    assert list(walk_rows(made())) == []


def test_the_first_row_of_the_policy_is_divided_by_its_sum() -> None:
    first, second = forward_policy().probabilities
    assert {str(kind): round(share, 4) for kind, share in first.items()} == {
        "step_into": 0.4375,
        "step_over": 0.125,
        "step_return": 0.25,
        "breakpoint": 0.125,
        "continue": 0.0625,
    }
    assert sum(first.values()) == pytest.approx(1)
    assert set(second.values()) == {0.5}
    for mixture in (forward_policy(), inverse_policy()):
        drawn = [mixture.draw_policy(random.Random(seed)) is mixture.policies[0] for seed in range(400)]
        assert 160 < sum(drawn) < 240
    with pytest.raises(ValueError, match="weights must be at least 0"):
        DataPolicy(policies=({},))


def test_walks_end_at_the_exit_and_equal_seeds_give_equal_walks() -> None:
    for tree, policy in (
        (StateTree.forward(trace()), forward_policy()),
        (StateTree.backward(trace()), inverse_policy()),
    ):
        walks = [walk(tree, policy, random.Random(seed)) for seed in range(50)]
        assert all(made.states[-1] == len(tree) for made in walks)
        assert walks == [walk(tree, policy, random.Random(seed)) for seed in range(50)]
        kinds = {action.kind for made in walks for action in made.actions}
        assert kinds == set(policy.policies[0])


def test_a_walk_stops_before_what_was_not_recorded() -> None:
    whole = trace()
    for end, last in (("normal", {"line"}), ("never", {"line", "exit"})):
        cut = Trace(target=whole.target, events=whole.events[:3], end=end, cut="events")  # type: ignore[arg-type]
        tree = StateTree.forward(cut)
        frames = [walk(tree, forward_policy(), random.Random(seed)).transcript.frames for seed in range(60)]
        assert {each[-1].kind for each in frames} <= last | {"call"}
        assert {each[-1].source for each in frames if each[-1].kind == "exit"} <= {"never"}


def test_the_first_state_of_a_frame_shows_every_variable() -> None:
    tree = StateTree.forward(trace())
    assert frame_of(trace(), tree.nodes[2]) == Frame(
        kind="line", source="    b = b * 2", locals={"a": "1", "b": "2"}
    )
    assert frame_of(trace(), Exit(end="never")) == Frame(kind="exit", source="never")
    assert len(list(islice(tree.nodes, 9))) == 5
