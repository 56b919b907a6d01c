"""Progress of an agent, in [0, 1]: stated while it plays, labelled in hindsight, and true."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from ....agents import EpisodeRecord, JudgementRecord
from ..framework.groups import group_passes

STATEMENT = r"<progress>\s*(-?[\d.]+)\s*%?\s*</progress>|\bprogress\s*[:=]\s*(-?[\d.]+)\s*%"
"""Pattern of stated progress, in percent; one of its groups is the number. Case does not matter."""
LABEL = r"^\W*step\s+(\d+)\W+(-?\d+(?:\.\d+)?)\s*%"
"""Pattern of a line of a retrospection: number of the step, from 1, and its progress in percent."""

Labels = Sequence[float | None]
"""Progress after each step, in [0, 1]; None where it is unknown."""


def stated_progress(text: str, *, pattern: str = STATEMENT) -> float | None:
    """Return the progress that a reply states last, in [0, 1]; None if there is none from 0 to 100 percent.

    Args:
        text: A reply of the agent.
        pattern: Regular expression, one of whose groups is a number of percent.

    Raises:
        ValueError: The pattern has no group.
    """
    if re.compile(pattern).groups < 1:
        raise ValueError(f"pattern must have a group for the number, got {pattern!r}")
    found = [next(filter(None, match.groups()), "") for match in re.finditer(pattern, text, re.IGNORECASE)]
    return _fraction(found[-1]) if found else None


def retrospective_progress(
    text: str, *, steps: int, solved: bool, pattern: str = LABEL, anchor_success: bool = True
) -> list[float | None]:
    """Return the labels after each step from a retrospection, in [0, 1]; None where the text has none.

    Args:
        text: Reply with a line per step, for example `Step 2: 60%`. Of two labels of a step the last counts.
        steps: Number of steps of the episode, at least 1.
        solved: Whether the episode ended in success.
        pattern: Regular expression of a line, with a group for the step, from 1, and a group for the percent.
        anchor_success: Whether success sets the last label to 1, whatever the text says.

    Raises:
        ValueError: `steps` is below 1.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps!r}")
    labels: list[float | None] = [None] * steps
    for found in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
        number = int(found[1]) if len(found[1]) < 10 else 0
        if 1 <= number <= steps:
            labels[number - 1] = _fraction(found[2])
    if solved and anchor_success:
        labels[-1] = 1.0
    return labels


def true_progress(judgement: JudgementRecord, *, groups: int = 3) -> float:
    """Return the share of groups of tests that a program passes, in [0, 1]; groups are by input size.

    Raises:
        ValueError: Judging stopped early, or `groups` is below 1.
    """
    return group_passes(judgement, groups).mean().item()


def filled(labels: Labels, *, start: float = 0.0) -> Tensor:
    """Return the progress before the first step and after each step.

    Args:
        labels: Progress after each of T steps; an unknown value repeats the value before it.
        start: Progress before the first step.

    Returns:
        float64 [T + 1].

    Raises:
        ValueError: A value is outside [0, 1].
    """
    values = [start]
    for label in labels:
        values.append(values[-1] if label is None else label)
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"progress must be in [0, 1], got {values}")
    return torch.tensor(values, dtype=torch.float64)


def online_labels(episode: EpisodeRecord) -> list[float | None]:
    """Return the progress that the agent stated in each step of an episode."""
    return [stated_progress(step.action) for step in episode.steps]


def _fraction(percent: str) -> float | None:
    try:
        value = float(percent) / 100
    except ValueError:  # several points, for example
        return None
    return value if 0 <= value <= 1 else None
