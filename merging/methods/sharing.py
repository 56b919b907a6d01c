"""Methods of one kind that differ in one setting, and read each tensor together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .method import Blend, Method, TensorView

Statistics = TypeVar("Statistics")


class SharedMethod(Protocol[Statistics]):
    """A method whose statistics of a tensor do not depend on the setting in which methods differ."""

    def read(self, view: TensorView) -> Statistics:
        """Read a tensor."""
        ...

    def blend_of(self, statistics: Statistics, name: str) -> Blend:
        """Return the formula of a tensor from its statistics and its name."""
        ...


class _Reader(Generic[Statistics]):
    """Reads a tensor for the first method that asks, and remembers it for the others."""

    def __init__(self, method: SharedMethod[Statistics]) -> None:
        self._method = method
        self._last: tuple[TensorView, Statistics] | None = None

    def read(self, view: TensorView) -> Statistics:
        if self._last is None or self._last[0] is not view:
            self._last = None  # frees the statistics of the previous tensor first
            self._last = view, self._method.read(view)
        return self._last[1]


@dataclass(frozen=True, kw_only=True)
class _Member(Generic[Statistics]):
    method: SharedMethod[Statistics]
    reader: _Reader[Statistics]

    def blend(self, view: TensorView) -> Blend:
        """Return the formula of a tensor."""
        return self.method.blend_of(self.reader.read(view), view.name)


def shared(methods: Sequence[SharedMethod[Statistics]]) -> tuple[Method, ...]:
    """Return methods that give the same results as these, and read each tensor once for all of them.

    Args:
        methods: Methods with equal statistics, in which only other settings differ.
    """
    reader = _Reader(methods[0])
    return tuple(_Member(method=method, reader=reader) for method in methods)
