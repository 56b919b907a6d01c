"""Yield the hidden inputs of Inversion Triples."""

from __future__ import annotations

import random
from collections.abc import Iterator


def render(sequence: list[int]) -> bytes:
    """Write one input."""
    return f"{len(sequence)}\n{' '.join(map(str, sequence))}\n".encode()


def uniform(rng: random.Random, count: int, largest: int) -> list[int]:
    """Return `count` numbers of 1..largest."""
    return [1 + int(rng.random() * largest) for _ in range(count)]


def permutation(rng: random.Random, count: int) -> list[int]:
    """Return 1..count in random order."""
    sequence = list(range(1, count + 1))
    rng.shuffle(sequence)
    return sequence


def nearly_falling(rng: random.Random, count: int, swaps: int) -> list[int]:
    """Return count..1 with a few elements exchanged."""
    sequence = list(range(count, 0, -1))
    for _ in range(swaps):
        i, j = rng.randrange(count), rng.randrange(count)
        sequence[i], sequence[j] = sequence[j], sequence[i]
    return sequence


def stairs(count: int, step: int, top: int) -> list[int]:
    """Return a sequence that falls from `top` by one after every `step` equal elements."""
    return [top - i // step for i in range(count)]


def saw(count: int, tooth: int, top: int) -> list[int]:
    """Return falling runs of `tooth` elements, one after the other."""
    return [top - i % tooth for i in range(count)]


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, input) of every generated case; the same bytes on every machine."""
    rng = random.Random(20106)
    yield "01-single", render([1])
    yield "02-pair", render([2, 1])
    yield "03-falling", render([3, 2, 1])
    yield "04-equal", render([2, 2, 1, 1])
    yield "05-rising", render(list(range(1, 10)))
    yield "06-stairs", render(stairs(12, 3, 6))
    yield "07-permutation", render(permutation(rng, 20))
    yield "08-few-values", render(uniform(rng, 50, 5))
    yield "09-large-values", render(uniform(rng, 20, 10**9))
    yield "10-permutation", render(permutation(rng, 120))
    yield "11-saw", render(saw(250, 7, 100))
    yield "12-falling", render(list(range(400, 0, -1)))
    yield "13-permutation", render(permutation(rng, 800))
    yield "14-uniform", render(uniform(rng, 900, 10**9))
    yield "15-stairs", render(stairs(6000, 40, 10**6))
    yield "16-nearly-falling", render(nearly_falling(rng, 7000, 50))
    yield "17-few-values", render(uniform(rng, 40_000, 30))
    yield "18-permutation", render(permutation(rng, 100_000))
    yield "19-falling", render(list(range(10**9, 10**9 - 100_000, -1)))
    yield "20-uniform", render(uniform(rng, 100_000, 10**9))
    yield "21-many-equal", render(uniform(rng, 100_000, 20_000))
    yield "22-stairs", render(stairs(100_000, 3, 500_000))
    yield "23-nearly-falling", render(nearly_falling(rng, 100_000, 20_000))
    yield "24-saw", render(saw(100_000, 1000, 1_000_000))
    yield "25-one-triple", render([1, 4, 3, 2])
    yield "26-saw", render(saw(9, 3, 5))
    yield "27-few-values", render(uniform(rng, 15, 3))
    yield "28-nearly-falling", render(nearly_falling(rng, 30, 4))
    yield "29-stairs", render(stairs(80, 5, 200))
    yield "30-uniform", render(uniform(rng, 180, 10**9))
    yield "31-saw", render(saw(500, 25, 10**6))
    yield "32-nearly-falling", render(nearly_falling(rng, 700, 30))
