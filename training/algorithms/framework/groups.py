"""Groups of tests by the size of their inputs, as objectives and as measures of progress."""

from __future__ import annotations

import torch
from torch import Tensor

from ....agents import JudgementRecord


def group_passes(judgement: JudgementRecord, groups: int) -> Tensor:
    """Return which groups of tests a program passed, the tests with the smallest inputs in the first group.

    The groups have nearly equal numbers of tests; with fewer tests than groups, each test is a group. A
    program that does not compile passes no group.

    Returns:
        float64 [k], k = min(groups, number of selected tests): 1 where all tests of the group are accepted.

    Raises:
        ValueError: `groups` is below 1, or judging stopped early, so that some tests have no verdict.
    """
    if groups < 1:
        raise ValueError(f"groups must be at least 1, got {groups!r}")
    count = min(groups, judgement.selected)
    if not judgement.runs:
        return torch.zeros(count, dtype=torch.float64)
    if len(judgement.runs) < judgement.selected:
        judged = f"{len(judgement.runs)} of {judgement.selected} tests"
        raise ValueError(f"judging stopped after {judged}: the verdicts of all tests are needed")
    runs = sorted(judgement.runs, key=lambda run: (run.input_size, run.index))
    accepted = torch.tensor([run.verdict.accepted for run in runs])
    return torch.stack([part.all() for part in accepted.tensor_split(count)]).to(torch.float64)
