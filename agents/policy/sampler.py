"""Sampling from a causal language model in one batch, with exact ids and log-probs.

Each request has its own random numbers, so the other requests of a batch affect its result by rounding only.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from .cache import block_cache, cache_keyword

SHRINK_AT = 0.875
"""Rows that have ended are removed from the batch when at most this share of the rows is still being
sampled."""


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


Ends = Callable[[SampleRequest, Sequence[int]], bool]
"""Returns whether a stop text ends a continuation that the model has not ended."""


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


@torch.inference_mode()
def sample_batch(
    model: Any, requests: Sequence[SampleRequest], *, stop_ids: frozenset[int], ends: Ends
) -> list[Sampled]:
    """Continue every prompt until the model ends it, a stop text appears, or the maximum length is reached.

    Prompts of different lengths are padded on the right; positions do not count the padding, and the mask
    hides it.

    Args:
        model: Causal language model of transformers; left in evaluation mode.
        requests: At least one request, in any order.
        stop_ids: Tokens that end a continuation.
        ends: Called after each token of a request with stop texts.
    """
    model.eval()
    rows = _Rows(requests, model.device)
    cache = block_cache(model.config)
    cached = {cache_keyword(model): cache, "use_cache": True}
    logits = _read_prompts(model, rows, cached)
    while True:
        tokens = rows.append(logits, stop_ids, ends)
        if rows.keep is not None:
            cache.batch_select_indices(rows.keep)
            tokens = tokens[rows.keep]
        if not rows.alive:
            return rows.finished()
        output = model(
            input_ids=tokens[:, None],
            attention_mask=rows.mask,
            position_ids=rows.positions[:, None],
            **cached,
        )
        logits = output.logits[:, -1].float()


def _read_prompts(model: Any, rows: _Rows, cached: Mapping[str, Any]) -> Tensor:
    """Fill the cache with the prompts and return the logits after each: float32 [B, V]."""
    prompts = [request.prompt_ids for request in rows.requests]
    width = max(map(len, prompts))
    padded = torch.tensor([[*prompt, *[0] * (width - len(prompt))] for prompt in prompts])
    last = rows.positions - 1
    needed = torch.unique(last)  # logits of all positions of long prompts would need too much memory
    output = model(
        input_ids=padded.to(rows.positions.device),
        attention_mask=rows.mask,
        logits_to_keep=needed,
        **cached,
    )
    at = torch.searchsorted(needed, last)
    logits: Tensor = output.logits[torch.arange(len(prompts), device=at.device), at]
    return logits.float()


class _Rows:
    """State of a batch during sampling; rows are removed some time after they have ended."""

    def __init__(self, requests: Sequence[SampleRequest], device: torch.device) -> None:
        self.requests = tuple(requests)
        lengths = torch.tensor([len(request.prompt_ids) for request in requests], device=device)
        slots = torch.arange(int(lengths.max()), device=device)
        self.positions = lengths
        """int64 [B]: position of the next token of each row."""
        # No row ever needs a later position.
        self._last_position = max(len(r.prompt_ids) + r.max_new_tokens for r in requests) - 1
        self.mask = None if int(lengths.min()) == len(slots) else (slots < lengths[:, None]).long()
        """int64 [B, slots], 0 at padding; None without padding."""
        self.keep: Tensor | None = None
        """Rows that the last `append` kept; None when it kept all."""
        uniform = torch.zeros((len(requests), max(r.max_new_tokens for r in requests)), dtype=torch.float64)
        for row, request in enumerate(requests):
            uniform[row, : request.max_new_tokens] = stream(request)
        self._uniform = uniform.to(device)
        self._temperature = torch.tensor(
            [r.temperature for r in requests], dtype=torch.float64, device=device
        )
        self._top_p = torch.tensor([r.top_p for r in requests], dtype=torch.float64, device=device)
        self._batch = list(range(len(requests)))
        self._going = set(self._batch)
        self._step = 0
        self._tokens: list[list[int]] = [[] for _ in requests]
        self._log_probs: list[list[float]] = [[] for _ in requests]
        self._entropy: list[list[float]] = [[] for _ in requests]
        self._reasons: dict[int, Literal["stop", "length"]] = {}

    @property
    def alive(self) -> bool:
        """Whether some row has not ended."""
        return bool(self._going)

    def append(self, logits: Tensor, stop_ids: frozenset[int], ends: Ends) -> Tensor:
        """Choose the next token of each row and remove rows that have ended; return the tokens [B]."""
        tokens = choose(logits, self._uniform[:, self._step], self._temperature, self._top_p)
        log_probs = torch.log_softmax(logits, dim=-1)
        chosen = log_probs.gather(-1, tokens[:, None]).squeeze(-1)
        if any(self.requests[row].entropy for row in self._going):
            for row, value in zip(self._batch, entropy_of(log_probs).tolist(), strict=True):
                if row in self._going:
                    self._entropy[row].append(value)
        self._step += 1
        if self._step > 1:
            # Rows that have ended are still computed; their positions must stay within the context.
            self.positions = (self.positions + 1).clamp(max=self._last_position)
        if self.mask is not None:
            self.mask = torch.cat([self.mask, self.mask.new_ones(len(self._batch), 1)], dim=1)
        for row, token, log_prob in zip(self._batch, tokens.tolist(), chosen.tolist(), strict=True):
            if row in self._going:
                self._note(row, token, log_prob, stop_ids, ends)
        self._shrink()
        return tokens

    def finished(self) -> list[Sampled]:
        """Return the continuations, in the order of the requests."""
        return [
            Sampled(
                token_ids=tuple(self._tokens[row]),
                log_probs=tuple(self._log_probs[row]),
                finish_reason=self._reasons[row],
                exact=request.temperature == 1 and request.top_p == 1,
                entropy=tuple(self._entropy[row]) if request.entropy else None,
            )
            for row, request in enumerate(self.requests)
        ]

    def _note(self, row: int, token: int, log_prob: float, stop_ids: frozenset[int], ends: Ends) -> None:
        request, tokens = self.requests[row], self._tokens[row]
        tokens.append(token)
        self._log_probs[row].append(log_prob)
        if token in stop_ids or (request.stop and ends(request, tokens)):
            self._reasons[row] = "stop"
        elif len(tokens) >= request.max_new_tokens:
            self._reasons[row] = "length"
        else:
            return
        self._going.discard(row)

    def _shrink(self) -> None:
        self.keep = None
        if len(self._going) > SHRINK_AT * len(self._batch):
            return
        stay = [place for place, row in enumerate(self._batch) if row in self._going]
        self._batch = [self._batch[place] for place in stay]
        self.keep = keep = torch.tensor(stay, dtype=torch.int64, device=self.positions.device)
        self.positions, self._uniform = self.positions[keep], self._uniform[keep]
        self._temperature, self._top_p = self._temperature[keep], self._top_p[keep]
        self.mask = None if self.mask is None else self.mask[keep]
