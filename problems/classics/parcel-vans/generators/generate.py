"""Make the secret inputs of Parcel Vans."""

import random
from collections.abc import Iterator

MOST = 1_000_000_000


def encode(k: int, p: int, weights: list[int]) -> bytes:
    """Write one input."""
    return f"{len(weights)} {k} {p}\n{' '.join(map(str, weights))}\n".encode()


def uniform(rng: random.Random, n: int, most: int) -> list[int]:
    """Draw weights from 1..most."""
    return [1 + int(rng.random() * most) for _ in range(n)]


def few_heavy(rng: random.Random, n: int, heavy: int) -> list[int]:
    """Let about one parcel in ten be heavy and the others light."""
    return [(heavy - 4 if rng.random() < 0.1 else 0) + 1 + int(rng.random() * 3) for _ in range(n)]


def light_then_heavy(rng: random.Random, n: int, most: int) -> list[int]:
    """Let the first half be light, so that the room of the vans counts, and the second half heavy."""
    return [1 + int(rng.random() * 3) for _ in range(n // 2)] + uniform(rng, n - n // 2, most)


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-single", encode(1, 1, [5])
    yield "02-no-room", encode(1, 1, [1, 1])
    yield "03-one-van", encode(1, 9, [3, 1, 2])
    yield "04-a-van-each", encode(5, 1, [4, 7, 2, 7])
    yield "05-tight-room", encode(2, 2, [9, 1, 1, 9])
    yield "06-room-counts", encode(2, 3, [1, 1, 1, 1, 5])
    yield "07-order-counts", encode(2, 9, [5, 1, 5, 1, 1])
    yield "08-more-than-32-bits", encode(1, 9, [MOST] * 5)
    yield "09-halves-overflow", encode(2, 4, [MOST - i for i in range(6)])
    yield "10-uniform", encode(3, 6, uniform(rng, 10, 9))
    yield "11-light-then-heavy", encode(4, 4, light_then_heavy(rng, 14, 30))
    yield "12-full", encode(4, 4, uniform(rng, 16, 9))
    yield "13-no-room", encode(4, 5, uniform(rng, 21, 9))
    yield "14-few-heavy", encode(6, 30, few_heavy(rng, 30, 20))
    yield "15-uniform", encode(7, 50, uniform(rng, 40, 50))
    yield "16-equal", encode(9, 8, [10] * 60)
    yield "17-few-heavy", encode(11, 12, few_heavy(rng, 90, 9))
    yield "18-light-then-heavy", encode(12, 11, light_then_heavy(rng, 120, 20))
    yield "19-uniform", encode(13, 60, uniform(rng, 150, 30))
    yield "20-full", encode(15, 12, uniform(rng, 180, 25))
    yield "21-one-van", encode(1, 300, uniform(rng, 200, 8))
    yield "22-few-heavy", encode(20, 40, few_heavy(rng, 250, 50))
    yield "23-uniform", encode(25, 25, uniform(rng, 300, 20))
    yield "24-light-then-heavy", encode(30, 14, light_then_heavy(rng, 380, 15))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61006)
    yield from small_cases(rng)
    yield "25-uniform", encode(500, 400, uniform(rng, 30_000, MOST))
    yield "26-few-heavy", encode(700, 300, few_heavy(rng, 29_000, MOST))
    yield "27-light-then-heavy", encode(300, 110, light_then_heavy(rng, 30_000, 900_000_000))
    yield "28-full", encode(300, 100, uniform(rng, 30_000, MOST))
    yield "29-two-per-van", encode(16_000, 2, uniform(rng, 30_000, MOST))
    yield "30-three-vans", encode(3, 20_000, uniform(rng, 30_000, MOST))
    yield "31-many-vans", encode(3000, 30_000, uniform(rng, 30_000, 99_999_999))
    yield "32-equal", encode(1999, 16, [999_999_999] * 30_000)
