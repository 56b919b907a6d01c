"""Yield the hidden inputs of Missing Ticket."""

from __future__ import annotations

import random
from collections.abc import Iterator


def render(numbers: list[int]) -> bytes:
    """Write one input."""
    return f"{len(numbers)}\n{' '.join(map(str, numbers))}\n".encode()


def complete(rng: random.Random, count: int) -> list[int]:
    """Return 0..count-1 in random order."""
    numbers = list(range(count))
    rng.shuffle(numbers)
    return numbers


def scattered(rng: random.Random, count: int, largest: int) -> list[int]:
    """Return `count` numbers of 0..largest, repetitions included."""
    return [int(rng.random() * (largest + 1)) for _ in range(count)]


def with_hole(rng: random.Random, count: int, hole: int, largest: int) -> list[int]:
    """Return all numbers below `hole`, not `hole`, and larger ones up to `largest`, shuffled."""
    numbers = list(range(hole))
    numbers += [hole + 1 + int(rng.random() * (largest - hole)) for _ in range(count - hole)]
    rng.shuffle(numbers)
    return numbers


def with_copies(rng: random.Random, hole: int, copies: int) -> list[int]:
    """Return all numbers below `hole`, and `copies` further copies of some of them, shuffled."""
    numbers = list(range(hole)) + [int(rng.random() * hole) for _ in range(copies)]
    rng.shuffle(numbers)
    return numbers


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, input) of every generated case; the same bytes on every machine."""
    rng = random.Random(20101)
    yield "01-empty", render([])
    yield "02-only-zero", render([0])
    yield "03-only-one", render([1])
    yield "04-same-number", render([0] * 7)
    yield "05-small-hole", render(with_hole(rng, 12, 5, 40))
    yield "06-small-complete", render(complete(rng, 25))
    yield "07-small-copies", render(with_copies(rng, 20, 20))
    yield "08-without-zero", render(with_hole(rng, 60, 0, 500))
    yield "09-scattered", render(scattered(rng, 200, 150))
    yield "10-copies", render(with_copies(rng, 300, 200))
    yield "11-complete", render(complete(rng, 900))
    yield "12-hole", render(with_hole(rng, 1200, 1000, 100_000))
    yield "13-large-numbers", render(with_hole(rng, 1500, 700, 10**9))
    yield "14-scattered", render(scattered(rng, 4000, 1000))
    yield "15-complete", render(complete(rng, 6000))
    yield "16-descending", render(list(range(24_999, -1, -1)))
    yield "17-copies", render(with_copies(rng, 40_000, 10_000))
    yield "18-ascending", render(list(range(200_000)))
    yield "19-complete", render(complete(rng, 200_000))
    yield "20-hole-near-end", render(with_hole(rng, 200_000, 190_000, 10**9))
    yield "21-large-before-small", render([10**9 - i for i in range(60_000)] + complete(rng, 140_000))
    yield "22-copies", render(with_copies(rng, 150_000, 50_000))
    yield "23-without-zero", render(with_hole(rng, 200_000, 0, 10**9))
    yield "24-all-but-the-last", render(with_hole(rng, 200_000, 199_999, 200_000))
    yield "25-pair", render([1, 0])
    yield "26-hole-at-one", render([0, 2, 3])
    yield "27-copies", render(with_copies(rng, 6, 5))
    yield "28-scattered", render(scattered(rng, 40, 30))
    yield "29-hole", render(with_hole(rng, 120, 90, 10**9))
    yield "30-complete", render(complete(rng, 400))
    yield "31-copies", render(with_copies(rng, 700, 500))
    yield "32-large-numbers", render(with_hole(rng, 2500, 1900, 10**9))
