"""Random bits for stochastic rounding from a counter-based generator.

The bits of a weight depend only on the seed, the name of its tensor and its index in the tensor. Any range
can be computed on its own, so results do not depend on chunks, shards, threads or other merges of a sweep.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LANES = 4
"""Number of 16-bit numbers in one 64-bit hash."""


def noise_key(seed: int, tensor: str) -> np.uint64:
    """Return the key of the noise of a tensor."""
    return np.uint64(int.from_bytes(hashlib.sha256(f"{seed}:{tensor}".encode()).digest()[:8], "little"))


def noise(key: np.uint64, start: int, count: int) -> NDArray[np.uint16]:
    """Return the noise of the weights from `start` on, in storage order: uint16 [count], uniform.

    References:
        Increment and finaliser are those of SplitMix64: Steele, Lea, Flood, doi:10.1145/2660193.2660195.
    """
    first, last = start // _LANES, -(-(start + count) // _LANES)
    hashes = _hashes(key, first, last)
    lanes = hashes.astype("<u8", copy=False).view("<u2")
    return lanes[start - first * _LANES :][:count]


def uniform(key: np.uint64, start: int, count: int) -> NDArray[np.float64]:
    """Return uniform numbers in [0, 1) for the weights from `start` on, in storage order: float64 [count]."""
    hashes = _hashes(key, start, start + count)
    hashes >>= np.uint64(11)  # the 53 bits that a float64 holds exactly
    return np.multiply(hashes, 2.0**-53, dtype=np.float64)


def _hashes(key: np.uint64, first: int, last: int) -> NDArray[np.uint64]:
    """Return the 64-bit hashes with the numbers from `first` to before `last`."""
    hashes = np.arange(first, last, dtype=np.uint64)
    hashes *= _GOLDEN
    hashes += key
    hashes ^= hashes >> np.uint64(30)
    hashes *= _FIRST
    hashes ^= hashes >> np.uint64(27)
    hashes *= _SECOND
    hashes ^= hashes >> np.uint64(31)
    return hashes
