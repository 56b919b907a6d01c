"""Make the secret inputs of Balanced Split."""

import random
from collections.abc import Iterator


def encode(weights: list[int]) -> bytes:
    """Write one input."""
    return f"{len(weights)}\n{' '.join(map(str, weights))}\n".encode()


def with_parity(weights: list[int], odd: bool) -> list[int]:
    """Change one weight by 1, if need be, so that the sum is odd or even as asked."""
    if sum(weights) % 2 == odd:
        return weights
    last = weights[-1]
    return [*weights[:-1], last - 1 if last > 1 else last + 1]


def uniform(seed: int, n: int, *, most: int = 10**6, odd: bool = False) -> bytes:
    """Weights drawn independently from what is allowed, up to `most`."""
    rng = random.Random(seed)
    return encode(with_parity([rng.randrange(1, min(i, most) + 1) for i in range(1, n + 1)], odd))


def heavy(seed: int, n: int, slack: int, *, odd: bool = False) -> bytes:
    """Every weight within `slack` of the heaviest allowed."""
    rng = random.Random(seed)
    weights = [max(1, i - rng.randrange(slack + 1)) for i in range(1, n + 1)]
    return encode(with_parity(weights, odd))


def heavy_at_the_end(seed: int, n: int, count: int) -> bytes:
    """Ones, and a few very heavy weights last."""
    rng = random.Random(seed)
    ends = [rng.randrange(i // 2, i + 1) for i in range(n - count + 1, n + 1)]
    return encode(with_parity([1] * (n - count) + ends, False))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-single", encode([1])
    yield "02-two", encode([1, 1])
    yield "03-three", encode([1, 2, 3])
    yield "04-all-of-four", encode([1, 2, 3, 4])
    yield "05-odd", encode([1, 2, 3, 4, 5])
    yield "06-one-against-all", encode([1, 1, 1, 1, 1, 5])
    yield "07-ones", encode([1] * 12)
    yield "08-seven", encode([1, 2, 3, 4, 5, 6, 7])
    yield "09-late-heavy", heavy_at_the_end(9, 20, 1)
    yield "10-odd", uniform(10, 40, odd=True)
    yield "11-uniform", uniform(11, 60)
    yield "12-heavy", heavy(12, 80, 0)
    yield "13-late-heavy", heavy_at_the_end(13, 160, 2)
    yield "14-small", uniform(14, 250, most=4)
    yield "15-uniform", uniform(15, 180)
    yield "16-small", uniform(16, 900, most=2)
    yield "17-heavy", heavy(17, 3000, 20)
    yield "18-uniform", uniform(18, 12000)
    yield "19-odd", uniform(19, 50000, odd=True)
    yield "20-ones", encode([1] * 180000)
    yield "21-late-heavy", heavy_at_the_end(21, 190000, 7)
    yield "22-uniform", uniform(22, 120000)
    yield "23-heavy", heavy(23, 150000, 1000)
    yield "24-heavy-odd", heavy(24, 170000, 0, odd=True)
    yield "25-uniform", uniform(25, 200000)
    yield "26-all", heavy(26, 199999, 0)
    yield "27-two-of-three", encode([1, 2, 1])
    yield "28-heavy-last", encode([1, 1, 1, 1, 4])
    yield "29-uniform", uniform(29, 25)
    yield "30-heavy-odd", heavy(30, 33, 3, odd=True)
    yield "31-small", uniform(31, 120, most=3)
    yield "32-late-heavy", heavy_at_the_end(32, 600, 3)
