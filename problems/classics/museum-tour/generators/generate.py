"""Make the secret inputs of Museum Tour."""

import random
from collections.abc import Iterator

Hall = tuple[int, int]


def encode(minutes: int, walk: int, halls: list[Hall]) -> bytes:
    """Write one input."""
    lines = "".join(f"{time} {joy}\n" for time, joy in halls)
    return f"{len(halls)} {minutes} {walk}\n{lines}".encode()


def uniform(seed: int, n: int, minutes: int, walk: int, longest: int, joy: int = 10**9) -> bytes:
    """Draw times and joys independently."""
    rng = random.Random(seed)
    halls = [(rng.randrange(1, longest + 1), rng.randrange(1, joy + 1)) for _ in range(n)]
    return encode(minutes, walk, halls)


def fair(seed: int, n: int, minutes: int, walk: int, longest: int) -> bytes:
    """Let joy be about in proportion to time, so that minutes left over decide."""
    rng = random.Random(seed)
    halls = []
    for _ in range(n):
        time = rng.randrange(longest // 2, longest + 1)
        halls.append((time, 1000 * time + rng.randrange(10 * longest)))
    return encode(minutes, walk, halls)


def lure(seed: int, n: int, minutes: int, walk: int) -> bytes:
    """Add one short hall with the best joy per minute to halls that fit exactly without it."""
    rng = random.Random(seed)
    half = (minutes - walk) // 2
    halls = [(half, 1000 * half - rng.randrange(100)) for _ in range(n - 1)]
    halls.append((max(1, half // 50), 2000 * max(1, half // 50)))
    rng.shuffle(halls)
    return encode(minutes, walk, halls)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-one-hall", encode(1, 0, [(1, 1)])
    yield "02-too-long", encode(4, 3, [(5, 9)])
    yield "03-just-fits", encode(9, 5, [(9, 3)])
    yield "04-walk-too-far", encode(10, 3, [(4, 7), (4, 8)])
    yield "05-exactly", encode(10, 2, [(4, 7), (4, 8)])
    yield "06-one-good-hall", encode(12, 1, [(2, 9), (9, 1), (9, 2)])
    yield "07-no-walk", encode(7, 0, [(2, 3), (2, 3), (3, 4), (4, 1)])
    yield "08-lure", lure(8, 5, 21, 1)
    yield "09-fair", fair(9, 8, 50, 2, 15)
    yield "10-uniform", uniform(10, 10, 60, 3, 20)
    yield "11-lure", lure(11, 8, 300, 10)
    yield "12-uniform", uniform(12, 12, 100, 0, 30, 100)
    yield "13-all-too-long", encode(3, 0, [(4 + i, 5) for i in range(15)])
    yield "14-fair", fair(14, 20, 130, 7, 30)
    yield "15-far-apart", uniform(15, 20, 260, 100, 40)
    yield "16-uniform", uniform(16, 25, 200, 2, 25)
    yield "17-short-halls", uniform(17, 30, 60, 0, 3)
    yield "18-lure", lure(18, 30, 150, 0)
    yield "19-fair", fair(19, 40, 120, 5, 40)
    yield "20-uniform", uniform(20, 50, 100, 4, 30)
    yield "21-everything", uniform(21, 60, 150, 0, 2)
    yield "22-fair", fair(22, 70, 100, 3, 50)
    yield "23-uniform", uniform(23, 80, 100, 1, 20)
    yield "24-far-apart", uniform(24, 90, 90, 30, 90)
    yield "25-uniform", uniform(25, 1500, 1500, 1, 50)
    yield "26-fair", fair(26, 800, 1499, 10, 90)
    yield "27-short-halls", uniform(27, 900, 1500, 0, 4)
    yield "28-far-apart", uniform(28, 1000, 1500, 100, 100)
    yield "29-long-halls", uniform(29, 1500, 1500, 20, 1500)
    yield "30-lure", lure(30, 700, 1500, 6)
    yield "31-everything", encode(1500, 0, [(1, 10**9 - i) for i in range(1500)])
    yield "32-fair", fair(32, 700, 1500, 0, 40)
