"""An independent replay of a trace: nested lists made of the flat events, and actions that walk along them.

It shares nothing with the package. `check` compares every action at every state.
"""

from __future__ import annotations

from typing import Any

from codefrontier.problems.traces import Action, StateTree, Trace, target_of
from codefrontier.problems.traces.actions import BACKWARD, FORWARD

Item = list[Any]  # [kind, place of the event, items below, list that it is in, item above]


def nested(trace: Trace) -> list[Item]:
    """Return the items of the first level."""
    top: list[Item] = []
    levels = [top]
    for place, event in enumerate(trace.events):
        while len(levels) > event.depth + 1:
            levels.pop()
        if len(levels) < event.depth + 1:
            levels.append(levels[-1][-1][2])
        level = levels[-1]
        above = levels[-2][-1] if len(levels) > 1 else None
        level.append([str(event.kind), place, [], level, above])
    return top


def preorder(level: list[Item]) -> list[Item]:
    return [each for item in level for each in (item, *preorder(item[2]))]


def inverted(level: list[Item], above: Item | None = None) -> list[Item]:
    """Return the same level backwards; an item with calls is there before and after them."""
    made: list[Item] = []
    for kind, place, below, _, _ in reversed(level):
        if below:
            caller: Item = ["inv_line_call", place, [], made, above]
            caller[2] = inverted(below, caller)
            made.append(caller)
        made.append([f"inv_{kind}", place, [], made, above])
    return made


def position(item: Item) -> int:
    return next(place for place, each in enumerate(item[3]) if each is item)


def over(item: Item) -> Item | None:
    """Return the next item of the level; at its end that of the level above."""
    here: Item | None = item
    while here is not None:
        following = position(here) + 1
        if following < len(here[3]):
            return here[3][following]  # type: ignore[no-any-return]
        here = here[4]
    return None


def frame_ends(item: Item, *, back: bool) -> bool:
    """Whether the item is the last of its frame on its level."""
    if back:
        return str(item[0]) == "inv_call"
    following = position(item) + 1
    return following == len(item[3]) or item[3][following][0] == "call"


def to_frame_end(item: Item, *, back: bool) -> Item | None:
    if frame_ends(item, back=back):
        return over(item)
    while not frame_ends(item, back=back):
        item = item[3][position(item) + 1]
    return item


def expected(items: list[Item], state: int, action: Action, trace: Trace) -> int:
    item = items[state]
    found: Item | None
    name = str(action.kind).removeprefix("inv_")
    if name == "step_into":
        return state + 1
    if name == "continue":
        return len(items)
    if name == "breakpoint":
        for later in range(state + 1, len(items)):
            if items[later][0] == "line" and trace.events[items[later][1]].line == action.line:
                return later
        return len(items)
    found = over(item) if name == "step_over" else to_frame_end(item, back=name == "step_call")
    return len(items) if found is None else next(n for n, each in enumerate(items) if each is found)


def variables(trace: Trace, place: int) -> dict[str, str]:
    """Return the variables at an event, from the call of its frame on."""
    depth = trace.events[place].depth
    start = place
    while not (trace.events[start].depth == depth and trace.events[start].kind == "call"):
        start -= 1
    known: dict[str, str] = {}
    for event in trace.events[start : place + 1]:
        if event.depth == depth:
            known |= {name: text for name, text in event.changed.items() if text is not None}
            for name in [name for name, text in event.changed.items() if text is None]:
                known.pop(name, None)
    return known


def check(trace: Trace) -> int:
    """Compare all states and all targets of all actions; return the number of targets."""
    compared = 0
    forward, backward = nested(trace), inverted(nested(trace))
    for tree, items, kinds in (
        (StateTree.forward(trace), preorder(forward), FORWARD),
        (StateTree.backward(trace), preorder(backward), BACKWARD),
    ):
        assert [node.kind for node in tree.nodes] == [item[0] for item in items]
        for state, (node, item) in enumerate(zip(tree.nodes, items, strict=True)):
            event = trace.events[item[1]]
            assert (node.line, node.depth, dict(node.locals)) == (
                event.line,
                event.depth,
                variables(trace, item[1]),
            )
            above = tree.parents[state]
            assert (None if above is None else items[above]) is item[4]
            lines = range(1, 7) if "breakpoint" in kinds else ()
            actions = [Action(kind=kind) for kind in kinds if kind != "breakpoint"]
            actions += [Action(kind=kinds[kinds.index("breakpoint")], line=line) for line in lines]
            for action in actions:
                assert target_of(tree, state, action) == expected(items, state, action, trace), (
                    state,
                    action,
                )
                compared += 1
    return compared
