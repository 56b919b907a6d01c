"""The actions of a debugger, as pure functions from a state of a tree to a later state.

A state is the place of a node in `StateTree.nodes`, or `EXIT`. The actions of the inverse tree are the same
functions of that tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Self

from .trace import End
from .tree import Node, StateTree

State = int
"""Place of a node of a tree; the number of nodes stands for the exit."""


class ActionKind(StrEnum):
    """What a debugger can be asked to do."""

    STEP_INTO = "step_into"
    """Go to the next state."""
    STEP_OVER = "step_over"
    """Go to the next state of the level, or of the level above at its end; never into a call."""
    STEP_RETURN = "step_return"
    """Go to the state in which the function returns, or is left by an exception."""
    BREAKPOINT = "breakpoint"
    """Go to the next state in which a given line is about to run, at any level; else to the exit."""
    CONTINUE = "continue"
    """Go to the exit."""
    INV_STEP_INTO = "inv_step_into"
    """Go to the previous state."""
    INV_STEP_OVER = "inv_step_over"
    """Go to the previous state of the level, or of the level above at its beginning; never into a call."""
    INV_STEP_CALL = "inv_step_call"
    """Go back to the state in which the function was called."""

    @property
    def inverse(self) -> bool:
        """Whether the action goes back in time."""
        return self.value.startswith("inv_")


FORWARD = tuple(kind for kind in ActionKind if not kind.inverse)
BACKWARD = tuple(kind for kind in ActionKind if kind.inverse)
_WRITTEN = re.compile(r"([a-z_]+)(?: ([1-9]\d{0,8}))?")


@dataclass(frozen=True, kw_only=True)
class Action:
    """An action, with the line of a breakpoint.

    Raises:
        ValueError: A breakpoint lacks its line, or another action has one.
    """

    kind: ActionKind
    line: int | None = None

    def __post_init__(self) -> None:
        if (self.line is None) is (self.kind is ActionKind.BREAKPOINT):
            raise ValueError(f"a breakpoint, and no other action, needs a line: {self.kind}, {self.line!r}")
        if self.line is not None and (type(self.line) is not int or self.line < 1):
            raise ValueError(f"the line of a breakpoint must be a whole number from 1, got {self.line!r}")

    def __str__(self) -> str:
        return self.kind.value if self.line is None else f"{self.kind} {self.line}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an action as a user writes it, for example `step_over` or `breakpoint 12`.

        Raises:
            ValueError: The text is no action.
        """
        match = _WRITTEN.fullmatch(text.strip())
        if match is None or match[1] not in set(ActionKind):
            names = ", ".join(ActionKind)
            raise ValueError(
                f"an action must be one of {names}, a breakpoint with its line; got {text!r:.80}"
            )
        return cls(kind=ActionKind(match[1]), line=int(match[2]) if match[2] else None)


@dataclass(frozen=True, kw_only=True)
class Exit:
    """The state after the last event."""

    end: End | Literal["start"]
    """How the program has ended; in an inverse tree `start`, the state before the first event."""


def step_into(tree: StateTree, state: State) -> State:
    """Return the next state."""
    return state + 1


def step_over(tree: StateTree, state: State) -> State:
    """Return the next state that is not deeper."""
    return tree.over[state]


def step_return(tree: StateTree, state: State) -> State:
    """Return the last state of the frame: its return, or the exception by which it is left.

    From that state itself, go up one level as `step_over` does.
    """
    last = state
    following = tree.over[state]
    while following < len(tree) and tree.nodes[following].frame == tree.nodes[state].frame:
        last, following = following, tree.over[following]
    return last if last != state else tree.over[state]


def step_call(tree: StateTree, state: State) -> State:
    """Return the state in which the frame of an inverse tree was called: the last of the frame there."""
    return step_return(tree, state)


def run_to(tree: StateTree, state: State, line: int) -> State:
    """Return the next state in which a line is about to run, or the exit."""
    return next((place for place in tree.line_places.get(line, ()) if place > state), len(tree))


def run_to_exit(tree: StateTree, state: State) -> State:
    """Return the exit."""
    return len(tree)


_TARGETS: Final[Mapping[ActionKind, Callable[[StateTree, State], State]]] = {
    ActionKind.STEP_INTO: step_into,
    ActionKind.STEP_OVER: step_over,
    ActionKind.STEP_RETURN: step_return,
    ActionKind.CONTINUE: run_to_exit,
    ActionKind.INV_STEP_INTO: step_into,
    ActionKind.INV_STEP_OVER: step_over,
    ActionKind.INV_STEP_CALL: step_call,
}


def target_of(tree: StateTree, state: State, action: Action) -> State:
    """Return the state that an action leads to.

    Args:
        tree: The tree; actions that go back in time need an inverse tree.
        state: Place of a node.
        action: The action.

    Raises:
        ValueError: The state is no node of the tree, or the action is one of the other direction.
    """
    if not 0 <= state < len(tree):
        raise ValueError(f"a state to act in must be in 0..{len(tree) - 1}, got {state!r}")
    if action.kind.inverse is not tree.inverse:
        allowed = ", ".join(BACKWARD if tree.inverse else FORWARD)
        raise ValueError(f"the action must be one of {allowed} in this tree, got {str(action)!r}")
    if action.line is not None:
        return run_to(tree, state, action.line)
    return _TARGETS[action.kind](tree, state)


def state_at(tree: StateTree, state: State) -> Node | Exit:
    """Return the node of a state, or the exit.

    Raises:
        ValueError: There is no such state.
    """
    if not 0 <= state <= len(tree):
        raise ValueError(f"a state must be in 0..{len(tree)}, got {state!r}")
    if state < len(tree):
        return tree.nodes[state]
    return Exit(end="start" if tree.inverse else tree.trace.end)


def is_known(tree: StateTree, state: State) -> bool:
    """Whether a state was recorded: the states after a cut, and the exit of a cut trace, were not."""
    return state < len(tree) or tree.inverse or tree.trace.whole
