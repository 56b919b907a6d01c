"""Requests to continue a prompt, their random numbers, and the choice of a token from logits."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class SampleRequest:
    """A prompt to continue, and how to sample."""

    prompt_ids: tuple[int, ...] = field(repr=False)
    max_new_tokens: int
    temperature: float = 1.0
    """Sampling temperature; 0 takes the most probable token."""
    top_p: float = 1.0
    """Probability mass to sample from: the most probable tokens that together reach it, at least one
    token."""
    seed: int = 0
    """Seed that, together with the prompt, decides all random numbers of this request."""
    stop: tuple[str, ...] = ()
    """Texts that end the continuation; the sampled tokens include the stop text."""
    entropy: bool = False
    """Whether the entropy at each sampled token is wanted, which costs a further pass over the logits."""
    top: int = 0
    """Number of most probable tokens that are wanted with each sampled token."""

    def __post_init__(self) -> None:
        if not self.prompt_ids:
            raise ValueError("prompt_ids must hold at least one token")
        if self.max_new_tokens < 1:
            raise ValueError(f"max_new_tokens must be at least 1, got {self.max_new_tokens!r}")
        if not 0 <= self.temperature <= 100:
            raise ValueError(f"temperature must be in [0, 100], got {self.temperature!r}")
        if not 0 <= self.top_p <= 1:
            raise ValueError(f"top_p must be in [0, 1], got {self.top_p!r}")
        if not -(1 << 63) <= self.seed < 1 << 63:
            raise ValueError(f"seed must be a 64-bit integer, got {self.seed!r}")
        if not all(self.stop):
            raise ValueError("a stop text must not be empty")
        if self.top < 0:
            raise ValueError(f"top must be at least 0, got {self.top!r}")


Candidates = tuple[tuple[int, float], ...]
"""The most probable tokens at a position with their log-probs under the model itself, the most probable
first."""


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """A sampled continuation."""

    token_ids: tuple[int, ...] = field(repr=False)
    """Sampled tokens; the last is the end-of-text token when the model ended the continuation."""
    log_probs: tuple[float, ...] = field(repr=False)
    """Log-probs of these tokens under the model itself (temperature 1, top_p 1), computed in float32."""
    finish_reason: Literal["stop", "length"]
    exact: bool
    """Whether the tokens were sampled from exactly that distribution, so that importance ratios may use the
    log-probs."""
    entropy: tuple[float, ...] | None = field(default=None, repr=False)
    """Entropy in nats of the model's own distribution (temperature 1, top_p 1) at each sampled token,
    computed in float32; None unless the request asked for it."""
    top: tuple[Candidates, ...] | None = field(default=None, repr=False)
    """The most probable tokens at each sampled token; None unless the request asked for them."""


def stream(request: SampleRequest) -> Tensor:
    """Return the uniform numbers of a request: float64 [max_new_tokens], from its seed and prompt.

    A longer request with the same seed and prompt begins with the same numbers.
    """
    described = struct.pack(f"<{len(request.prompt_ids) + 1}q", request.seed, *request.prompt_ids)
    seed = int.from_bytes(hashlib.blake2b(described, digest_size=8).digest(), "little", signed=True)
    # A generator of the CPU, so that the numbers are the same on every device.
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(request.max_new_tokens, generator=generator, dtype=torch.float64)


def choose(logits: Tensor, uniform: Tensor, temperature: Tensor, top_p: Tensor) -> Tensor:
    """Choose a token per row by inverting the cumulative distribution.

    Args:
        logits: float32 [B, V].
        uniform: float64 [B], in [0, 1).
        temperature: float64 [B]; 0 takes the most probable token.
        top_p: float64 [B], in [0, 1].

    Returns:
        int64 [B].
    """
    greedy = temperature == 0
    warmth = temperature.masked_fill(greedy, 1.0)
    # float64: in float32 a cumulative sum over a large vocabulary loses small probabilities.
    probabilities = torch.softmax(logits.double() / warmth[:, None], dim=-1)
    if bool((top_p < 1).any()):
        probabilities = keep_top(probabilities, top_p)
    cumulative = probabilities.cumsum(dim=-1)
    total = cumulative[:, -1]
    # Strictly below the total: at the total, `searchsorted` would return an index behind the last token.
    point = torch.minimum(uniform * total, torch.nextafter(total, torch.zeros_like(total)))
    sampled = torch.searchsorted(cumulative, point[:, None], right=True).squeeze(-1)
    # Logits that are not finite choose an arbitrary token; its log-prob is not finite, which the caller
    # checks.
    return torch.where(greedy, logits.argmax(dim=-1), sampled.clamp(max=logits.shape[-1] - 1))


def entropy_of(log_probs: Tensor) -> Tensor:
    """Return the entropy in nats of distributions; a token of probability 0 adds nothing.

    Args:
        log_probs: float32 [..., V], normalised.

    Returns:
        float32 [...], in [0, log V].
    """
    entropy: Tensor = torch.special.entr(log_probs.exp()).sum(dim=-1)
    return entropy


def keep_top(probabilities: Tensor, top_p: Tensor) -> Tensor:
    """Set all probabilities to 0 except the most probable tokens that together reach `top_p`, at least one.

    Args:
        probabilities: float64 [B, V].
        top_p: float64 [B]. A row with 1 stays unchanged.

    Returns:
        float64 [B, V], not normalised.
    """
    # Stable, so that tokens of equal probability keep the order of the vocabulary.
    ordered, order = probabilities.sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered
    kept = (before < top_p[:, None]) | (top_p[:, None] >= 1)
    kept[:, 0] = True
    return torch.zeros_like(probabilities).scatter(-1, order, ordered * kept)
