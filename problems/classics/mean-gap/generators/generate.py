"""Yield the hidden inputs of Mean Gap."""

from __future__ import annotations

import random
from collections.abc import Iterator

LIMIT = 10**8


def render(positions: list[int]) -> bytes:
    """Write one input."""
    return f"{len(positions)}\n{' '.join(map(str, positions))}\n".encode()


def spread(rng: random.Random, count: int, low: int, high: int) -> list[int]:
    """Return `count` positions from low to high, both included."""
    width = high - low + 1
    return [low + int(rng.random() * width) for _ in range(count)]


def clusters(rng: random.Random, count: int, centres: int, radius: int) -> list[int]:
    """Return positions close to a few centres."""
    middle = [rng.randrange(-LIMIT + radius, LIMIT - radius + 1) for _ in range(centres)]
    width = 2 * radius + 1
    return [middle[int(rng.random() * centres)] - radius + int(rng.random() * width) for _ in range(count)]


def two_ends(rng: random.Random, count: int) -> list[int]:
    """Return one half at each end of the road, shuffled: the largest possible sum."""
    positions = [-LIMIT] * (count // 2) + [LIMIT] * (count - count // 2)
    rng.shuffle(positions)
    return positions


def one_apart(rng: random.Random, count: int, crowd: int, other: int) -> list[int]:
    """Return a crowd in one place and a single post elsewhere."""
    positions = [crowd] * (count - 1) + [other]
    rng.shuffle(positions)
    return positions


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, input) of every generated case; the same bytes on every machine."""
    rng = random.Random(20102)
    yield "01-single", render([7])
    yield "02-pair", render([-3, 8])
    yield "03-third", render([0, 0, 1])
    yield "04-same-place", render([5] * 6)
    yield "05-few", render(spread(rng, 12, -20, 20))
    yield "06-few-negative", render(spread(rng, 25, -900, -500))
    yield "07-far-apart", render(spread(rng, 30, -LIMIT, LIMIT))
    yield "08-one-apart", render(one_apart(rng, 80, 0, 1))
    yield "09-ascending", render(list(range(200)))
    yield "10-random", render(spread(rng, 250, -1000, 1000))
    yield "11-clusters", render(clusters(rng, 300, 4, 50))
    yield "12-descending", render(list(range(900, -900, -2)))
    yield "13-two-ends", render(two_ends(rng, 1000))
    yield "14-random", render(spread(rng, 2500, -LIMIT, LIMIT))
    yield "15-close-far-out", render(spread(rng, 4000, LIMIT - 10, LIMIT))
    yield "16-clusters", render(clusters(rng, 6000, 30, 1000))
    yield "17-random", render(spread(rng, 30_000, -(10**6), 10**6))
    yield "18-ascending", render(list(range(-100_000, 100_000)))
    yield "19-random", render(spread(rng, 200_000, -LIMIT, LIMIT))
    yield "20-two-ends", render(two_ends(rng, 200_000))
    yield "21-close-far-out", render(spread(rng, 200_000, LIMIT - 3, LIMIT))
    yield "22-clusters", render(clusters(rng, 200_000, 500, 20))
    yield "23-one-apart", render(one_apart(rng, 200_000, -LIMIT, -LIMIT + 10**6))
    yield "24-random", render(spread(rng, 180_000, -LIMIT, 0))
    yield "25-three", render([-5, 0, 6])
    yield "26-two-ends", render(two_ends(rng, 5))
    yield "27-few", render(spread(rng, 9, -3, 3))
    yield "28-one-apart", render(one_apart(rng, 40, 10, -7))
    yield "29-clusters", render(clusters(rng, 120, 2, 9))
    yield "30-random", render(spread(rng, 500, -(10**6), 10**6))
    yield "31-two-ends", render(two_ends(rng, 701))
    yield "32-clusters", render(clusters(rng, 1500, 9, 400))
