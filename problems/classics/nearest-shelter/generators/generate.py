"""Make the secret inputs of Nearest Shelter."""

import random
from collections.abc import Iterator


def encode(heights: list[int]) -> bytes:
    """Write one input."""
    return f"{len(heights)}\n{' '.join(map(str, heights))}\n".encode()


def uniform(rng: random.Random, n: int, most: int) -> list[int]:
    """Draw each height from 0 to `most`."""
    return [int(rng.random() * (most + 1)) for _ in range(n)]


def stairs(rng: random.Random, n: int, width: int, *, up: bool) -> list[int]:
    """Let the ridge rise or fall in stairs of up to `width` huts."""
    heights: list[int] = []
    while len(heights) < n:
        heights += [10**6 + 7 * len(heights)] * (1 + int(rng.random() * width))
    del heights[n:]
    return heights if up else heights[::-1]


def basin(n: int, floor: int, rim: int) -> list[int]:
    """Put a plateau between two single lower huts, the ends of the ridge."""
    return [floor] + [rim] * (n - 2) + [floor]


def plateaus(rng: random.Random, n: int, width: int) -> list[int]:
    """Part plateaus of about `width` huts by single huts that are lower."""
    heights: list[int] = []
    while len(heights) < n:
        heights.append(int(rng.random() * 1000))
        heights += [5000 + int(rng.random() * 5)] * (1 + int(rng.random() * width))
    return heights[:n]


def waves(n: int, length: int) -> list[int]:
    """Rise and fall, again and again, a little lower each time."""
    return [10**9 - i // length - abs(i % length - length // 2) * 3 for i in range(n)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode([0])
    yield "02-two", encode([3, 1])
    yield "03-rise", encode([1, 2, 3, 4])
    yield "04-fall", encode([4, 3, 2, 1])
    yield "05-equally-near", encode([2, 9, 1, 9, 2, 9, 9, 1])
    yield "06-level", encode([7] * 9)
    yield "07-basin", encode(basin(11, 2, 6))
    yield "08-few-heights", encode(uniform(rng, 20, 2))
    yield "09-uniform", encode(uniform(rng, 25, 10**9))
    yield "10-plateaus", encode(plateaus(rng, 40, 8))
    yield "11-waves", encode(waves(50, 9))
    yield "12-stairs", encode(stairs(rng, 60, 5, up=True))
    yield "13-stairs-down", encode(stairs(rng, 80, 7, up=False))
    yield "14-uniform", encode(uniform(rng, 120, 1000))
    yield "15-few-heights", encode(uniform(rng, 200, 5))
    yield "16-basin", encode(basin(250, 0, 1))
    yield "17-waves", encode(waves(300, 40))
    yield "18-uniform", encode(uniform(rng, 400, 10**9))
    yield "19-plateaus", encode(plateaus(rng, 500, 60))
    yield "20-level", encode([10**9] * 600)
    yield "21-uniform", encode(uniform(rng, 900, 30))
    yield "22-stairs", encode(stairs(rng, 1000, 30, up=True))
    yield "23-plateaus", encode(plateaus(rng, 1200, 100))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61001)
    yield from small_cases(rng)
    yield "24-uniform", encode(uniform(rng, 5000, 10**9))
    yield "25-few-heights", encode(uniform(rng, 10_000, 50))
    yield "26-waves", encode(waves(50_000, 300))
    yield "27-stairs", encode(stairs(rng, 100_000, 2000, up=True))
    yield "28-plateaus", encode(plateaus(rng, 100_000, 3000))
    yield "29-uniform", encode(uniform(rng, 60_000, 10**9))
    yield "30-level", encode([10**9] * 99_999)
    yield "31-basin", encode(basin(100_000, 999_999_999, 10**9))
    half = stairs(rng, 50_000, 5, up=True)
    yield "32-mountain", encode([10**9] * 25_000 + half + half[:25_000])
