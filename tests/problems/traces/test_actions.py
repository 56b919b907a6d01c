"""States and actions: against an independent replay, and examples worked by hand."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from codefrontier.problems.traces import Action, Event, EventKind, StateTree, Trace, TraceTarget, target_of
from codefrontier.problems.traces.actions import ActionKind, Exit, is_known, state_at


def beside(name: str) -> ModuleType:
    """Import a module of this folder, which is no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


SOURCE = "def f(a):\n    b = g(a) + g(1)\n    return b\ndef g(c):\n    return c\n"


def small_trace() -> Trace:
    """Return the trace of f(0), as worked by hand."""
    rows: list[tuple[EventKind, int, int, dict[str, str | None], str | None]] = [
        (EventKind.CALL, 0, 1, {"a": "0"}, None),  # 0
        (EventKind.LINE, 0, 2, {}, None),  # 1
        (EventKind.CALL, 1, 4, {"c": "0"}, None),  # 2
        (EventKind.LINE, 1, 5, {}, None),  # 3
        (EventKind.RETURN, 1, 5, {}, "0"),  # 4
        (EventKind.CALL, 1, 4, {"c": "1"}, None),  # 5
        (EventKind.LINE, 1, 5, {}, None),  # 6
        (EventKind.RETURN, 1, 5, {}, "1"),  # 7
        (EventKind.LINE, 0, 3, {"b": "1"}, None),  # 8
        (EventKind.RETURN, 0, 3, {}, "1"),  # 9
    ]
    events = tuple(
        Event(kind=kind, depth=depth, line=line, function="fg"[depth], changed=changed, argument=argument)
        for kind, depth, line, changed, argument in rows
    )
    target = TraceTarget(id="small", source=SOURCE, entry="f", arguments="0")
    return Trace(target=target, events=events, end="normal", result="1")


@pytest.mark.parametrize(
    ("state", "action", "target"),
    [
        (0, "step_into", 1),
        (0, "step_over", 1),
        (1, "step_over", 8),
        (1, "step_return", 9),
        (2, "step_return", 4),
        (4, "step_over", 5),  # both calls of the line are on one level
        (4, "step_return", 5),
        (7, "step_over", 8),  # up one level at the end
        (9, "step_over", 10),
        (9, "step_into", 10),
        (0, "breakpoint 5", 3),
        (3, "breakpoint 5", 6),
        (6, "breakpoint 5", 10),
        (0, "breakpoint 4", 10),  # a line that is only called never begins to run
        (3, "continue", 10),
    ],
)
def test_the_actions_lead_where_they_should(state: int, action: str, target: int) -> None:
    assert target_of(StateTree.forward(small_trace()), state, Action.parse(action)) == target


def test_the_inverse_tree_has_a_calling_line_before_and_after_its_calls() -> None:
    tree = StateTree.backward(small_trace())
    assert [(node.kind, node.depth, node.line) for node in tree.nodes] == [
        ("inv_return", 0, 3),
        ("inv_line", 0, 3),
        ("inv_line_call", 0, 2),
        ("inv_return", 1, 5),
        ("inv_line", 1, 5),
        ("inv_call", 1, 4),
        ("inv_return", 1, 5),
        ("inv_line", 1, 5),
        ("inv_call", 1, 4),
        ("inv_line", 0, 2),
        ("inv_call", 0, 1),
    ]
    steps = {
        (2, "inv_step_over"): 9,
        (2, "inv_step_into"): 3,
        (0, "inv_step_call"): 10,
        (3, "inv_step_call"): 5,
        (5, "inv_step_over"): 6,
        (8, "inv_step_over"): 9,
        (10, "inv_step_into"): 11,
    }
    assert {key: target_of(tree, key[0], Action.parse(key[1])) for key in steps} == steps
    assert state_at(tree, 11) == Exit(end="start")


@pytest.mark.parametrize("seed", range(30))
def test_every_action_equals_that_of_an_independent_replay(seed: int) -> None:
    rng = random.Random(seed)
    random_trace, check = beside("random_traces").random_trace, beside("replay").check
    assert sum(check(random_trace(rng)) for _ in range(10)) > 100


def test_what_follows_a_cut_is_not_known() -> None:
    whole = small_trace()
    cut = Trace(target=whole.target, events=whole.events[:4], end="normal", cut="events")
    tree = StateTree.forward(cut)
    assert [is_known(tree, state) for state in (0, 3, 4)] == [True, True, False]
    assert is_known(StateTree.forward(whole), 10)


def test_bad_actions_and_states_are_refused() -> None:
    tree = StateTree.forward(small_trace())
    with pytest.raises(ValueError, match=r"must be in 0..9, got 10"):
        target_of(tree, 10, Action(kind=ActionKind.STEP_INTO))
    with pytest.raises(ValueError, match=r"one of step_into, .* in this tree, got 'inv_step_call'"):
        target_of(tree, 0, Action(kind=ActionKind.INV_STEP_CALL))
    for text in ("jump", "breakpoint", "breakpoint 0", "step_into 3", "breakpoint x"):
        with pytest.raises(ValueError, match="breakpoint"):
            Action.parse(text)
    event = small_trace().events[2]
    with pytest.raises(ValueError, match="event 0 is at depth 1 after depth -1"):
        Trace(target=tree.trace.target, events=(event,), end="normal")
