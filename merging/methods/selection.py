"""The largest of many numbers, found exactly in a few passes over a stream, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..checkpoints.formats import Values

DIGIT_BITS = 16
_DIGITS = 64 // DIGIT_BITS
Stream = Callable[[], Iterable[Values]]
"""Starts a pass: arrays of numbers of at least 0, always the same and in the same order."""


@dataclass(frozen=True, kw_only=True)
class Largest:
    """The k largest numbers of a stream: of equal numbers, those that come first."""

    value: float
    """The k-th largest number; infinite for k = 0."""
    last: int
    """Index in the stream of the last number that equals `value` and belongs to the largest."""

    def mask(self, values: Values, first: int) -> NDArray[np.bool_]:
        """Return which numbers belong to the largest, given the index of the first number in the stream."""
        above: NDArray[np.bool_] = values > self.value
        equal = np.flatnonzero(values == self.value)
        above[equal[equal + first <= self.last]] = True
        return above


def largest(stream: Stream, count: int) -> Largest:
    """Find the `count` largest numbers of a stream.

    Args:
        stream: Starts a pass over the numbers, float64 of at least 0; up to five passes are made.
        count: Number of numbers to find, from 0 to the length of the stream.

    Raises:
        ValueError: The stream has fewer numbers.
    """
    if count < 0:
        raise ValueError(f"count must be at least 0, got {count}")
    if count == 0:
        return Largest(value=np.inf, last=-1)
    # Numbers of at least 0 are ordered like their bits, so the k-th is found digit by digit from the highest.
    prefix, missing = np.uint64(0), count
    for digit in range(_DIGITS):
        counts = np.zeros(1 << DIGIT_BITS, dtype=np.int64)
        shift = np.uint64(64 - DIGIT_BITS * (digit + 1))
        for values in stream():
            bits = values.view(np.uint64)
            if digit:
                bits = bits[(bits >> np.uint64(shift + np.uint64(DIGIT_BITS))) == prefix]
            counts += np.bincount((bits >> shift) & np.uint64(0xFFFF), minlength=1 << DIGIT_BITS)
        above = np.cumsum(counts[::-1])[::-1]  # number of values with at least this digit
        if missing > above[0]:
            raise ValueError(f"the stream has {above[0]} numbers, {count} are asked for")
        chosen = int(np.flatnonzero(above >= missing)[-1])
        missing -= int(above[chosen] - counts[chosen])
        prefix = (prefix << np.uint64(DIGIT_BITS)) | np.uint64(chosen)
    value = float(np.array([prefix], dtype=np.uint64).view(np.float64)[0])
    return Largest(value=value, last=_place_of(stream, value, missing))


def _place_of(stream: Stream, value: float, number: int) -> int:
    """Return the index of the `number`-th of the numbers that equal a value."""
    first = 0
    for values in stream():
        equal = np.flatnonzero(values == value)
        if number <= len(equal):
            return first + int(equal[number - 1])
        number -= len(equal)
        first += len(values)
    raise ValueError(f"{value!r} is not as often in the stream as before")
