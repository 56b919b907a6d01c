"""Make the secret inputs of Glove Pairs."""

import random
from collections.abc import Iterator

MOST = 10**9
GLOVES = 70_000


def encode(rng: random.Random, d: int, left: list[int], right: list[int]) -> bytes:
    """Write one input, both kinds of gloves shuffled."""
    rng.shuffle(left)
    rng.shuffle(right)
    lines = (f"{len(left)} {len(right)} {d}", " ".join(map(str, left)), " ".join(map(str, right)))
    return "".join(line + "\n" for line in lines).encode()


def sizes(rng: random.Random, count: int, low: int, high: int) -> list[int]:
    """Draw sizes from low to high."""
    return [low + int(rng.random() * (high - low + 1)) for _ in range(count)]


def drawn(rng: random.Random, n: int, m: int, most: int, d: int) -> bytes:
    """Draw all gloves alike."""
    return encode(rng, d, sizes(rng, n, 1, most), sizes(rng, m, 1, most))


def chain(rng: random.Random, count: int, d: int) -> bytes:
    """Let each glove fit the one above and the one below, the nearer one being the wrong one to take."""
    step = 2 * d - 1
    left = [1 + d + i * step for i in range(count)]
    right = [1 + i * step for i in range(count)]
    return encode(rng, d, left, right)


def clusters(rng: random.Random, n: int, m: int, centres: int, d: int) -> bytes:
    """Draw sizes around a few centres, more left gloves at some and more right gloves at others."""
    middle = sizes(rng, centres, 3 * d + 1, MOST - 3 * d)
    spread = [
        [
            middle[int(rng.random() ** power * centres)] + int((rng.random() - 0.5) * 6 * d)
            for _ in range(count)
        ]
        for count, power in ((n, 0.5), (m, 2))
    ]
    return encode(rng, d, *spread)


def exact(rng: random.Random, count: int, d: int) -> bytes:
    """Let every second pair fit with nothing to spare, and every other one miss by one."""
    left = [1 + i * (3 * d + 2) for i in range(count)]
    right = [size + d + i % 2 for i, size in enumerate(left)]
    return encode(rng, d, left, right)


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-equal", encode(rng, 0, [5], [5])
    yield "02-exactly", encode(rng, 3, [1], [4])
    yield "03-just-not", encode(rng, 2, [1], [4])
    yield "04-one-for-two", encode(rng, 1, [2, 4], [3])
    yield "05-nearer-is-wrong", encode(rng, 3, [4, 8], [2, 5])
    yield "06-skip-small", encode(rng, 1, [1, 5, 6], [5, 6, 7])
    yield "07-chain", chain(rng, 4, 3)
    yield "08-huge-distance", encode(rng, MOST, [1, 9], [MOST, 3, 3])
    yield "09-drawn", drawn(rng, 5, 6, 10, 1)
    yield "10-exact", exact(rng, 6, 2)
    yield "11-all-equal", encode(rng, 0, [3] * 8, [3] * 11)
    yield "12-drawn", drawn(rng, 12, 9, 40, 2)
    yield "13-chain", chain(rng, 10, 5)
    yield "14-far", drawn(rng, 15, 15, MOST, 5 * 10**7)
    yield "15-drawn", drawn(rng, 30, 20, 50, 0)
    yield "16-clusters", clusters(rng, 30, 30, 4, 10)
    yield "17-drawn", drawn(rng, 50, 60, 300, 3)
    yield "18-exact", exact(rng, 60, 9)
    yield "19-clusters", clusters(rng, 90, 80, 10, 40)
    yield "20-chain", chain(rng, 100, 50)
    yield "21-far", drawn(rng, 150, 130, MOST, 10**6)
    yield "22-drawn", drawn(rng, 250, 300, 1000, 1)
    yield "23-clusters", clusters(rng, 300, 300, 20, 100)
    yield "24-exact", exact(rng, 400, 1000)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71006)
    yield from small_cases(rng)
    yield "25-few-sizes", drawn(rng, 50_000, 60_000, 30_000, 0)
    yield "26-drawn", drawn(rng, 55_000, 50_000, 10**6, 3)
    yield "27-chain", chain(rng, 50_000, 9000)
    yield "28-drawn", drawn(rng, 65_000, 50_000, MOST, 4000)
    yield "29-clusters", clusters(rng, 60_000, 60_000, 300, 2000)
    yield "30-far", drawn(rng, GLOVES, 60_000, MOST, 100)
    yield "31-exact", exact(rng, 69_000, 4800)
    yield "32-drawn", drawn(rng, GLOVES, GLOVES, MOST, 10_000)
