"""What a model has read so far, for the rows of a running batch: key-value caches and how they are filled.

`RowMemory` is for models whose layers all have plain attention: each row has a length of its own, so a row
that has ended can be replaced. `EqualMemory` is for all other models: its rows are read together and have one
length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from .cache import RowPlaces, block_cache, cache_keyword, has_plain_attention, row_cache

SHARED_PREFIX = 16
"""Number of tokens from which on a common beginning of different prompts is read once for all of them."""
MASKS_4D = ("sdpa", "eager")
"""Implementations of attention that take an additive mask [B, 1, queries, keys]."""

Prompt = tuple[int, ...]


class Memory(Protocol):
    """Caches of the rows of a batch."""

    joins: bool
    """Whether prompts of any length can be read into rows while other rows are sampled; otherwise all prompts
    are read at once and have the same length."""

    def read(self, prompts: Sequence[Prompt], rows: Sequence[int]) -> Tensor:
        """Read prompts into rows and return the logits after each: float32 [rows, V].

        Rows from the first one behind the last existing row on are added.
        """
        ...

    def extend(self, tokens: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Read one token per row and return the logits after each: float32 [B, V].

        Args:
            tokens: [B].
            lengths: [B]: number of tokens that each row had before; 0 for a row that is not in use.
        """
        ...

    def keep(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order."""
        ...


def memory_of(model: Any) -> Memory:
    """Return an empty memory that suits a model."""
    return RowMemory(model) if has_plain_attention(model.config) else EqualMemory(model)


class RowMemory:
    """Rows of different lengths; a row begins at column 0 and its unused columns are hidden by the mask.

    Equal prompts are read once: a row is copied from another row that has begun with the same prompt. A
    common beginning of different prompts is read as one row.

    Args:
        model: Causal language model of transformers with plain attention in every layer.
    """

    joins = True

    def __init__(self, model: Any) -> None:
        self._model = model
        self._places = RowPlaces()
        self._cache, self._layers = row_cache(model.config, self._places)
        self._keyword = cache_keyword(model)
        self._takes_4d = getattr(model.config, "_attn_implementation", None) in MASKS_4D
        self._prompts: list[Prompt] = []
        self._after: dict[Prompt, Tensor] = {}
        """float32 [V] for each prompt of a row: the logits after it."""

    def read(self, prompts: Sequence[Prompt], rows: Sequence[int]) -> Tensor:
        """Read prompts into rows; rows that are replaced keep nothing."""
        width = max(len(prompt) for prompt in prompts)
        for layer in self._layers:
            layer.make_room(max([*rows, len(self._prompts) - 1]) + 1, width)
        held = {prompt: row for row, prompt in enumerate(self._prompts)}
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in held]
        # Copied before anything is replaced: the source may be one of the rows that are.
        copied = [(row, held[prompt]) for row, prompt in zip(rows, prompts, strict=True) if prompt in held]
        for layer in self._layers:
            layer.copy_rows(copied, width)
        if new:
            cache, logits = self._read_new(new)
            self._after |= dict(zip(new, logits, strict=True))
            place = {prompt: number for number, prompt in enumerate(new)}
            filled = [(row, place[p]) for row, p in zip(rows, prompts, strict=True) if p in place]
            for layer, source in zip(self._layers, cache.layers, strict=True):
                layer.fill_rows(filled, source)
        self._prompts += [()] * (max(rows) + 1 - len(self._prompts))
        for row, prompt in zip(rows, prompts, strict=True):
            self._prompts[row] = prompt
        self._forget()
        return torch.stack([self._after[prompt] for prompt in prompts])

    def extend(self, tokens: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Read one token per row; a row that is not in use reads it into its column 0."""
        device, width = self._model.device, max(lengths) + 1
        ids, at = torch.tensor([list(tokens), list(lengths)], device=device)
        self._places.at, self._places.width = at, width
        output = self._model(
            input_ids=ids[:, None],
            attention_mask=None if min(lengths) == max(lengths) else self._mask(at, width),
            position_ids=at[:, None],
            **{self._keyword: self._cache, "use_cache": True},
        )
        logits: Tensor = output.logits[:, -1].float()
        # Column 0 of a row that is not in use has been overwritten, so its prompt is there no more.
        self._prompts = [
            prompt if length else () for prompt, length in zip(self._prompts, lengths, strict=True)
        ]
        return logits

    def keep(self, rows: Sequence[int]) -> None:
        """Keep these rows."""
        for layer in self._layers:
            layer.batch_select_indices(torch.tensor(rows, dtype=torch.int64, device=self._model.device))
        self._prompts = [self._prompts[row] for row in rows]
        self._forget()

    def _forget(self) -> None:
        held = set(self._prompts)
        self._after = {prompt: logits for prompt, logits in self._after.items() if prompt in held}

    def _mask(self, at: Tensor, width: int) -> Tensor:
        """Return the mask that hides the unused columns of each row, of the kind that the model takes."""
        seen = torch.arange(width, device=at.device) <= at[:, None]
        if not self._takes_4d:
            return seen.long()
        mask = torch.zeros(seen.shape, dtype=self._model.dtype, device=at.device)
        return mask.masked_fill_(~seen, -torch.inf)[:, None, None, :]

    def _read_new(self, prompts: Sequence[Prompt]) -> tuple[Any, Tensor]:
        """Read different prompts, padded on the right, and return their cache and logits.

        Nothing reads what is computed for the padding: it comes after all tokens of its row.
        """
        cache = block_cache(self._model.config)
        shared = _common_length(prompts) if len(prompts) > 1 else 0
        if shared >= SHARED_PREFIX:
            self._forward([prompts[0][:shared]], 0, cache, logits_to_keep=1)
            cache.batch_select_indices(
                torch.zeros(len(prompts), dtype=torch.int64, device=self._model.device)
            )
        else:
            shared = 0
        return cache, _last_logits(
            lambda rest, needed: self._forward(rest, shared, cache, logits_to_keep=needed),
            [prompt[shared:] for prompt in prompts],
            self._model.device,
        )

    def _forward(self, ids: Sequence[Prompt], start: int, cache: Any, *, logits_to_keep: Any) -> Tensor:
        padded = _padded(ids)
        output = self._model(
            input_ids=padded.to(self._model.device),
            position_ids=torch.arange(start, start + padded.shape[1], device=self._model.device)[None],
            logits_to_keep=logits_to_keep,
            **{self._keyword: cache, "use_cache": True},
        )
        logits: Tensor = output.logits
        return logits


class EqualMemory:
    """Rows of equal length, for any cache of transformers.

    Padding would enter the state of a layer with a window or with linear attention, so there is none.

    Args:
        model: Causal language model of transformers.
    """

    joins = False

    def __init__(self, model: Any) -> None:
        self._model = model
        self._cache = block_cache(model.config)
        self._cached = {cache_keyword(model): self._cache, "use_cache": True}

    def read(self, prompts: Sequence[Prompt], rows: Sequence[int]) -> Tensor:
        """Read prompts of equal length; there are no other rows."""
        output = self._model(
            input_ids=_padded(prompts).to(self._model.device), logits_to_keep=1, **self._cached
        )
        logits: Tensor = output.logits[:, -1].float()
        return logits

    def extend(self, tokens: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Read one token per row; rows that are not in use grow with the others."""
        ids = torch.tensor(list(tokens), device=self._model.device)[:, None]
        positions = torch.full_like(ids, max(lengths))
        output = self._model(input_ids=ids, position_ids=positions, **self._cached)
        logits: Tensor = output.logits[:, -1].float()
        return logits

    def keep(self, rows: Sequence[int]) -> None:
        """Keep these rows."""
        self._cache.batch_select_indices(torch.tensor(rows, dtype=torch.int64, device=self._model.device))


def _padded(ids: Sequence[Prompt]) -> Tensor:
    width = max(map(len, ids))
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in ids])


def _last_logits(forward: Any, ids: Sequence[Prompt], device: Any) -> Tensor:
    """Return the logits after each row: float32 [B, V]."""
    last = torch.tensor([len(row) - 1 for row in ids], device=device)
    needed = torch.unique(last)  # logits of all positions of long prompts would need too much memory
    logits = forward(ids, needed)
    chosen: Tensor = logits[torch.arange(len(ids), device=device), torch.searchsorted(needed, last)]
    return chosen.float()


def _common_length(prompts: Sequence[Prompt]) -> int:
    """Return the length of the longest common beginning that leaves at least one token of every prompt."""
    low, high = min(prompts), max(prompts)  # all others lie between them
    most = min(map(len, prompts)) - 1
    return next((place for place in range(most) if low[place] != high[place]), most)
