"""Scores of replies that are sets of answers, under many weightings of the objectives."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

EPS = 1e-6
"""Added to standard deviations; a smaller deviation counts as none."""


def set_scores(rewards: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Return the mean over scalarisations of the best answer of each reply.

    Args:
        rewards: G tensors [m, k]: k rewards for each of the m answers in a reply. m >= 0 may differ.
        weights: float [N, k]: scalarisations, shared by all replies of the group.

    Returns:
        [G] in the dtype of `weights`; 0 for a reply without answers.

    Raises:
        ValueError: There are no replies, a shape is wrong, or a value is negative or not finite.
    """
    _check_weights(weights)
    _check_rewards(rewards, objectives=weights.shape[1])
    columns = weights.to(torch.float64).T
    scores = [
        (answers.to(torch.float64) @ columns).amax(dim=0).mean() if len(answers) else columns.new_zeros(())
        for answers in rewards
    ]
    return torch.stack(scores).to(weights.dtype)


def group_advantages(scores: Tensor) -> Tensor:
    """Standardise the scores of a group by its mean and population standard deviation.

    Args:
        scores: float [G]. G >= 1.

    Returns:
        [G] in the dtype of `scores`, with sum 0; all 0 where the deviation is below 1e-6, as for one reply.

    Raises:
        ValueError: The scores are not a vector of at least one finite value.
    """
    check_vector("scores", scores)
    values = scores.to(torch.float64)
    deviation = values.std(correction=0)
    if deviation < EPS:
        return torch.zeros_like(scores)
    return ((values - values.mean()) / (deviation + EPS)).to(scores.dtype)


def dirichlet_weights(n: int, k: int, generator: torch.Generator, concentration: float = 1.0) -> Tensor:
    """Draw scalarisations from a symmetric Dirichlet distribution.

    Args:
        n: Number of scalarisations, at least 1.
        k: Number of objectives, at least 1.
        generator: Source of randomness, on the CPU.
        concentration: Parameter of all k components; 1 is uniform on the simplex, less prefers its corners.

    Returns:
        float64 [n, k]; rows are at least 0 and sum to 1.

    Raises:
        ValueError: A number is out of range.
    """
    _check_counts(n, k)
    if not (math.isfinite(concentration) and concentration > 0):
        raise ValueError(f"concentration must be positive and finite, got {concentration!r}")
    shape = torch.full((n, k), concentration + 1.0, dtype=torch.float64)
    # Gamma(a) = Gamma(a + 1) U^(1/a), as logarithms: with a small concentration all k draws would underflow.
    # `torch.distributions` takes no generator, so this calls the function below it.
    larger = torch._standard_gamma(shape, generator=generator)
    uniform = 1 - torch.rand(
        n, k, dtype=torch.float64, generator=generator
    )  # in (0, 1], so the log is finite
    return torch.softmax(larger.log() + uniform.log() / concentration, dim=1)


def sobol_weights(n: int, k: int, seed: int) -> Tensor:
    """Return the gaps between sorted points of a scrambled Sobol sequence, which cover the simplex evenly.

    Shape and errors are those of `dirichlet_weights`. A power of 2 as n is covered most evenly.
    """
    _check_counts(n, k)
    if k == 1:
        return torch.ones(n, 1, dtype=torch.float64)
    engine = torch.quasirandom.SobolEngine(k - 1, scramble=True, seed=seed)  # type: ignore[no-untyped-call]
    inner = engine.draw(n, dtype=torch.float64).sort(dim=1).values
    return torch.cat([inner.new_zeros(n, 1), inner, inner.new_ones(n, 1)], dim=1).diff(dim=1)


def _check_counts(n: int, k: int) -> None:
    if n < 1 or k < 1:
        raise ValueError(f"n and k must be at least 1, got {n!r} and {k!r}")


def check_vector(name: str, values: Tensor) -> None:
    """Raise ValueError unless the values are a vector of finite floats."""
    if values.ndim != 1 or not len(values) or not values.is_floating_point() or not values.isfinite().all():
        raise ValueError(f"{name} must be a vector of finite floats, got {values.dtype} {list(values.shape)}")


def _check_weights(weights: Tensor) -> None:
    if weights.ndim != 2 or 0 in weights.shape or not weights.is_floating_point():
        raise ValueError(f"weights must be float [N, k], got {weights.dtype} {list(weights.shape)}")
    if not (weights.isfinite() & (weights >= 0)).all():
        raise ValueError("weights must be finite and at least 0: a negative weight makes an empty reply win")


def check_shapes(rewards: Sequence[Tensor], *, objectives: int) -> None:
    """Raise ValueError unless the rewards of each reply are [m, k]."""
    if not rewards:
        raise ValueError("a group needs at least one reply, got no rewards")
    shapes = [list(answers.shape) for answers in rewards]
    if any(len(shape) != 2 or shape[1] != objectives for shape in shapes):
        raise ValueError(f"the rewards of each reply must be [m, {objectives}], got {shapes}")


def _check_rewards(rewards: Sequence[Tensor], *, objectives: int) -> None:
    check_shapes(rewards, objectives=objectives)
    for index, answers in enumerate(rewards):
        if not answers.isfinite().all():
            raise ValueError(f"the rewards of reply {index} must be finite, got {answers.tolist()}")
        if (answers < 0).any():
            raise ValueError(
                f"rewards must be at least 0, got {answers.min().item()!r} in reply {index}: a reply without "
                "answers scores 0, so it would win against an answer with negative rewards"
            )
