"""Make the secret inputs of Two Camps."""

import random
from collections.abc import Iterator

Pair = tuple[int, int]


def encode(rng: random.Random, n: int, pairs: list[Pair]) -> bytes:
    """Write one input: guests renumbered at random, quarrels shuffled and turned at random."""
    number = list(range(1, n + 1))
    rng.shuffle(number)
    rng.shuffle(pairs)
    lines = [f"{n} {len(pairs)}\n"]
    for a, b in pairs:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{number[a]} {number[b]}\n")
    return "".join(lines).encode()


def path(n: int, first: int = 0) -> list[Pair]:
    """Let `n` guests in a row quarrel with their neighbours."""
    return [(i, i + 1) for i in range(first, first + n - 1)]


def ring(n: int, first: int = 0) -> list[Pair]:
    """Close the row."""
    return [*path(n, first), (first + n - 1, first)]


def stars(count: int, rays: int) -> list[Pair]:
    """Make `count` guests that each quarrelled with `rays` others, who did not among themselves."""
    size = rays + 1
    return [(i * size, i * size + k) for i in range(count) for k in range(1, size)]


def tree(rng: random.Random, n: int, reach: int) -> list[Pair]:
    """Let each guest quarrel with one of the `reach` before."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, n)]


def between(rng: random.Random, left: int, right: int, m: int) -> list[Pair]:
    """Draw quarrels between two groups only."""
    return [(int(rng.random() * left), left + int(rng.random() * right)) for _ in range(m)]


def anywhere(rng: random.Random, n: int, m: int) -> list[Pair]:
    """Draw quarrels between any two guests."""
    pairs = []
    for _ in range(m):
        a = int(rng.random() * n)
        pairs.append((a, (a + 1 + int(rng.random() * (n - 1))) % n))
    return pairs


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-alone", encode(rng, 1, [])
    yield "02-pair", encode(rng, 2, [(0, 1), (1, 0)])
    yield "03-peace", encode(rng, 6, [])
    yield "04-triangle", encode(rng, 3, ring(3))
    yield "05-two-stars", encode(rng, 8, stars(2, 3))
    yield "06-late-triangle", encode(rng, 12, path(9) + ring(3, 9))
    yield "07-square", encode(rng, 5, ring(4))
    yield "08-stars", encode(rng, 25, stars(5, 4))
    yield "09-sparse", encode(rng, 30, anywhere(rng, 30, 9))
    yield "10-odd-ring", encode(rng, 31, ring(31))
    yield "11-even-ring", encode(rng, 32, ring(30))
    yield "12-tree", encode(rng, 60, tree(rng, 60, 60))
    yield "13-uneven", encode(rng, 80, between(rng, 10, 60, 70))
    yield "14-sparse", encode(rng, 150, anywhere(rng, 150, 40))
    yield "15-stars", encode(rng, 200, stars(20, 8))
    yield "16-path", encode(rng, 300, path(300))
    other = [(a + 200, b + 200) for a, b in tree(rng, 200, 3)]
    yield "17-two-trees", encode(rng, 400, tree(rng, 200, 200) + other)
    yield "18-between", encode(rng, 500, between(rng, 300, 200, 400))
    yield "19-one-odd-ring", encode(rng, 620, stars(80, 5) + ring(7, 600))
    yield "20-dense", encode(rng, 150, between(rng, 50, 100, 800))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53001)
    yield from small_cases(rng)
    yield "21-sparse", encode(rng, 1500, anywhere(rng, 1500, 450))
    yield "22-stars", encode(rng, 1300, stars(100, 12))
    yield "23-tree", encode(rng, 1400, tree(rng, 1400, 5))
    yield "24-even-rings", encode(rng, 1400, [pair for i in range(50) for pair in ring(28, 28 * i)])
    yield "25-path", encode(rng, 100_000, path(100_000))
    yield "26-stars", encode(rng, 40_000, stars(2000, 19))
    yield "27-tree", encode(rng, 50_000, tree(rng, 50_000, 50_000))
    yield "28-between", encode(rng, 40_000, between(rng, 12_000, 28_000, 40_000))
    yield "29-even-ring", encode(rng, 100_000, ring(99_998))
    yield "30-odd-ring", encode(rng, 100_000, ring(99_999))
    yield "31-late-triangle", encode(rng, 40_010, path(40_000) + ring(3, 40_000))
    yield "32-dense", encode(rng, 2_000, between(rng, 600, 1400, 60_000))
