"""Make the secret inputs of Radio Masts."""

import random
from collections.abc import Iterator

Road = tuple[int, int]


def encode(rng: random.Random, people: list[int], roads: list[Road]) -> bytes:
    """Write one input: villages renumbered at random, roads shuffled and turned at random."""
    n = len(people)
    number = list(range(n))
    rng.shuffle(number)
    placed = [0] * n
    for village, count in zip(number, people, strict=True):
        placed[village] = count
    rng.shuffle(roads)
    lines = [f"{n}\n{' '.join(map(str, placed))}\n"]
    for a, b in roads:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{number[a] + 1} {number[b] + 1}\n")
    return "".join(lines).encode()


def people(rng: random.Random, n: int, most: int = 10**9) -> list[int]:
    """Draw numbers from 1 to `most`."""
    return [1 + int(rng.random() * most) for _ in range(n)]


def tree(rng: random.Random, n: int, reach: int) -> list[Road]:
    """Join each village with one of the `reach` before it."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, n)]


def stars(count: int, rays: int) -> list[Road]:
    """Put the middles of stars in a row."""
    size = rays + 1
    roads = [(i * size, i * size + k) for i in range(count) for k in range(1, size)]
    return roads + [(i * size - size, i * size) for i in range(1, count)]


def heavy_middles(rng: random.Random, count: int, rays: int) -> list[int]:
    """Give each middle of a star more people than a ray, but fewer than pay for what it forbids."""
    result = []
    for _ in range(count):
        result.append(1500 + int(rng.random() * 100))
        result += [1000 + int(rng.random() * 100) for _ in range(rays)]
    return result


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode(rng, [7], [])
    yield "02-two", encode(rng, [3, 4], tree(rng, 2, 1))
    yield "03-row", encode(rng, [5, 9, 6], tree(rng, 3, 1))
    yield "04-row", encode(rng, [5, 6, 1, 5, 2], tree(rng, 5, 1))
    yield "05-star", encode(rng, people(rng, 6, 20), stars(1, 5))
    yield "06-random", encode(rng, people(rng, 8, 20), tree(rng, 8, 8))
    yield "07-stars", encode(rng, heavy_middles(rng, 3, 2), stars(3, 2))
    yield "08-random", encode(rng, people(rng, 12, 1), tree(rng, 12, 12))
    yield "09-large", encode(rng, people(rng, 14), tree(rng, 14, 3))
    yield "10-row", encode(rng, people(rng, 25, 100), tree(rng, 25, 1))
    yield "11-random", encode(rng, people(rng, 30), tree(rng, 30, 4))
    yield "12-stars", encode(rng, heavy_middles(rng, 8, 4), stars(8, 4))
    yield "13-random", encode(rng, people(rng, 60, 100), tree(rng, 60, 60))
    yield "14-row", encode(rng, people(rng, 80), tree(rng, 80, 1))
    yield "15-ones", encode(rng, people(rng, 100, 1), tree(rng, 100, 3))
    yield "16-star", encode(rng, people(rng, 120), stars(1, 119))
    yield "17-random", encode(rng, people(rng, 150), tree(rng, 150, 10))
    yield "18-stars", encode(rng, heavy_middles(rng, 20, 9), stars(20, 9))
    yield "19-row", encode(rng, people(rng, 260, 10), tree(rng, 260, 1))
    yield "20-random", encode(rng, people(rng, 300), tree(rng, 300, 300))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53005)
    yield from small_cases(rng)
    yield "21-bushy", encode(rng, people(rng, 330), tree(rng, 330, 30))
    yield "22-row", encode(rng, people(rng, 360), tree(rng, 360, 1))
    yield "23-stars", encode(rng, heavy_middles(rng, 80, 4), stars(80, 4))
    yield "24-random", encode(rng, people(rng, 400), tree(rng, 400, 2))
    yield "25-row", encode(rng, people(rng, 50_000), tree(rng, 50_000, 1))
    yield "26-random", encode(rng, people(rng, 50_000), tree(rng, 50_000, 50_000))
    yield "27-long", encode(rng, people(rng, 50_000), tree(rng, 50_000, 3))
    yield "28-stars", encode(rng, heavy_middles(rng, 10_000, 4), stars(10_000, 4))
    yield "29-star", encode(rng, people(rng, 45_000), stars(1, 44_999))
    yield "30-bushy", encode(rng, people(rng, 50_000, 100), tree(rng, 50_000, 1000))
    yield "31-ones", encode(rng, people(rng, 50_000, 1), tree(rng, 50_000, 2))
    yield "32-row", encode(rng, people(rng, 49_999, 3), tree(rng, 49_999, 1))
