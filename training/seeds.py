"""Seeds of the random choices of a run, each derived from the seed of the run and from what is chosen."""

from __future__ import annotations

import hashlib


def derived_seed(purpose: str, *numbers: int, bits: int = 62) -> int:
    """Return a seed for one choice; a hash, so that no two choices are related.

    Resumed runs depend on these values: they must never change.

    Args:
        purpose: What the seed is for.
        numbers: What else decides, such as the seed of the run and the step.
        bits: Number of bits of the seed, at most 64. Generators of torch take 63.

    Returns:
        The seed, in [0, 2**bits).
    """
    text = " ".join([purpose, *map(str, numbers)])
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> (64 - bits)
