"""Problems whose answer is a state: code, a state and an action are given, the next state is asked for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..model import Difficulty, Limits, Problem
from ..testset import InlineData, TestCase, Testset
from .actions import is_known, state_at, target_of
from .language import Frame, context_code, frame_of, print_action, print_context, print_frame
from .policy import DataPolicy, draw_action, forward_policy, inverse_policy
from .trace import Trace
from .tree import StateTree

COMPONENTS = ("event", "source", "locals", "argument")
"""Parts of a state that are compared, in this order. A state has those that its kind has."""
_FEW, _MANY = 3, 12
_DRAWS = 20


def components(frame: Frame) -> Mapping[str, object]:
    """Return the parts of a state by name; states are equal if all their parts are."""
    found: dict[str, object] = {"event": frame.kind, "source": frame.source.rstrip()}
    if frame.locals is not None:
        found["locals"] = (dict(frame.locals), frame.partial)
    if frame.argument is not None:
        found["argument"] = frame.argument
    return MappingProxyType(found)


def state_problems(traces: Iterable[Trace], *, per_trace: int = 4, seed: int = 0) -> list[Problem]:
    """Draw problems from traces: states uniformly, and actions by the mixtures of the data policy.

    Half of the problems of a whole trace go back in time; a trace that lacks events only goes forward.

    Args:
        traces: The traces.
        per_trace: Most problems of a trace; a short trace has fewer that differ.
        seed: Seed of states and actions.

    Raises:
        ValueError: `per_trace` is below 1.
    """
    if per_trace < 1:
        raise ValueError(f"per_trace must be at least 1, got {per_trace!r}")
    found: dict[str, Problem] = {}
    for number, trace in enumerate(traces):
        if not trace.events:
            continue
        rng = random.Random(f"traces: states {seed} {number} {trace.target.id}")
        ways = [(StateTree.forward(trace), forward_policy())]
        if trace.whole:
            ways.append((StateTree.backward(trace), inverse_policy()))
        for place in range(per_trace):
            problem = _drawn(*ways[place % len(ways)], rng, prefix=f"{number}-{_word(trace.target.id)}")
            if problem is not None:
                found[problem.id] = problem
    return list(found.values())


def _drawn(tree: StateTree, policy: DataPolicy, rng: random.Random, *, prefix: str) -> Problem | None:
    for _ in range(_DRAWS):
        state = rng.randrange(len(tree))
        action = draw_action(tree, state, policy.draw_policy(rng), rng)
        target = target_of(tree, state, action)
        if is_known(tree, target):
            break
    else:
        return None
    node, following = state_at(tree, state), state_at(tree, target)
    shown = frame_of(tree.trace, node)
    expected = frame_of(tree.trace, following, shown=node, action=action)
    statement = print_context(context_code(tree.trace)) + print_frame(shown) + print_action(action)
    words = str(action).replace(" ", "-")
    return state_problem(
        f"{prefix}/{state}-{words}", statement, expected, skipped=target - state - 1, action=action.kind.value
    )


def state_problem(name: str, statement: str, expected: Frame, *, skipped: int, action: str) -> Problem:
    """Return the problem of predicting a state; its hidden tests are the parts of the state."""
    data = InlineData(input_bytes=b"", answer_bytes=print_frame(expected).encode())
    names = [each for each in COMPONENTS if each in components(expected)]
    cases = [TestCase(name=each, index=place, input_size=0, data=data) for place, each in enumerate(names)]
    return Problem(
        id=name,
        title=f"The state after {action}",
        statement=statement,
        tests=Testset(cases),
        limits=Limits(),
        difficulty=_difficulty(skipped),
        source="debugger",
        metadata={"action": action, "skipped": str(skipped)},
    )


def _difficulty(skipped: int) -> Difficulty:
    """Return the difficulty by the number of states between the two: the more, the harder."""
    if skipped < _FEW:
        return Difficulty.EASY
    return Difficulty.MEDIUM if skipped < _MANY else Difficulty.HARD


def _word(text: str) -> str:
    return "_".join(text.split()) or "trace"
