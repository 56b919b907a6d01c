"""Training examples and questions of the experiment, from traces that are recorded in the sandbox."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ....agents.debugging.crux_eval import PerfectPlayer, Question, prompt_of, questions_of
from ....judge import Judge
from ....judge.tracing import record
from ....problems.traces import (
    Action,
    ActionKind,
    CruxRow,
    Frame,
    StateTree,
    Trace,
    TraceTarget,
    family_rows,
    forward_policy,
    frame_of,
    inverse_policy,
    target_of,
    transition_rows,
    walk,
)
from ....problems.traces.actions import BACKWARD, FORWARD, state_at
from ....problems.traces.policy import draw_action

BUG_SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of the experiment."""

    functions: int = 1500
    """Functions that are traced for training."""
    actions: int = 6
    """Actions of each walk through a trace."""
    steps: int = 1200
    """Steps of training."""
    batch: int = 16
    """Rows of a step."""
    questions: int = 60
    """Functions of held-out combinations for the evaluation."""
    tasks: int = 24
    """Programs with a bug."""
    d: int = 96
    """Width of the model."""
    layers: int = 3


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A state to predict."""

    action: ActionKind
    skipped: int
    """Number of states between the state that is shown and the one to predict."""
    prompt: str
    expected: Frame


def program_of(code: str, arguments: str) -> str:
    """Return a whole program that calls the function `f`."""
    return f"{code}r = f({arguments})\n"


def write_examples(path: Path, judge: Judge, *, seed: int, sizes: Sizes) -> int:
    """Write the training rows of a seed and return their number.

    Each function gives the transitions of a walk in both directions, one row for each way of asking that
    `codefrontier traces crux` has, and the transitions of a walk through a whole program that calls it.
    """
    count = 0
    rows = list(islice(family_rows(seed, bug_share=BUG_SHARE), sizes.functions))
    with path.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            for example in _examples(judge, row, random.Random(f"{seed} {number}"), sizes.actions):
                file.write(json.dumps(example) + "\n")
                count += 1
    return count


def _examples(judge: Judge, row: CruxRow, rng: random.Random, actions: int) -> Iterator[dict[str, Any]]:
    questions, _ = questions_of(judge, [row])
    program = TraceTarget(id=row.id, source=program_of(row.code, row.input))
    traces = [question.trace for question in questions] + [record(judge, program)]
    for trace in traces:
        trees = [(StateTree.forward(trace), forward_policy())]
        if trace.target.entry is not None:
            trees.append((StateTree.backward(trace), inverse_policy()))
        for tree, policy in trees:
            start = rng.randrange(len(tree)) if rng.random() < 0.5 else 0
            yield from transition_rows(walk(tree, policy, rng, steps=actions, start=start))
    for prompt, answer in PerfectPlayer(questions).answers.items():
        yield {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}


def held_out_questions(judge: Judge, count: int) -> list[Question]:
    """Return questions on functions of held-out combinations, the same for every seed of training."""
    questions, _ = questions_of(judge, list(islice(family_rows(777, held_out=True), count)))
    return questions


def predictions_of(questions: Sequence[Question], *, each: int = 1) -> list[Prediction]:
    """Draw states and take every action in them, in both directions.

    Args:
        questions: Questions with their traces.
        each: Predictions per trace and action.
    """
    found = []
    for number, question in enumerate(questions):
        rng = random.Random(f"predictions {number}")
        for tree, kinds in (
            (StateTree.forward(question.trace), FORWARD),
            (StateTree.backward(question.trace), BACKWARD),
        ):
            found += [_prediction(tree, kind, rng, question.trace) for kind in kinds for _ in range(each)]
    return found


def _prediction(tree: StateTree, kind: ActionKind, rng: random.Random, trace: Trace) -> Prediction:
    state = rng.randrange(len(tree))
    action: Action = draw_action(tree, state, {kind: 1.0}, rng)
    target = target_of(tree, state, action)
    shown = state_at(tree, state)
    return Prediction(
        action=kind,
        skipped=target - state - 1,
        prompt=prompt_of(trace, frame_of(trace, shown), action),
        expected=frame_of(trace, state_at(tree, target), shown=shown, action=action),
    )
