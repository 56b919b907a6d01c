"""Training rows of walks, as conversations: the model writes states, and reads code and actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .language import Transcript, print_action, print_context, print_frame

Row = dict[str, Any]
"""An object of `codefrontier train sft --rows`: `messages`, each with `role` and `content`."""


def transcript_rows(transcript: Transcript) -> Iterator[Row]:
    """Yield one row with the whole walk: a reply for each action. A walk without actions gives none."""
    if not transcript.actions:
        return
    messages = []
    opening = print_context(transcript.code) + print_frame(transcript.frames[0])
    for action, frame in zip(transcript.actions, transcript.frames[1:], strict=True):
        messages.append({"role": "user", "content": opening + print_action(action)})
        messages.append({"role": "assistant", "content": print_frame(frame)})
        opening = ""
    yield {"messages": messages}


def transition_rows(transcript: Transcript) -> Iterator[Row]:
    """Yield a row for each action: code, state and action, and the next state as the reply.

    Each state but the last is read once and written once, so a model with a short context can learn from it.
    """
    for place, action in enumerate(transcript.actions):
        prompt = print_context(transcript.code) + print_frame(transcript.frames[place]) + print_action(action)
        reply = {"role": "assistant", "content": print_frame(transcript.frames[place + 1])}
        yield {"messages": [{"role": "user", "content": prompt}, reply]}
