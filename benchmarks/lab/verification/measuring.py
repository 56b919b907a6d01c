"""What a tiny verifier has learned: its probabilities of the answers 1 and 2, without sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import torch

from ....agents.policy.checkpoint import load_checkpoint
from ....envs.verification.judging import kendall_tau_b
from ....problems.verification import VerificationTask, plain_text
from ....training.pretraining.tokenizer import BEGIN, FENCE_OPEN
from ...analysis.verification import calibration_error
from ..methods.experiment import Outcome
from .programs import RatedProblem

PART = 16
"""Number of questions that go through the model at a time."""
RANKED = 4
"""Largest number of programs of a problem that are ranked."""


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """A checkpoint that answers questions about two programs."""

    model: Any
    tokenizer: Any

    @classmethod
    def load(cls, path: Path) -> Verifier:
        """Load a checkpoint."""
        model, tokenizer = load_checkpoint(path)
        return cls(model=model.eval(), tokenizer=tokenizer)

    def probabilities(self, questions: Sequence[str]) -> torch.Tensor:
        """Return the probabilities of the answers 1 and 2: float64 [questions, 2]."""
        numbers = [self.tokenizer.convert_tokens_to_ids(each) for each in ("1", "2")]
        texts = [f"{BEGIN}{question}{FENCE_OPEN}" for question in questions]
        rows = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        found = []
        for first in range(0, len(rows), PART):
            part = [torch.tensor(row) for row in rows[first : first + PART]]
            # Padding at the end is never seen by causal attention.
            ids = torch.nn.utils.rnn.pad_sequence(part, batch_first=True)
            with torch.no_grad():
                logits = self.model(input_ids=ids, use_cache=False).logits
            last = torch.tensor([len(row) - 1 for row in part])
            chosen = logits[torch.arange(len(part)), last].double().softmax(dim=-1)
            found.append(chosen[:, numbers])
        return torch.cat(found)


def accuracy(verifier: Verifier, tasks: Sequence[VerificationTask]) -> Outcome:
    """Return the expected top-1 of sampled answers, and what goes with it; the tasks come in both orders.

    `margin` is the logarithm of the odds of the right answer against the wrong one, `parsed` the probability
    of an answer, `first` the share of it on place 1, `consistent` the probability that both orders name the
    same program, and `calibration` the error of the larger probability. `top_1` is also given by problem.
    """
    found = verifier.probabilities([task.plain for task in tasks])
    right = torch.tensor([task.right - 1 for task in tasks])
    places = torch.arange(len(tasks))
    hit = found[places, right]
    margin = (hit / found[places, 1 - right]).log()
    shares = found / found.sum(dim=1, keepdim=True)
    # Both orders of a task follow one another, so place 1 of the one is place 2 of the other.
    one, other = shares[0::2, 0], shares[1::2, 1]
    sure, best = shares.max(dim=1)
    return Outcome(
        metrics={
            "top_1": float(hit.mean()),
            "margin": float(margin.mean()),
            "greedy": float((best == right).double().mean()),
            "parsed": float(found.sum(dim=1).mean()),
            "first": float(shares[:, 0].mean()),
            "consistent": float((one * other + (1 - one) * (1 - other)).mean()),
            "calibration": calibration_error(sure.tolist(), (best == right).double().tolist()),
        },
        problems={"top_1": _by_problem(tasks, hit.tolist())},
    )


def _by_problem(tasks: Sequence[VerificationTask], values: Sequence[float]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for task, value in zip(tasks, values, strict=True):
        found.setdefault(task.title, []).append(value)
    return {name: sum(each) / len(each) for name, each in found.items()}


def ranking(verifier: Verifier, problems: Sequence[RatedProblem]) -> dict[str, float]:
    """Return Kendall's tau-b of the programs of each problem, by its id, from all pairs in both orders.

    The score of a program is the sum of its probabilities of being named. Problems whose programs all have
    one pass rate are left out.
    """
    found = {}
    for problem in problems:
        programs = [problem.right, *problem.wrong[: RANKED - 1]]
        rates = [each.pass_rate for each in programs]
        if len(set(rates)) < 2:
            continue
        pairs = [(one, other) for one, other in combinations(range(len(programs)), 2)]
        pairs += [(other, one) for one, other in pairs]
        questions = [
            plain_text(problem.spec.prompt, [programs[one].source, programs[other].source])
            for one, other in pairs
        ]
        chosen = verifier.probabilities(questions)
        scores = [0.0] * len(programs)
        for (one, other), (first, second) in zip(pairs, chosen.tolist(), strict=True):
            scores[one] += first
            scores[other] += second
        found[problem.spec.id] = kendall_tau_b(scores, rates)
    return found
