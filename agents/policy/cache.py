"""Key-value caches that grow in blocks: appending a token copies that token only, not the whole cache."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

BLOCK = 64
"""Slots added at a time."""


class BlockLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # transformers registers subclasses in an untyped method
    """Keys and values of one layer: the filled part of longer buffers."""

    _buffers: tuple[Tensor, Tensor] | None = None

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **keywords: object
    ) -> tuple[Tensor, Tensor]:
        """Append states and return all keys and values, each [B, heads, slots, width]."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        keys, values = self._buffers or (None, None)
        # Copying all keys and values at each token would make sampling quadratic in the length.
        if keys is None or values is None or end > keys.shape[-2]:
            keys, values = _longer(keys, key_states, start, end), _longer(values, value_states, start, end)
        keys[..., start:end, :] = key_states
        values[..., start:end, :] = value_states
        return self._fill(keys, values, end)

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows of the batch."""
        if self._buffers is not None:
            keys, values = self._buffers
            self._fill(keys[indices], values[indices], self.get_seq_length())

    def _fill(self, keys: Tensor, values: Tensor, end: int) -> tuple[Tensor, Tensor]:
        self._buffers = (keys, values)
        self.keys, self.values = filled = keys[..., :end, :], values[..., :end, :]
        return filled


@dataclass(kw_only=True)
class RowPlaces:
    """Where the layers of a row cache write the next token of each row."""

    at: Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.int64))
    """int64 [B]: columns."""
    width: int = 1
    """Number of columns that the next token sees, counted with its own."""


class RowLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # transformers registers subclasses in an untyped method
    """Keys and values of one layer, where every row has a length of its own.

    Args:
        places: Places of the next token, which all layers share.
    """

    def __init__(self, places: RowPlaces) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped
        self._places = places
        self._rows, self._columns = 0, 0
        self._buffers: tuple[Tensor, Tensor] | None = None
        self.is_initialized = True

    def get_seq_length(self) -> int:
        """Return the number of columns before the next token."""
        return self._places.width - 1

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **keywords: object
    ) -> tuple[Tensor, Tensor]:
        """Write one token per row and return the columns up to the width, each [B, heads, width, size]."""
        width = self._places.width
        self.make_room(self._rows, width)
        keys, values = self._filled
        at = self._places.at[:, None, None, None]
        keys.scatter_(2, at.expand_as(key_states), key_states)
        values.scatter_(2, at.expand_as(value_states), value_states)
        return keys[:, :, :width], values[:, :, :width]

    def make_room(self, rows: int, columns: int) -> None:
        """Grow to at least this many rows and columns; new places hold zeros, which the mask can hide."""
        columns = max(self._columns, (columns + BLOCK - 1) // BLOCK * BLOCK)
        rows = max(self._rows, rows)
        if self._buffers is not None and (rows, columns) != (self._rows, self._columns):
            self._buffers = (_larger(self._filled[0], rows, columns), _larger(self._filled[1], rows, columns))
        self._rows, self._columns = rows, columns

    def copy_rows(self, pairs: Sequence[tuple[int, int]], columns: int) -> None:
        """Copy the first columns of rows to other rows.

        Args:
            pairs: Target and source of each copy; all sources are read before any target is written.
            columns: Number of columns to copy; further columns of the targets become 0.
        """
        if pairs:
            targets, sources = torch.tensor(pairs, device=self._filled[0].device).T
            for buffer in self._filled:
                copied = buffer[sources, :, :columns]
                _write(buffer, targets, copied)

    def fill_rows(self, pairs: Sequence[tuple[int, int]], other: Any) -> None:
        """Copy rows from another layer.

        Args:
            pairs: Target in this layer and source in the other layer of each copy.
            other: Layer whose keys and values are [B, heads, columns, size].
        """
        if self._buffers is None:
            shapes = [(self._rows, x.shape[1], self._columns, x.shape[3]) for x in (other.keys, other.values)]
            self._buffers = (other.keys.new_zeros(shapes[0]), other.values.new_zeros(shapes[1]))
        targets, sources = torch.tensor(pairs, device=other.keys.device).T
        _write(self._filled[0], targets, other.keys[sources])
        _write(self._filled[1], targets, other.values[sources])

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows of the batch."""
        keys, values = self._filled
        self._buffers = (keys[indices], values[indices])
        self._rows = len(indices)

    @property
    def _filled(self) -> tuple[Tensor, Tensor]:
        assert self._buffers is not None, "nothing was read"
        return self._buffers


def _write(buffer: Tensor, rows: Tensor, columns: Tensor) -> None:
    """Write the first columns of rows; the others become 0, because no mask hides a leftover NaN."""
    buffer[rows, :, : columns.shape[2]] = columns
    buffer[rows, :, columns.shape[2] :] = 0


def _larger(old: Tensor, rows: int, columns: int) -> Tensor:
    new = old.new_zeros((rows, old.shape[1], columns, old.shape[3]))
    new[: old.shape[0], :, : old.shape[2]] = old
    return new


def _longer(old: Tensor | None, new: Tensor, start: int, end: int) -> Tensor:
    """Return a buffer of at least `end` slots that begins with the `start` old slots."""
    slots = (end + BLOCK - 1) // BLOCK * BLOCK
    buffer = new.new_empty((*new.shape[:-2], slots, new.shape[-1]))
    if old is not None:
        buffer[..., :start, :] = old[..., :start, :]
    return buffer


def block_cache(config: Any) -> DynamicCache:
    """Return an empty cache for a model; only layers of plain attention are replaced."""
    cache = DynamicCache(config=config)
    cache.layers = [
        BlockLayer() if type(layer) is DynamicLayer else layer  # type: ignore[no-untyped-call]  # untyped
        for layer in cache.layers
    ]
    return cache


def has_plain_attention(config: Any) -> bool:
    """Return whether every layer of a model keeps keys and values of all tokens, as `RowLayer` does."""
    layers = DynamicCache(config=config).layers
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def row_cache(config: Any, places: RowPlaces) -> tuple[DynamicCache, list[RowLayer]]:
    """Return an empty cache of row layers for a model with plain attention, and its layers."""
    cache = DynamicCache(config=config)
    layers = [RowLayer(places) for _ in cache.layers]
    cache.layers = [*layers]
    return cache, layers


def cache_keyword(model: Any) -> str:
    """Return the keyword under which a model's `forward` takes its key-value cache.

    transformers renamed it in 5.24 from `past_key_values` to `cache`, and warns about the old name.
    """
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"
