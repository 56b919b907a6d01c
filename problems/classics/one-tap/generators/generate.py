"""Make the secret inputs of One Tap."""

import random
from collections.abc import Iterator

MOST = 1_000_000_000


def encode(q: int, c: int, needs: list[int]) -> bytes:
    """Write one input."""
    return f"{len(needs)} {q} {c}\n{' '.join(map(str, needs))}\n".encode()


def uniform(rng: random.Random, n: int, low: int, high: int) -> list[int]:
    """Draw needs from low..high."""
    return [low + int(rng.random() * (high - low + 1)) for _ in range(n)]


def whole_turns(rng: random.Random, n: int, q: int, turns: int) -> list[int]:
    """Draw multiples of q only."""
    return [q * (1 + int(rng.random() * turns)) for _ in range(n)]


def one_thirsty(rng: random.Random, n: int, q: int, turns: int) -> list[int]:
    """Let all be content with one turn but one, who keeps coming back."""
    needs = uniform(rng, n, 1, q)
    needs[int(rng.random() * n)] = q * turns - int(rng.random() * q)
    return needs


def growing(n: int, step: int) -> list[int]:
    """Let each need a little more than the one before."""
    return [1 + i * step for i in range(n)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-turn", encode(3, 1, [2])
    yield "02-alone", encode(3, 2, [10])
    yield "03-exactly-one-turn", encode(4, 3, [4, 4, 4])
    yield "04-no-break", encode(2, 0, [5, 4, 1])
    yield "05-whole-turns", encode(5, 1, [10, 5, 20, 15])
    yield "06-long", encode(MOST, MOST, [MOST, 1, MOST, 7])
    yield "07-single-litres", encode(1, 0, [3, 1, 4, 1, 5])
    yield "08-growing", encode(3, 2, growing(6, 2))
    yield "09-one-thirsty", encode(4, 1, one_thirsty(rng, 5, 4, 9))
    yield "10-uniform", encode(6, 2, uniform(rng, 10, 1, 20))
    yield "11-uniform-long", encode(MOST // 2, 1, uniform(rng, 8, 1, MOST))
    yield "12-whole-turns", encode(7, 0, whole_turns(rng, 15, 7, 4))
    yield "13-wide-turns", encode(MOST, 5, uniform(rng, 20, 1, 50))
    yield "14-growing", encode(10, 1, growing(30, 3))
    yield "15-uniform", encode(25, 10, uniform(rng, 40, 1, 100))
    yield "16-one-thirsty", encode(9, 3, one_thirsty(rng, 60, 9, 300))
    yield "17-single-litres", encode(1, 1, uniform(rng, 100, 1, 9))
    yield "18-long", encode(MOST // 5, 1000, uniform(rng, 80, MOST // 2, MOST))
    yield "19-whole-turns", encode(50, 1, whole_turns(rng, 200, 50, 6))
    yield "20-uniform", encode(300, 0, uniform(rng, 300, 1, 999))
    yield "21-growing", encode(40, 7, growing(400, 1))
    yield "22-one-thirsty", encode(20, 1, one_thirsty(rng, 700, 20, 1500))
    yield "23-uniform", encode(11, 2, uniform(rng, 1000, 1, 30))
    yield "24-whole-turns", encode(8, 1, whole_turns(rng, 1500, 8, 2))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61002)
    yield from small_cases(rng)
    yield "25-uniform", encode(50, 1, uniform(rng, 160_000, 1, 120))
    yield "26-two-turns", encode(5, 3, uniform(rng, 200_000, 6, 9))
    yield "27-whole-turns", encode(3, 0, whole_turns(rng, 190_000, 3, 3))
    yield "28-long", encode(400_000_000, MOST, uniform(rng, 120_000, 1, MOST))
    yield "29-single-litres", encode(1, 1, [2] * 200_000)
    yield "30-growing", encode(100_000, 9, growing(180_000, 1))
    yield "31-one-thirsty", encode(30, 2, one_thirsty(rng, 170_000, 30, 150_000))
    yield "32-two-turns", encode(900, 0, uniform(rng, 200_000, 800, 1700))
