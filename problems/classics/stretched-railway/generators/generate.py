"""Make the secret inputs of Stretched Railway."""

import random
from collections.abc import Iterator


def encode(degrees: list[int]) -> bytes:
    """Write one input."""
    return f"{len(degrees)}\n{' '.join(map(str, degrees))}\n".encode()


def drawn(rng: random.Random, n: int, hubs: int) -> list[int]:
    """Spread the lines that are not needed for one end each over `hubs` of the towns."""
    degrees = [1] * n
    for _ in range(n - 2):
        degrees[int(rng.random() * hubs)] += 1
    rng.shuffle(degrees)
    return degrees


def cubic(rng: random.Random, n: int) -> list[int]:
    """Let as many towns as possible want three lines; n is even."""
    degrees = [3] * (n // 2 - 1) + [1] * (n // 2 + 1)
    rng.shuffle(degrees)
    return degrees


def path(rng: random.Random, n: int) -> list[int]:
    """Let all but two towns want two lines."""
    degrees = [1, 1] + [2] * (n - 2)
    rng.shuffle(degrees)
    return degrees


def star(n: int, centre: int) -> list[int]:
    """Let one town want a line to each other one."""
    return [n - 1 if town == centre else 1 for town in range(n)]


def off_by(rng: random.Random, degrees: list[int], difference: int) -> list[int]:
    """Change one number, so that there are too many or too few ends of lines."""
    possible = [town for town, d in enumerate(degrees) if 1 <= d + difference < len(degrees)]
    changed = rng.choice(possible)
    return [d + difference * (town == changed) for town, d in enumerate(degrees)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-two-towns", encode([1, 1])
    yield "02-three-towns", encode([1, 2, 1])
    yield "03-too-few", encode([1, 1, 1])
    yield "04-two-pairs", encode([1, 1, 1, 1])
    yield "05-path", encode([2, 1, 1, 2])
    yield "06-star", encode(star(5, 3))
    yield "07-ring", encode([2, 2, 2, 2, 2])
    yield "08-two-hubs", encode([1, 3, 1, 3, 1, 1])
    yield "09-even-but-too-many", encode([3, 3, 1, 2, 1, 2])
    yield "10-path", encode(path(rng, 7))
    yield "11-drawn", encode(drawn(rng, 9, 3))
    yield "12-even-but-too-few", encode(off_by(rng, cubic(rng, 10), -2))
    yield "13-cubic", encode(cubic(rng, 12))
    yield "14-drawn", encode(drawn(rng, 20, 20))
    yield "15-star", encode(star(30, 0))
    yield "16-cubic", encode(cubic(rng, 40))
    yield "17-too-many", encode(off_by(rng, drawn(rng, 50, 25), 2))
    yield "18-path", encode(path(rng, 80))
    yield "19-drawn", encode(drawn(rng, 120, 40))
    yield "20-cubic", encode(cubic(rng, 200))
    yield "21-drawn", encode(drawn(rng, 250, 250))
    yield "22-few-hubs", encode(drawn(rng, 320, 4))
    yield "23-path", encode(path(rng, 350))
    yield "24-drawn", encode(drawn(rng, 400, 150))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61009)
    yield from small_cases(rng)
    yield "25-cubic", encode(cubic(rng, 30_000))
    yield "26-drawn", encode(drawn(rng, 35_000, 20_000))
    yield "27-few-hubs", encode(drawn(rng, 36_000, 100))
    yield "28-drawn", encode(drawn(rng, 38_000, 38_000))
    yield "29-cubic", encode(cubic(rng, 39_000))
    yield "30-drawn", encode(drawn(rng, 39_500, 9000))
    yield "31-drawn", encode(drawn(rng, 39_999, 12_000))
    yield "32-cubic", encode(cubic(rng, 40_000))
