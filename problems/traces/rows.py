"""Training rows of walks, as conversations: the model writes states, and reads code and actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .actions import state_at
from .language import context_code, frame_of, print_action, print_context, print_frame
from .policy import Walk

Row = dict[str, Any]
"""An object of `codefrontier train sft --rows`: `messages`, each with `role` and `content`."""


def walk_rows(made: Walk) -> Iterator[Row]:
    """Yield one row with the whole walk: a reply for each action. A walk without actions gives none."""
    transcript = made.transcript
    if not transcript.actions:
        return
    messages = []
    opening = print_context(transcript.code) + print_frame(transcript.frames[0])
    for action, frame in zip(transcript.actions, transcript.frames[1:], strict=True):
        messages.append({"role": "user", "content": opening + print_action(action)})
        messages.append({"role": "assistant", "content": print_frame(frame)})
        opening = ""
    yield {"messages": messages}


def transition_rows(made: Walk) -> Iterator[Row]:
    """Yield a row for each action: code, state and action, and the next state as the reply.

    The state that is read has all its variables, as nothing stands before it. Such rows fit a short context,
    so that a small model can learn from them.
    """
    tree, frames = made.tree, made.transcript.frames
    for place, action in enumerate(made.actions):
        shown = frame_of(tree.trace, state_at(tree, made.states[place]))
        prompt = print_context(context_code(tree.trace)) + print_frame(shown) + print_action(action)
        reply = {"role": "assistant", "content": print_frame(frames[place + 1])}
        yield {"messages": [{"role": "user", "content": prompt}, reply]}
