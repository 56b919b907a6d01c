"""Make the secret inputs of Quiet Stretches."""

import random
from collections.abc import Iterator
from itertools import pairwise


def encode(k: int, patterns: list[int]) -> bytes:
    """Write one input."""
    return f"{len(patterns)} {k}\n{' '.join(map(str, patterns))}\n".encode()


def uniform(rng: random.Random, n: int, k: int, bits: int = 20) -> bytes:
    """Draw patterns of so many colours."""
    return encode(k, [int(rng.random() * 2**bits) for _ in range(n)])


def from_prefixes(k: int, prefixes: list[int]) -> bytes:
    """Choose the patterns so that the first i lamps come together to `prefixes[i]`."""
    return encode(k, [a ^ b for a, b in pairwise(prefixes)])


def few_prefixes(rng: random.Random, n: int, k: int, kinds: int) -> bytes:
    """Let the prefixes come from few values, so that very many stretches have the same pattern."""
    values = [int(rng.random() * 2**20) for _ in range(kinds)]
    return from_prefixes(k, [values[int(rng.random() * kinds)] for _ in range(n + 1)])


def near_k(rng: random.Random, n: int, k: int) -> bytes:
    """Let the prefixes come from a pair of values that differ by about k, so that k itself decides."""
    base = int(rng.random() * 2**20)
    values = [base, base ^ min(k, 2**20 - 1), base ^ max(k - 1, 0), base ^ min(k + 1, 2**20 - 1)]
    return from_prefixes(k, [values[int(rng.random() * 4)] for _ in range(n + 1)])


def counting(n: int, k: int) -> bytes:
    """Let the prefixes count from 0 to n."""
    return from_prefixes(k, list(range(n + 1)))


FULL = 2**20


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-none-below", encode(0, [0])
    yield "02-one", encode(6, [5])
    yield "03-equal-to-k", encode(5, [5, 0])
    yield "04-zeros", encode(1, [0] * 5)
    yield "05-all", uniform(rng, 6, FULL)
    yield "06-few-colours", uniform(rng, 9, 2, bits=2)
    yield "07-near-k", near_k(rng, 10, 11)
    yield "08-counting", counting(15, 6)
    yield "09-two-prefixes", few_prefixes(rng, 20, 1, 2)
    yield "10-few-colours", uniform(rng, 30, 5, bits=3)
    yield "11-uniform", uniform(rng, 35, 300_000)
    yield "12-near-k", near_k(rng, 50, 2**19)
    yield "13-counting", counting(80, 40)
    yield "14-few-prefixes", few_prefixes(rng, 100, 2**19 + 1, 5)
    yield "15-uniform", uniform(rng, 140, 7, bits=6)
    yield "16-uniform", uniform(rng, 180, FULL // 3)
    yield "17-near-k", near_k(rng, 250, 123_456)
    yield "18-none-below", uniform(rng, 300, 0)
    yield "19-zeros", encode(1, [0] * 700)
    yield "20-all", uniform(rng, 400, FULL)
    yield "21-few-prefixes", few_prefixes(rng, 500, FULL - 1, 20)
    yield "22-uniform", uniform(rng, 600, 1000, bits=12)
    yield "23-counting", counting(800, 77)
    yield "24-uniform", uniform(rng, 900, FULL - 1)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61006)
    yield from small_cases(rng)
    yield "25-uniform", uniform(rng, 2000, 2**18 + 5)
    yield "26-near-k", near_k(rng, 20_000, 987_654)
    yield "27-zeros", encode(1, [0] * 40_000)
    yield "28-all", uniform(rng, 40_000, FULL)
    yield "29-uniform", uniform(rng, 40_000, FULL - 1)
    yield "30-few-prefixes", few_prefixes(rng, 40_000, 699_051, 300)
    yield "31-counting", counting(40_000, 21_845)
    yield "32-uniform", uniform(rng, 40_000, 349_525)
