"""Walks through traces: which actions training data takes.

A walk draws one of two categorical policies, each with probability 0.5, and then an action at each state. The
table of the paper gives policy (a) weights that sum to 0.80 instead of 1; here each row of weights is divided
by its sum, so the proportions are those of the table. Backward in time there are no breakpoints and no
continue; the weights of the three inverse actions are those of their twins.

References:
    arXiv 2603.09951, the data policy.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from .actions import Action, ActionKind, State, is_known, state_at, target_of
from .language import Transcript, context_code, frame_of
from .trace import Trace
from .tree import StateTree

_INTO_HALF = 0.5
_HIT_SHARE = 0.9
"""Share of breakpoints on lines that the program still reaches; the others are on any line of code. The paper
does not say how it chooses lines."""


@dataclass(frozen=True, kw_only=True)
class DataPolicy:
    """A mixture of categorical policies over actions, which are drawn with equal probability.

    Raises:
        ValueError: There is no policy, or one has a negative weight or only zeros.
    """

    policies: tuple[Mapping[ActionKind, float], ...]
    """Weights of the actions; each policy is divided by its sum."""

    def __post_init__(self) -> None:
        if not self.policies:
            raise ValueError("a mixture needs at least one policy")
        for weights in self.policies:
            if min(weights.values(), default=0) < 0 or not sum(weights.values()) > 0:
                raise ValueError(f"weights must be at least 0, and one above 0, got {dict(weights)!r}")

    @property
    def probabilities(self) -> tuple[dict[ActionKind, float], ...]:
        """The policies with probabilities instead of weights."""
        totals = [sum(weights.values()) for weights in self.policies]
        return tuple(
            {kind: weight / total for kind, weight in weights.items()}
            for weights, total in zip(self.policies, totals, strict=True)
        )

    def draw_policy(self, rng: random.Random) -> Mapping[ActionKind, float]:
        """Draw one of the policies."""
        return self.policies[rng.randrange(len(self.policies))]

    @classmethod
    def uniform(cls, kinds: Sequence[ActionKind]) -> Self:
        """Return the policy that takes each of some actions equally often."""
        return cls(policies=(dict.fromkeys(kinds, 1.0),))


def forward_policy() -> DataPolicy:
    """Return the mixture of the paper."""
    first = {
        ActionKind.STEP_INTO: 0.35,
        ActionKind.STEP_OVER: 0.10,
        ActionKind.STEP_RETURN: 0.20,
        ActionKind.BREAKPOINT: 0.10,
        ActionKind.CONTINUE: 0.05,
    }
    second = {ActionKind.STEP_INTO: _INTO_HALF, ActionKind.STEP_OVER: _INTO_HALF}
    return DataPolicy(policies=(first, second))


def inverse_policy() -> DataPolicy:
    """Return the mixture for walks back in time."""
    first = {
        ActionKind.INV_STEP_INTO: 0.35,
        ActionKind.INV_STEP_OVER: 0.10,
        ActionKind.INV_STEP_CALL: 0.20,
    }
    second = {ActionKind.INV_STEP_INTO: _INTO_HALF, ActionKind.INV_STEP_OVER: _INTO_HALF}
    return DataPolicy(policies=(first, second))


@dataclass(frozen=True, kw_only=True)
class Walk:
    """The states that a walk visits, and the actions between them."""

    tree: StateTree
    states: tuple[State, ...]
    actions: tuple[Action, ...]

    @property
    def transcript(self) -> Transcript:
        """The walk as it is written."""
        tree = self.tree
        nodes = [state_at(tree, state) for state in self.states]
        frames = [frame_of(tree.trace, nodes[0])]
        for place, action in enumerate(self.actions):
            frames.append(frame_of(tree.trace, nodes[place + 1], shown=nodes[place], action=action))
        return Transcript(code=context_code(tree.trace), frames=tuple(frames), actions=self.actions)


def walk(
    tree: StateTree, policy: DataPolicy, rng: random.Random, *, steps: int = 64, start: State = 0
) -> Walk:
    """Walk through a tree from a state until the exit, a state that was not recorded, or a number of steps.

    Raises:
        ValueError: `steps` is below 1, or there is no such state.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps!r}")
    weights = policy.draw_policy(rng)
    states, actions = [start], list[Action]()
    while len(actions) < steps and states[-1] < len(tree):
        action = draw_action(tree, states[-1], weights, rng)
        target = target_of(tree, states[-1], action)
        # After a cut nobody knows where the program goes, except that it never ends.
        if not is_known(tree, target) and not _ends_never(tree, action):
            break
        actions.append(action)
        states.append(target)
    return Walk(tree=tree, states=tuple(states), actions=tuple(actions))


def draw_action(
    tree: StateTree, state: State, weights: Mapping[ActionKind, float], rng: random.Random
) -> Action:
    """Draw an action; a breakpoint gets a line."""
    kinds = list(weights)
    (kind,) = rng.choices(kinds, weights=[weights[each] for each in kinds])
    line = _breakpoint_line(tree, state, rng) if kind is ActionKind.BREAKPOINT else None
    return Action(kind=kind, line=line)


def _ends_never(tree: StateTree, action: Action) -> bool:
    return tree.trace.end == "never" and action.kind is ActionKind.CONTINUE


def _breakpoint_line(tree: StateTree, state: State, rng: random.Random) -> int:
    hit = sorted(line for line, places in tree.line_places.items() if line and places[-1] > state)
    if hit and rng.random() < _HIT_SHARE:
        return rng.choice(hit)
    return rng.choice(code_lines(tree.trace))


def code_lines(trace: Trace) -> list[int]:
    """Return the lines of the source that are neither blank nor a comment; line 1 if all are."""
    lines = enumerate(trace.target.source.split("\n"), 1)
    return [number for number, text in lines if text.strip() and not text.lstrip().startswith("#")] or [1]
