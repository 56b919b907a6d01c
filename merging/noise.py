"""Random bits that depend on a seed, a tensor's name and a weight's place in it, and on nothing else.

A counter-based generator: any stretch can be made on its own, so the result of stochastic rounding does not
depend on chunks, shards, threads, or on the other merges of a sweep.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LANES = 4
"""16-bit numbers cut from one hash."""


def noise_key(seed: int, tensor: str) -> np.uint64:
    """Return the key of a tensor's noise."""
    return np.uint64(int.from_bytes(hashlib.sha256(f"{seed}:{tensor}".encode()).digest()[:8], "little"))


def noise(key: np.uint64, start: int, count: int) -> NDArray[np.uint16]:
    """Return uint16 [count], uniform: the noise of the weights from `start` on, in storage order.

    References:
        The finaliser is SplitMix64's: Steele, Lea, Flood, doi:10.1145/2660193.2660195.
    """
    first, last = start // _LANES, -(-(start + count) // _LANES)
    hashes = np.arange(first, last, dtype=np.uint64)
    hashes *= _GOLDEN
    hashes += key
    hashes ^= hashes >> np.uint64(30)
    hashes *= _FIRST
    hashes ^= hashes >> np.uint64(27)
    hashes *= _SECOND
    hashes ^= hashes >> np.uint64(31)
    lanes = hashes.astype("<u8", copy=False).view("<u2")
    return lanes[start - first * _LANES :][:count]
