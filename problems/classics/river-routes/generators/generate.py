"""Make the secret inputs of River Routes."""

import random
from collections.abc import Iterator

Channel = tuple[int, int]


def encode(rng: random.Random, n: int, channels: list[Channel]) -> bytes:
    """Write one input: lakes renumbered at random, channels shuffled."""
    number = list(range(1, n + 1))
    rng.shuffle(number)
    rng.shuffle(channels)
    lines = "".join(f"{number[a]} {number[b]}\n" for a, b in channels)
    return f"{n} {len(channels)}\n{lines}".encode()


def path(n: int, lanes: int = 1) -> list[Channel]:
    """Put the lakes in a row, with so many channels between neighbours."""
    return [(i, i + 1) for i in range(n - 1) for _ in range(lanes)]


def diamonds(count: int) -> list[Channel]:
    """Make `count` forks in a row that join again: 2 ** count routes in 3 * count + 1 lakes."""
    forks = []
    for i in range(0, 3 * count, 3):
        forks += [(i, i + 1), (i, i + 2), (i + 1, i + 3), (i + 2, i + 3)]
    return forks


def downhill(rng: random.Random, n: int, m: int, reach: int) -> list[Channel]:
    """Let channels lead on by at most `reach` lakes."""
    channels = []
    for _ in range(m):
        a = int(rng.random() * (n - 1))
        channels.append((a, a + 1 + int(rng.random() * min(reach, n - 1 - a))))
    return channels


def layers(rng: random.Random, count: int, width: int, m: int) -> list[Channel]:
    """Let channels lead from each layer of lakes to the next one only."""
    channels = []
    for _ in range(m):
        layer = int(rng.random() * (count - 1))
        a, b = int(rng.random() * width), int(rng.random() * width)
        channels.append((layer * width + a, (layer + 1) * width + b))
    return channels


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-lake", encode(rng, 1, [])
    yield "02-lakes", encode(rng, 4, [])
    yield "03-channel", encode(rng, 2, path(2))
    yield "04-double-channel", encode(rng, 2, path(2, 2))
    yield "05-diamond", encode(rng, 5, diamonds(1))
    yield "06-row", encode(rng, 7, path(7))
    yield "07-fork", encode(rng, 6, [(0, 1), (0, 2), (0, 3), (4, 3)])
    yield "08-triple", encode(rng, 8, path(6, 3))
    yield "09-diamonds", encode(rng, 18, diamonds(5))
    yield "10-random", encode(rng, 15, downhill(rng, 15, 30, 14))
    yield "11-sparse", encode(rng, 40, downhill(rng, 40, 25, 39))
    yield "12-layers", encode(rng, 30, layers(rng, 6, 5, 60))
    yield "13-many-routes", encode(rng, 40, path(40, 4))
    yield "14-random", encode(rng, 60, downhill(rng, 60, 150, 8))
    yield "15-row", encode(rng, 150, path(150))
    yield "16-diamonds", encode(rng, 130, diamonds(43))
    yield "17-sparse", encode(rng, 300, downhill(rng, 300, 200, 299))
    yield "18-layers", encode(rng, 200, layers(rng, 20, 10, 400))
    yield "19-dense", encode(rng, 50, downhill(rng, 50, 600, 49))
    yield "20-row", encode(rng, 600, path(600))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53004)
    yield from small_cases(rng)
    yield "21-random", encode(rng, 500, downhill(rng, 500, 900, 20))
    yield "22-diamonds", encode(rng, 700, diamonds(230))
    yield "23-double-row", encode(rng, 500, path(500, 2))
    yield "24-layers", encode(rng, 600, layers(rng, 40, 15, 1000))
    yield "25-row", encode(rng, 50_000, path(50_000))
    yield "26-diamonds", encode(rng, 49_999, diamonds(16_666))
    yield "27-double-row", encode(rng, 35_000, path(35_000, 2))
    yield "28-local", encode(rng, 30_000, path(30_000) + downhill(rng, 30_000, 40_000, 5))
    yield "29-row-and-shortcuts", encode(rng, 40_000, path(40_000) + downhill(rng, 40_000, 20_000, 39_999))
    yield "30-row-and-lakes", encode(rng, 50_000, path(45_000))
    yield "31-long-layers", encode(rng, 40_000, path(40_000) + layers(rng, 8000, 5, 30_000))
    yield "32-row", encode(rng, 49_000, path(49_000))
