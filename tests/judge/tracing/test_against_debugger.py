"""Actions on recorded traces lead where the debugger of the agentic mode stops, with the same variables."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice

import pytest

from codefrontier.judge import Judge, Workspace
from codefrontier.judge.tracing import record
from codefrontier.problems.traces import Action, ActionKind, StateTree, TraceTarget, family_rows, target_of

pytestmark = pytest.mark.sandbox
CALLS = """\
def f(n):
    if n < 2:
        return n
    a = f(n - 1)
    return a + f(n - 2)

def g(x):
    if x == 1:
        raise ValueError(x)
    return x

total = 0
for n in range(3):
    total += f(n) + 1
    try:
        total += g(n)
    except ValueError:
        total -= 1
print(total)
"""


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


def programs() -> list[str]:
    rows = list(islice(family_rows(5, bug_share=0.3), 3))
    return [CALLS, *(f"{row.code}print(f({row.input}))\n" for row in rows)]


def next_line(tree: StateTree, state: int) -> int:
    """Return the first state from here on in which the debugger stops: a line about to run."""
    while state < len(tree) and tree.nodes[state].kind != "line":
        state += 1
    return state


def over_to_line(tree: StateTree, state: int) -> int:
    """Return the state in which `next` of the debugger stops: a line of this frame, or of one around it."""
    frame = {tree.nodes[state].frame}
    above = tree.parents[state]
    while above is not None:
        frame.add(tree.nodes[above].frame)
        above = tree.parents[above]
    state = target_of(tree, state, Action(kind=ActionKind.STEP_OVER))
    while state < len(tree) and (tree.nodes[state].kind != "line" or tree.nodes[state].frame not in frame):
        state = target_of(tree, state, Action(kind=ActionKind.STEP_OVER))
    return state


@pytest.mark.parametrize("number", range(4))
def test_a_session_of_random_commands_stops_where_the_actions_lead(
    judge: Judge, workspace: Workspace, number: int
) -> None:
    source = programs()[number]
    tree = StateTree.forward(record(judge, TraceTarget(id="p", source=source)))
    workspace.write_file("main.py", source.encode())
    rng = random.Random(number)
    compared = 0
    while compared < 25:
        workspace.debug({"command": "stop"})
        compared += session(tree, workspace, rng)


def session(tree: StateTree, workspace: Workspace, rng: random.Random) -> int:
    """Compare one session up to the end of the program; return the number of commands."""
    said = ask(workspace, command="start", path="main.py")
    state, line = next_line(tree, 0), None
    for count in range(60):
        if state == len(tree):
            assert "the program has ended" in said
            return count
        stopped = re.search(r"\[stopped at main\.py:(\d+)", said)
        assert stopped, (state, said)
        assert int(stopped[1]) == tree.nodes[state].line
        check_locals(tree, state, workspace)
        inside = tree.nodes[state].function != "<module>"
        command = rng.choices(["step", "next", "continue", "return"], weights=[8, 4, 2, 2 * inside])[0]
        if line is not None:
            ask(workspace, command="clear", line=line)
            line = None
        if command == "continue":
            ahead = [each for each, places in tree.line_places.items() if places[-1] > state]
            line = rng.choice(sorted(ahead or tree.line_places))
            ask(workspace, command="break", line=line)
            state = target_of(tree, state, Action(kind=ActionKind.BREAKPOINT, line=line))
        elif command == "step":
            state = next_line(tree, state + 1)
        elif command == "next":
            state = over_to_line(tree, state)
        else:
            state = target_of(tree, state, Action(kind=ActionKind.STEP_RETURN))
            said = ask(workspace, command="return")
            node = tree.nodes[state]
            if node.kind == "exception":  # the debugger runs on to where the exception is handled
                return count
            assert f"[about to return {node.argument} at main.py:{node.line}" in said
            state, command = over_to_line(tree, state), "next"
        said = ask(workspace, command=command)
    return 60


def ask(workspace: Workspace, **request: object) -> str:
    result = workspace.debug(request)
    assert result is not None
    return result.output


def check_locals(tree: StateTree, state: int, workspace: Workspace) -> None:
    node = tree.nodes[state]
    if node.function != "<module>":  # the debugger also shows functions and modules there
        # The order may differ: until Python 3.14 variables of comprehensions come and go.
        expected = sorted(f"{name} = {text}" for name, text in node.locals.items())
        assert sorted(ask(workspace, command="locals").splitlines()) == (expected or ["no variables"])
