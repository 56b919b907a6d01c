"""Seeds are part of what makes a resumed run equal to a run that was not interrupted."""

from __future__ import annotations

import hashlib

from codefrontier.training.seeds import derived_seed


def test_seeds_are_those_of_earlier_versions() -> None:
    assert derived_seed("sampling", 3, 17) == 595670297307531936
    assert derived_seed("exercises", 0, 4, 1, bits=64) == 8011016282649055461
    assert derived_seed("rows", 5, 2) == 1780208951756763978


def test_a_seed_is_the_upper_bits_of_a_hash() -> None:
    digest = hashlib.blake2b(b"rows -1 2", digest_size=8).digest()
    assert derived_seed("rows", -1, 2, bits=64) == int.from_bytes(digest, "little")
    assert derived_seed("rows", -1, 2) == int.from_bytes(digest, "little") // 4
