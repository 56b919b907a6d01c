"""The steps of texts: where a text is split, which tokens a step has, and how a step is scored."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from torch import Tensor

Splitting = Literal["marker", "lines", "statements"]
"""How text is split into steps; see `split_steps`."""
StepJudge = Callable[[str, Sequence[str], str], str]
"""A judge model: (problem, steps up to the rated one, reference) -> its reply, for `parse_score`.

A model behind litellm is a function that fills a prompt and returns the content of `litellm.completion`. The
prompt should ask for `Score: 1` to `Score: 5`. Its limits, retries and costs belong to the function.
"""


def split_steps(text: str, *, by: Splitting = "marker", marker: str = "###") -> list[str]:
    """Split a text into steps whose concatenation is the text.

    Args:
        text: A reply or a program.
        by: `marker`: a step ends with the marker, and a text that ends with a marker has no empty last step.
            `lines`: each line that is not blank is a step, and following blank lines belong to it.
            `statements`: each statement of a Python module outside functions and classes is a step, together
            with the comments before it.
        marker: The marker.

    Returns:
        The steps; none for an empty text.

    Raises:
        ValueError: `by` is unknown, the marker is empty, or the text is not Python and `by` is `statements`.
    """
    if by == "marker":
        if not marker:
            raise ValueError("marker must not be empty")
        parts = text.split(marker)
        return [step for step in (*(part + marker for part in parts[:-1]), parts[-1]) if step]
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    if by == "lines":
        ends = [index for index, line in enumerate(lines) if line.strip()]
        starts = [0, *ends[1:]]  # blank lines before the first line belong to the first step
    elif by == "statements":
        starts = _statement_starts(text)
    else:
        raise ValueError(f"by must be one of {get_args(Splitting)}, got {by!r}")
    cuts = [*starts, len(lines)] if lines else [0]
    return [step for a, b in itertools.pairwise(cuts) if (step := "".join(lines[a:b]))]


def completed_programs(steps: Sequence[str], reference: Sequence[str]) -> list[str]:
    """Cut a program after each of its steps and complete it by the remaining pieces of the reference.

    The k-th step of the program corresponds to the k-th piece of the reference. After the last step nothing
    is added, so the last result is the program itself.

    Args:
        steps: K steps of the program, in order.
        reference: Pieces of the reference program, in order.

    Returns:
        K programs.

    Raises:
        ValueError: There are no steps.
    """
    if not steps:
        raise ValueError("a program needs at least one step, got none")
    last = len(steps)
    return [
        "".join([*steps[:count], *(reference[count:] if count < last else ())])
        for count in range(1, last + 1)
    ]


def executable_scores(
    steps: Sequence[str], reference: Sequence[str], judge: Callable[[str], float]
) -> Tensor:
    """Score each step by a run: the result of the program cut after it and completed by the reference.

    Args:
        steps: K steps of the program; see `split_steps`.
        reference: Pieces of the reference program, split in the same way.
        judge: Function from the source of a program to the share of test groups that it passes, in [0, 1].
            Equal programs are judged once.

    Returns:
        float64 [K]; the last score is the score of the program itself.

    Raises:
        ValueError: There are no steps, or the judge returned a number outside [0, 1].
    """
    known: dict[str, float] = {}
    programs = completed_programs(steps, reference)
    for source in programs:
        if source not in known:
            known[source] = _share(judge(source))
    return torch.tensor([known[source] for source in programs], dtype=torch.float64)


@dataclass(frozen=True, kw_only=True)
class ExecutableJudge:
    """Scores the steps of programs on one problem by running them, completed by a reference program.

    Scores of programs are kept, because the rollouts of a group share many cut programs. A wrong reference is
    the control that shows whether the scores carry information about the reference.
    """

    reference: str = field(repr=False)
    """Source of the reference program."""
    judge: Callable[[str], float]
    """Function from the source of a program to the share of test groups that it passes, in [0, 1]."""
    by: Splitting = "lines"
    """How programs are split into steps."""
    marker: str = "###"
    """End of a step, where `by` is `marker`."""
    _known: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __call__(self, program: str) -> Tensor:
        """Return the scores of the steps of a program, float64 [K].

        Raises:
            ValueError: The program is empty, or is not Python where statements are steps.
        """
        steps = split_steps(program, by=self.by, marker=self.marker)
        pieces = split_steps(self.reference, by=self.by, marker=self.marker)
        return executable_scores(steps, pieces, self._judged)

    def _judged(self, source: str) -> float:
        if source not in self._known:
            self._known[source] = self.judge(source)
        return self._known[source]


def parse_score(reply: str) -> float | None:
    """Return (n - 1) / 4 for the first `Score: n` in a reply; None without one, or with n outside 1..5."""
    found = re.search(r"Score:\s*(\d+)(?!\d|\.\d)", reply)
    number = int(found[1]) if found and len(found[1]) < 3 else 0
    return (number - 1) / 4 if 1 <= number <= 5 else None


def model_scores(problem: str, steps: Sequence[str], reference: str, judge: StepJudge) -> Tensor | None:
    """Ask a judge model about each step.

    Returns:
        float64 [K]; None if a reply has no readable score, in which case the rollout is not to be learned
        from.

    Raises:
        ValueError: There are no steps.
    """
    if not steps:
        raise ValueError("a reply needs at least one step, got none")
    scores = [parse_score(judge(problem, steps[:count], reference)) for count in range(1, len(steps) + 1)]
    readable = [score for score in scores if score is not None]
    return torch.tensor(readable, dtype=torch.float64) if len(readable) == len(scores) else None


def token_steps(tokens: Sequence[str], steps: Sequence[str]) -> Tensor:
    """Return the number of the step that each token begins in.

    Args:
        tokens: Texts of T tokens, whose concatenation is the concatenation of the steps.
        steps: K steps.

    Returns:
        int64 [T], in [0, K).

    Raises:
        ValueError: The tokens and the steps are not the same text.
    """
    if "".join(tokens) != "".join(steps):
        raise ValueError("tokens and steps must be the same text")
    lengths = torch.tensor([len(token) for token in tokens], dtype=torch.int64)
    ends = torch.tensor([len(step) for step in steps], dtype=torch.int64).cumsum(0)
    # An empty token at the end of the text, such as an end marker, belongs to the last step.
    return torch.searchsorted(ends, lengths.cumsum(0) - lengths, right=True).clamp(max=max(len(steps) - 1, 0))


def _statement_starts(source: str) -> list[int]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"cannot split into statements, the text is not Python: {error}") from error
    # A statement begins after the end of the previous statement, so comments go with what they explain.
    ends = [node.end_lineno or 0 for node in body[:-1]]
    return list(dict.fromkeys([0, *ends]))


def _share(score: float) -> float:
    if not 0 <= score <= 1:  # also refuses NaN
        raise ValueError(f"a judge must return a share in [0, 1], got {score!r}")
    return float(score)
