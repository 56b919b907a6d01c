"""Choosing among restarts: by convergence, by vote, and, to know the bound, by the right answer."""

from __future__ import annotations

import torch
from torch import Tensor

WINDOW = 3
"""Number of last changes that a score averages."""


def select(logits: Tensor, *, window: int = WINDOW) -> Tensor:
    """Order restarts by convergence: the change of the logits, as the authors' code does.

    The score of a restart is the Euclidean norm over V of the difference between consecutive steps, averaged
    over the last `window` differences and all cells. It does not use the latent states; the paper's text says
    that it does (see `select_by_residual`).

    Args:
        logits: float [D, B, L, V]. D outer steps of B restarts on one puzzle of L cells.
        window: Number of last differences; all, if there are fewer.

    Returns:
        int64 [B]: the numbers of the restarts, the most converged first. Equal scores keep their order, so
        with D = 1, where there is no difference, the order is that of the restarts.

    Raises:
        ValueError: The shape or the window is wrong.

    References:
        arXiv 2605.21488 and its code.
    """
    return torch.argsort(logit_change(logits, window=window), stable=True)


def logit_change(logits: Tensor, *, window: int = WINDOW) -> Tensor:
    """Return the score by which `select` orders restarts, float [B]; 0 with D = 1. Arguments as there."""
    if logits.ndim != 4 or 0 in logits.shape:
        raise ValueError(f"logits must be [D, B, L, V] and not empty, got {list(logits.shape)}")
    _check_window(window)
    if len(logits) == 1:
        return logits.new_zeros(logits.shape[1])
    changes = (logits[1:] - logits[:-1])[-window:]
    scores: Tensor = torch.linalg.vector_norm(changes, dim=-1).mean(dim=(0, 2))
    return scores


def select_by_residual(residuals: Tensor, *, window: int = WINDOW) -> Tensor:
    """Order restarts by the change of their latent states, as the paper's text says.

    Args:
        residuals: float [D, B]: the change in each outer step.
        window: Number of last steps to average.

    Returns:
        int64 [B]: the numbers of the restarts, the smallest residual first.

    Raises:
        ValueError: The shape or the window is wrong.
    """
    if residuals.ndim != 2 or 0 in residuals.shape:
        raise ValueError(f"residuals must be [D, B] and not empty, got {list(residuals.shape)}")
    _check_window(window)
    return torch.argsort(residuals[-window:].mean(dim=0), stable=True)


def majority(answers: Tensor) -> Tensor:
    """Return the whole answer that most restarts give; of equally frequent answers the first.

    Args:
        answers: int64 [B, L].

    Returns:
        int64 [L].
    """
    _check_answers(answers)
    return weighted_vote(answers, torch.ones(len(answers)))


def weighted_vote(answers: Tensor, weights: Tensor) -> Tensor:
    """Return the whole answer with the largest sum of weights; of equal sums the first.

    Args:
        answers: int64 [B, L]: answers of restarts, or of the members of an ensemble.
        weights: float [B], at least 0.

    Returns:
        int64 [L].

    Raises:
        ValueError: The shapes do not fit, or a weight is negative or not finite.
    """
    _check_answers(answers)
    if weights.shape != answers.shape[:1] or not bool((weights >= 0).all() & weights.isfinite().all()):
        raise ValueError(f"weights must be {len(answers)} finite numbers of at least 0, got {weights!r}")
    equal = (answers[:, None] == answers[None]).all(dim=-1)
    sums = (equal.to(torch.float64) * weights.to(torch.float64)).sum(dim=1)
    best = int((sums >= sums.max() * (1 - 1e-12)).nonzero()[0])
    return answers[best]


def oracle(answers: Tensor, target: Tensor) -> bool:
    """Return whether any restart gives the right answer: an upper bound on every selection.

    Args:
        answers: int64 [B, L].
        target: int64 [L].
    """
    _check_answers(answers)
    return bool((answers == target).all(dim=-1).any())


def confidence(scores: Tensor) -> Tensor:
    """Turn scores of convergence into weights for a vote: their inverses, so half the change counts twice.

    Args:
        scores: float [B], at least 0: changes of logits, or residuals.

    Returns:
        float [B] with the sum 1.

    Raises:
        ValueError: A score is negative or not finite.
    """
    if scores.ndim != 1 or not len(scores) or not bool((scores >= 0).all() & scores.isfinite().all()):
        raise ValueError(f"scores must be finite numbers of at least 0, got {scores!r}")
    weights = 1 / scores.clamp_min(1e-6)
    return weights / weights.sum()


def _check_window(window: int) -> None:
    if type(window) is not int or window < 1:
        raise ValueError(f"window must be a whole number of at least 1, got {window!r}")


def _check_answers(answers: Tensor) -> None:
    if answers.ndim != 2 or not len(answers):
        raise ValueError(f"answers must be [B, L] with B >= 1, got {list(answers.shape)}")
