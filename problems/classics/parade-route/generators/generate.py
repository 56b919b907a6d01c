"""Make the secret inputs of Parade Route."""

import random
from collections.abc import Iterator

Bounds = tuple[int, int]


def below(rng: random.Random, bound: int) -> int:
    """Draw an integer from 0 to `bound` - 1."""
    return int(rng.random() * bound)


def encode(rng: random.Random, parents: list[int], gains: list[int], tolls: list[int]) -> bytes:
    """Write one input, all renumbered and shuffled. Village i has the parent `parents[i - 1]`."""
    n = len(gains)
    number = list(range(n))
    rng.shuffle(number)
    shown = [0] * n
    for village, gain in enumerate(gains):
        shown[number[village]] = gain
    roads = []
    for village, (parent, toll) in enumerate(zip(parents, tolls, strict=True), 1):
        ends = [number[village] + 1, number[parent] + 1]
        rng.shuffle(ends)
        roads.append(f"{ends[0]} {ends[1]} {toll}\n")
    rng.shuffle(roads)
    return (f"{n}\n{' '.join(map(str, shown))}\n" + "".join(roads)).encode()


def tree(rng: random.Random, n: int, reach: int) -> list[int]:
    """Join each village with one of the `reach` before it."""
    return [i - 1 - below(rng, min(i, reach)) for i in range(1, n)]


def star(n: int) -> list[int]:
    """Join all with the first."""
    return [0] * (n - 1)


def comb(n: int, tooth: int) -> list[int]:
    """Hang a path of `tooth` villages below each village of a path."""
    return [max(i - tooth, 0) if i % tooth == 0 else i - 1 for i in range(1, n)]


def drawn(rng: random.Random, parents: list[int], gains: Bounds, tolls: Bounds) -> bytes:
    """Draw gains and tolls within bounds, both included."""
    low, high = gains
    cheap, dear = tolls
    return encode(
        rng,
        parents,
        [low + below(rng, high - low + 1) for _ in range(len(parents) + 1)],
        [cheap + below(rng, dear - cheap + 1) for _ in parents],
    )


def balanced(rng: random.Random, parents: list[int], most: int) -> bytes:
    """Let the toll to each village be what it brings in, so that every way down is worth nothing."""
    gains = [below(rng, most + 1) for _ in range(len(parents) + 1)]
    return encode(rng, parents, gains, gains[1:])


BIG, TIES = 10**9, ((-1, 1), (0, 1))


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode(rng, [], [-5], [])
    yield "02-two", encode(rng, [0], [3, 4], [2])
    yield "03-toll-too-dear", encode(rng, [0], [3, 3], [4])
    yield "04-zeros", drawn(rng, tree(rng, 5, 1), (0, 0), (0, 0))
    yield "05-large", drawn(rng, tree(rng, 4, 2), (BIG, BIG), (0, 0))
    yield "06-all-negative", drawn(rng, tree(rng, 6, 6), (-9, -7), (0, 3))
    yield "07-star", drawn(rng, star(8), (1, 2), (0, 1))
    yield "08-hole", encode(rng, tree(rng, 7, 1), [5, 5, 5, -40, 4, 4, 4], [1] * 6)
    yield "09-ties", drawn(rng, tree(rng, 12, 4), *TIES)
    yield "10-balanced", balanced(rng, tree(rng, 15, 5), 3)
    yield "11-path", drawn(rng, tree(rng, 20, 1), (-10, 10), (0, 3))
    yield "12-ties", drawn(rng, tree(rng, 25, 25), *TIES)
    yield "13-comb", drawn(rng, comb(36, 6), (-5, 9), (0, 4))
    yield "14-uniform", drawn(rng, tree(rng, 50, 50), (-BIG, BIG), (0, BIG))
    yield "15-all-negative", drawn(rng, tree(rng, 70, 3), (-3, -1), (0, 0))
    yield "16-ties", drawn(rng, tree(rng, 90, 2), *TIES)
    yield "17-star", drawn(rng, star(120), (0, 3), (0, 3))
    yield "18-zeros", drawn(rng, tree(rng, 150, 10), (0, 0), (0, 0))
    yield "19-path", drawn(rng, tree(rng, 200, 1), (-1000, 1000), (0, 10))
    yield "20-balanced", balanced(rng, tree(rng, 260, 30), 10)
    yield "21-large", drawn(rng, tree(rng, 300, 2), (BIG - 9, BIG), (0, 5))
    yield "22-comb", drawn(rng, comb(400, 20), (-100, 120), (0, 20))
    yield "23-uniform", drawn(rng, tree(rng, 500, 500), (-BIG, BIG), (0, BIG // 5))
    yield "24-ties", drawn(rng, tree(rng, 600, 8), *TIES)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61005)
    yield from small_cases(rng)
    yield "25-uniform", drawn(rng, tree(rng, 4000, 40), (-BIG, BIG), (0, 1000))
    yield "26-ties", drawn(rng, tree(rng, 15_000, 3), *TIES)
    yield "27-zeros", drawn(rng, tree(rng, 50_000, 1), (0, 0), (0, 0))
    yield "28-large", drawn(rng, tree(rng, 50_000, 1), (BIG - 5, BIG), (0, 10))
    yield "29-balanced", balanced(rng, tree(rng, 50_000, 20_000), 10**6)
    yield "30-comb", drawn(rng, comb(50_000, 200), (-1000, 1050), (0, 20))
    yield "31-star", drawn(rng, star(50_000), (0, 1000), (0, 1000))
    yield "32-uniform", drawn(rng, tree(rng, 50_000, 50), (-BIG, BIG), (0, BIG // 2))
