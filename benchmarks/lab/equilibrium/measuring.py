"""Measure a trained network: exact accuracy by depth, breadth and selector, and errors by residual."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....agents.equilibrium import GridCodec
from ....problems.families import SupplyPart
from ....problems.families.puzzles import GridInstance, grid_family, stream
from ....training.equilibrium import (
    EquilibriumNetwork,
    confidence,
    majority,
    select,
    select_by_residual,
    solve,
    weighted_vote,
)
from .statement import Scale

SELECTORS = ("single", "convergence", "residual", "majority", "weighted", "oracle")
"""`single` is the mean over restarts; `weighted` is a vote with inverse changes of the logits as weights."""
BINS = 5
WINDOW = 3


@dataclass(frozen=True, kw_only=True)
class TestPuzzles:
    """Puzzles of the test part with their solutions."""

    __test__ = False  # the name begins like a test of pytest

    instances: tuple[GridInstance, ...]
    puzzles: Tensor = field(repr=False)
    solutions: Tensor = field(repr=False)

    @classmethod
    def draw(cls, name: str, count: int) -> TestPuzzles:
        """Return the first puzzles of the test part, which are also those of `grids:test:COUNT:0:NAME`."""
        instances = tuple(islice(stream(grid_family(name), SupplyPart.TEST), count))
        codec = GridCodec.of(name)
        return cls(
            instances=instances,
            puzzles=codec.puzzles([each.puzzle for each in instances]),
            solutions=codec.solutions([each.solution for each in instances]),
        )


def measure(
    network: EquilibriumNetwork,
    test: TestPuzzles,
    *,
    depths: Sequence[int],
    breadths: Sequence[int],
    seed: int,
) -> dict[str, Any]:
    """Return the share of puzzles solved, and for each puzzle whether it is, under names as `single d16`.

    Names are `single dD`, and `SELECTOR dD bB` for B restarts.
    """
    found = solve(network, test.puzzles, depth=max(depths), breadth=max(breadths), seed=seed)
    solved: dict[str, list[float]] = {}
    for depth in depths:
        answers = found.answers(depth)
        right = (answers == test.solutions[:, None]).all(dim=-1)
        solved[f"single d{depth}"] = right.double().mean(dim=1).tolist()
        for breadth in breadths:
            if breadth > 1:
                by_selector = [
                    _selected(
                        found.logits[row, :depth, :breadth],
                        found.residuals[row, :depth, :breadth],
                        answers[row, :breadth],
                        test.solutions[row],
                    )
                    for row in range(len(answers))
                ]
                for selector in by_selector[0]:
                    solved[f"{selector} d{depth} b{breadth}"] = [each[selector] for each in by_selector]
    return {
        "metrics": {name: float(np.mean(values)) for name, values in solved.items()},
        "puzzles": solved,
    }


def _selected(logits: Tensor, residuals: Tensor, answers: Tensor, solution: Tensor) -> dict[str, float]:
    """Return whether each selector is right on a puzzle."""
    right = (answers == solution).all(dim=-1)
    changes = (logits[1:] - logits[:-1])[-WINDOW:].norm(dim=-1).mean(dim=(0, 2))
    weights = confidence(changes) if len(logits) > 1 else torch.ones(len(answers))
    return {
        "convergence": float(right[select(logits)[0]]),
        "residual": float(right[select_by_residual(residuals)[0]]),
        "majority": float((majority(answers) == solution).all()),
        "weighted": float((weighted_vote(answers, weights) == solution).all()),
        "oracle": float(right.any()),
    }


def errors_by_score(
    network: EquilibriumNetwork, test: TestPuzzles, scale: Scale, *, seed: int
) -> dict[str, Any]:
    """Return how well the residual and the change of logits tell errors of single restarts.

    AUROC is the probability that a wrong restart has a larger score than a right one; 0.5 if all restarts are
    right or all are wrong.
    """
    found = solve(network, test.puzzles, depth=scale.middle, breadth=scale.few, seed=seed)
    wrong = (found.answers(scale.middle) != test.solutions[:, None]).any(dim=-1).flatten().numpy()
    residual = found.residuals[:, -WINDOW:].mean(dim=1).flatten().numpy()
    change = found.changes(scale.middle).flatten().numpy()
    order = np.argsort(residual, kind="stable")
    bins = [
        {"residual": float(residual[part].mean()), "error": float(wrong[part].mean())}
        for part in np.array_split(order, min(BINS, len(order)))
    ]
    return {"auroc residual": auroc(residual, wrong), "auroc change": auroc(change, wrong), "bins": bins}


def auroc(scores: np.ndarray[Any, Any], wrong: np.ndarray[Any, Any]) -> float:
    """Return the probability that a wrong one has the larger score; equal scores count half."""
    high, low = scores[wrong], scores[~wrong]
    if not len(high) or not len(low):
        return 0.5
    difference = high[:, None] - low[None]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def seconds_per_puzzle(network: EquilibriumNetwork, test: TestPuzzles, depth: int, breadth: int) -> float:
    """Return the CPU seconds per puzzle when all puzzles are solved in one batch on one thread."""
    started = time.process_time()
    solve(network, test.puzzles, depth=depth, breadth=breadth)
    return (time.process_time() - started) / len(test.puzzles)


def ensemble(networks: Sequence[EquilibriumNetwork], test: TestPuzzles, depth: int) -> dict[str, float]:
    """Return accuracies of networks that answer once each: mean of members, votes, and the oracle."""
    members = [solve(network, test.puzzles, depth=depth, seed=9) for network in networks]
    totals = dict.fromkeys(
        ("members", "majority", "weighted by change", "weighted by residual", "oracle"), 0.0
    )
    for row, solution in enumerate(test.solutions):
        answers = torch.stack([each.answers(depth)[row, 0] for each in members])
        changes = torch.stack([each.changes(depth)[row, 0] for each in members])
        residuals = torch.stack([each.residuals[row, -WINDOW:, 0].mean() for each in members])
        right = (answers == solution).all(dim=-1)
        totals["members"] += float(right.double().mean())
        totals["majority"] += float((majority(answers) == solution).all())
        totals["weighted by change"] += float((weighted_vote(answers, confidence(changes)) == solution).all())
        voted = weighted_vote(answers, confidence(residuals))
        totals["weighted by residual"] += float((voted == solution).all())
        totals["oracle"] += float(right.any())
    return {name: total / len(test.solutions) for name, total in totals.items()}
