"""A batch that is ready for its update, and how a checkpoint keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from torch import Tensor

from .rows import Row

_ROW = "row"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The rows of a step, after its episodes were sampled, judged and scored."""

    rows: Sequence[Row] = field(repr=False)
    metrics: Mapping[str, Any]
    """Metrics of the episodes, as JSON values."""
    cache_hits: float
    """Share of the submissions that were not judged because their judgement was known."""
    time_s: Mapping[str, float]
    """Wall seconds by activity: `sample` and `judge`."""

    def encode(self) -> dict[str, Any]:
        """Return the batch as tensors and JSON values, which `torch.load` reads without running code."""
        return {**vars(self), "rows": [_encode(row) for row in self.rows]}

    @classmethod
    def decode(cls, content: Mapping[str, Any]) -> Prepared:
        """Return the batch that `encode` described."""
        return cls(**{**content, "rows": [_decode(row) for row in content["rows"]]})


def _encode(value: Any) -> Any:
    """Encode a row, and rows within a row, as dictionaries."""
    if isinstance(value, Row):
        return {_ROW: {each.name: _encode(getattr(value, each.name)) for each in fields(value)}}
    if isinstance(value, Tensor):
        return value.detach().clone()  # a view would be written with all of its storage
    if isinstance(value, Mapping):
        return {name: _encode(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encode(item) for item in value]
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {_ROW}:
        return Row(**{name: _decode(item) for name, item in value[_ROW].items()})
    if isinstance(value, dict):
        return {name: _decode(item) for name, item in value.items()}
    if isinstance(value, list):
        return tuple(_decode(item) for item in value)
    return value
