"""The components of the loss as pure functions on tensors.

Each component returns a sum over tokens. The caller divides the sum by the number of tokens with a weight in
the whole batch, not in the part that goes through the model at once, so parts of different sizes add up to
one mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from ...rows import Batch

MAX_LOG_RATIO = 20.0
"""Bound on the absolute value of log-ratios, so that no ratio overflows in float32."""


@dataclass(frozen=True, kw_only=True)
class Clipping:
    """Bounds on the ratios between current and old policy, and on the correction for the sampler.

    The defaults of `low` and `high` are those of DAPO, arXiv 2503.14476.
    """

    low: float = 0.2
    """Lower bound: a ratio below 1 - low gives no gradient when the advantage is negative."""
    high: float = 0.28
    """Upper bound: a ratio above 1 + high gives no gradient when the advantage is positive."""
    importance_cap: float = 2.0
    """Largest weight of a token that the sampler found less likely than the trainer."""

    def __post_init__(self) -> None:
        if not (0 < self.low < 1 and self.high > 0):
            raise ValueError(f"low must be in (0, 1) and high positive, got {self.low!r} and {self.high!r}")
        if not self.importance_cap >= 1:
            raise ValueError(f"importance_cap must be at least 1, got {self.importance_cap!r}")


@dataclass(frozen=True, kw_only=True, eq=False)
class PolicyLoss:
    """The sum of the loss over tokens, and the numbers of clipped tokens."""

    total: Tensor
    """float32 scalar with gradient: the sum of the loss."""
    clipped_low: int
    """Number of tokens whose ratio was below the lower bound."""
    clipped_high: int
    """Number of tokens whose ratio was above the upper bound."""
    capped: int
    """Number of tokens whose correction for the sampler was capped."""


def policy_loss(
    log_probs: Tensor,
    *,
    old_log_probs: Tensor,
    sampler_log_probs: Tensor,
    advantages: Tensor,
    weights: Tensor,
    clipping: Clipping,
) -> PolicyLoss:
    """Sum the clipped surrogate over tokens, with a correction for the probabilities of the sampler.

    Args:
        log_probs: float32 [B, T] with gradient: log-probs of the current policy.
        old_log_probs: float32 [B, T]: log-probs of the policy before the first update on this batch.
        sampler_log_probs: float32 [B, T]: log-probs of the same weights as the sampler computed them.
        advantages: float32 [B, T].
        weights: float32 [B, T]: weights of the tokens; a token of weight 0 is left out.
        clipping: The bounds on the ratios.

    Raises:
        ValueError: The shapes differ.

    References:
        The clipped surrogate: arXiv 1707.06347, equation 7. Different bounds on both sides and the mean over
        all tokens of a batch: DAPO, arXiv 2503.14476. The correction for the sampler is truncated importance
        sampling with a cap, as in IMPALA, arXiv 1802.01561, section 4.1.
    """
    shapes = {tuple(t.shape) for t in (log_probs, old_log_probs, sampler_log_probs, advantages, weights)}
    if len(shapes) != 1:
        raise ValueError(f"all streams must have one shape, got {sorted(shapes)}")
    kept = weights != 0
    ratio = _ratio(log_probs, old_log_probs)
    bounded = ratio.clamp(1 - clipping.low, 1 + clipping.high)
    surrogate = torch.minimum(ratio * advantages, bounded * advantages)
    mismatch = _ratio(old_log_probs, sampler_log_probs).detach()
    # `where`, not a product: a value that is not finite at a token of weight 0 must not reach the sum.
    terms = torch.where(kept, weights * mismatch.clamp(max=clipping.importance_cap) * surrogate, 0.0)
    return PolicyLoss(
        total=-terms.sum(),
        clipped_low=int((kept & (ratio < 1 - clipping.low) & (advantages < 0)).sum()),
        clipped_high=int((kept & (ratio > 1 + clipping.high) & (advantages > 0)).sum()),
        capped=int((kept & (mismatch > clipping.importance_cap)).sum()),
    )


def cross_entropy(log_probs: Tensor, *, weights: Tensor) -> Tensor:
    """Return the weighted sum of the negative log-probs, a float32 scalar; both tensors are [B, T]."""
    if log_probs.shape != weights.shape:
        raise ValueError(f"need equal shapes, got {list(log_probs.shape)} and {list(weights.shape)}")
    return -torch.where(weights != 0, weights * log_probs, 0.0).sum()


def sampler_divergence(trainer_log_probs: Tensor, sampler_log_probs: Tensor) -> Tensor:
    """Estimate KL(sampler || trainer) for each token.

    Returns:
        float32 in the shape of the inputs; at least 0, and 0 where both log-probs are equal.

    References:
        The estimator r - 1 - log r with r = trainer / sampler: J. Schulman, "Approximating KL divergence".
    """
    difference = (trainer_log_probs - sampler_log_probs).clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO)
    return difference.exp() - 1 - difference


class Surrogate(Protocol):
    """The objective of reinforcement, such as `policy_loss`; its arguments are those of `policy_loss`."""

    def __call__(
        self,
        log_probs: Tensor,
        *,
        old_log_probs: Tensor,
        sampler_log_probs: Tensor,
        advantages: Tensor,
        weights: Tensor,
        clipping: Clipping,
    ) -> PolicyLoss:
        """Return the sum of the loss over tokens."""
        ...


def divergence_loss(log_probs: Tensor, *, reference_log_probs: Tensor, weights: Tensor) -> Tensor:
    """Sum an estimate of KL(policy || reference) over tokens; a float32 scalar with gradient.

    Args:
        log_probs: float32 [B, T] with gradient: log-probs of the current policy.
        reference_log_probs: float32 [B, T]: log-probs of the reference, a frozen copy of the first policy.
        weights: float32 [B, T]: weights of the tokens; a token of weight 0 is left out.

    Raises:
        ValueError: The shapes differ.

    References:
        The estimator r - 1 - log r with r = reference / policy: GRPO, arXiv 2402.03300, equation 4.
    """
    if len({tuple(each.shape) for each in (log_probs, reference_log_probs, weights)}) != 1:
        raise ValueError(
            f"all streams must have one shape, got {list(log_probs.shape)}, "
            f"{list(reference_log_probs.shape)} and {list(weights.shape)}"
        )
    estimate = sampler_divergence(reference_log_probs, log_probs)
    return torch.where(weights != 0, weights * estimate, 0.0).sum()


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenScores:
    """The log-probs and entropies that a model assigns to the tokens of a batch."""

    log_probs: Tensor
    """float32 [B, T - 1]: log-prob of each token, with gradient if the weights require it."""
    entropy: Tensor
    """float32 [B, T - 1]: entropy of the distribution each token was drawn from, in nats; no gradient."""


def score_tokens(model: Any, batch: Batch) -> TokenScores:
    """Score every token but the first, given the tokens before it."""
    # Padding is at the end of the rows, so causal attention never sees it and needs no mask.
    logits = widened(model(input_ids=batch.token_ids[:, :-1], use_cache=False).logits)
    distribution = torch.log_softmax(logits, dim=-1)
    chosen = distribution.gather(-1, batch.token_ids[:, 1:, None]).squeeze(-1)
    with torch.no_grad():  # the entropy is only reported: a graph for it would cost memory
        entropy = -(distribution.exp() * distribution).sum(dim=-1)
    return TokenScores(log_probs=chosen, entropy=entropy)


def widened(logits: Tensor) -> Tensor:
    """Return logits in float32, or as they are if they are in float64."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def _ratio(log_probs: Tensor, reference: Tensor) -> Tensor:
    return (log_probs - reference).clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO).exp()
