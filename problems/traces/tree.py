"""The state tree of a trace: each state is an event, and the states of a call are below the calling line.

The tree is kept as a list of nodes in the order of execution. A node's depth is that of the call stack, and
its parent is the last node before it that is one level higher: the line that has made the call.

The inverse tree has the same states in the opposite order. A line that has made calls is in it twice: as
`inv_line_call` before the states of its calls, which are below that node, and as `inv_line` after them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .trace import EventKind, Trace

LINE_CALL = "inv_line_call"
INVERSE = "inv_"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A state: the program before or after an event."""

    kind: str
    """`call`, `line`, `return`, `exception`; in an inverse tree `inv_call` ..., and `inv_line_call`."""
    depth: int
    line: int
    function: str
    locals: Mapping[str, str] = field(repr=False)
    """Texts of all variables of the frame."""
    argument: str | None = None
    """Text of the value that is returned or of the exception."""
    frame: int = 0
    """Number of the frame, by the order of calls; equal for the states of one call."""

    @property
    def event(self) -> str:
        """The kind without `inv_`."""
        return self.kind.removeprefix(INVERSE)


@dataclass(frozen=True, kw_only=True)
class StateTree:
    """The states of a run in the order in which `step_into` or `inv_step_into` visits them."""

    trace: Trace = field(repr=False)
    nodes: Sequence[Node] = field(repr=False)
    inverse: bool = False

    @classmethod
    def forward(cls, trace: Trace) -> StateTree:
        """Return the tree of a trace.

        Raises:
            ValueError: The trace has no events.
        """
        return cls(trace=trace, nodes=tuple(_states(trace)))

    @classmethod
    def backward(cls, trace: Trace) -> StateTree:
        """Return the inverse tree of a trace.

        Raises:
            ValueError: The trace has no events.
        """
        return cls(trace=trace, nodes=tuple(_inverted(_states(trace))), inverse=True)

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def parents(self) -> tuple[int | None, ...]:
        """Place of each node's parent; None for the states of the first frame."""
        last: list[int] = []
        found: list[int | None] = []
        for place, node in enumerate(self.nodes):
            found.append(last[node.depth - 1] if node.depth else None)
            last[node.depth :] = [place]
        return tuple(found)

    @cached_property
    def over(self) -> tuple[int, ...]:
        """Place of the next node that is not deeper than each node; the number of nodes if there is none."""
        found = [len(self.nodes)] * len(self.nodes)
        waiting: list[int] = []
        for place, node in enumerate(self.nodes):
            while waiting and self.nodes[waiting[-1]].depth >= node.depth:
                found[waiting.pop()] = place
            waiting.append(place)
        return tuple(found)

    @cached_property
    def line_places(self) -> Mapping[int, tuple[int, ...]]:
        """Places of the states in which a line is about to run, by line."""
        found: dict[int, list[int]] = {}
        for place, node in enumerate(self.nodes):
            if node.event == EventKind.LINE:
                found.setdefault(node.line, []).append(place)
        return {line: tuple(places) for line, places in found.items()}


def _states(trace: Trace) -> list[Node]:
    if not trace.events:
        raise ValueError(f"the trace of {trace.target.id!r} has no events")
    frames: list[int] = []
    views: list[dict[str, str]] = []
    count = 0
    nodes = []
    for event in trace.events:
        if event.kind is EventKind.CALL:
            frames[event.depth :], views[event.depth :] = [count], [{}]
            count += 1
        else:
            del frames[event.depth + 1 :], views[event.depth + 1 :]
        view = dict(views[-1])
        for name, text in event.changed.items():
            if text is None:
                view.pop(name, None)
            else:
                view[name] = text
        views[-1] = view
        nodes.append(
            Node(
                kind=event.kind.value,
                depth=event.depth,
                line=event.line,
                function=event.function,
                locals=view,
                argument=event.argument,
                frame=frames[-1],
            )
        )
    return nodes


def _inverted(nodes: Sequence[Node]) -> list[Node]:
    """Return the states in opposite order, each calling line also before the states of its calls."""
    found: list[Node] = []
    calling: set[int] = set()
    last: list[int] = []
    parent_of: list[int | None] = []
    for place, node in enumerate(nodes):
        parent_of.append(last[node.depth - 1] if node.depth else None)
        last[node.depth :] = [place]
    for place in range(len(nodes) - 1, -1, -1):
        node, parent = nodes[place], parent_of[place]
        # Every state deeper than the ones after it is entered through the lines that have called it.
        chain = []
        while parent is not None and parent not in calling:
            chain.append(parent)
            parent = parent_of[parent]
        for each in reversed(chain):
            calling.add(each)
            found.append(_renamed(nodes[each], LINE_CALL))
        found.append(_renamed(node, INVERSE + node.kind))
    return found


def _renamed(node: Node, kind: str) -> Node:
    return Node(
        kind=kind,
        depth=node.depth,
        line=node.line,
        function=node.function,
        locals=node.locals,
        argument=node.argument,
        frame=node.frame,
    )
