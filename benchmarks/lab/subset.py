"""Training data for the lab: a subset of the families that a model can learn in few steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...problems import Problem
from ...problems.families import (
    CELLS,
    Cell,
    Combination,
    Split,
    corpus,
    corpus_items,
    make_problem,
    shuffled_specs,
)
from ...problems.families.micro.splits import combinations
from ...training.sampling.problem_stream import EPOCH_STRIDE, ProblemStream, families_stream


def training_choices(job: Mapping[str, Any]) -> tuple[Sequence[Cell], Sequence[Combination]]:
    """Return the cells and combinations of the job's families; a job that names no families uses all."""
    cells = [cell for cell in CELLS if not job["families"] or cell.family.name in job["families"]]
    return cells, combinations(held_out=False)[: job["combinations"] or None]


def training_pairs(job: Mapping[str, Any]) -> Callable[[int], Iterator[tuple[str, str]]]:
    """Return a function that draws (prompt, program) pairs of the job's families.

    A job that names no families uses all of them. The argument of the function is a seed.
    """
    if not job["families"]:
        return corpus
    cells, choices = training_choices(job)

    def pairs(seed: int) -> Iterator[tuple[str, str]]:
        items = corpus_items(seed, cells=cells, choices=choices)
        return ((item.prompt, item.program) for item in items)

    return pairs


def training_problems(job: Mapping[str, Any]) -> ProblemStream:
    """Return the training problems of the job's families; a job that names no families uses all of them."""
    if not job["families"]:
        return families_stream(Split.TRAIN, seed=job["seed"])
    choices = frozenset(combinations(held_out=False)[: job["combinations"] or None])

    def epoch(number: int) -> Iterator[Callable[[], Problem]]:
        for spec in shuffled_specs(Split.TRAIN, job["seed"] + EPOCH_STRIDE * number):
            if spec.cell.family.name in job["families"] and spec.combination in choices:
                yield lambda spec=spec: make_problem(spec)  # type: ignore[misc]

    return ProblemStream(epoch)
