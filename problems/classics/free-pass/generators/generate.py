"""Make the secret inputs of Free Pass."""

import random
from collections.abc import Iterator

Road = tuple[int, int, int]


def encode(rng: random.Random, n: int, roads: list[Road]) -> bytes:
    """Write one input: all towns but the first and the last renumbered, roads shuffled and turned."""
    inner = list(range(2, n))
    rng.shuffle(inner)
    number = [1, *inner, n]
    rng.shuffle(roads)
    lines = [f"{n} {len(roads)}\n"]
    for a, b, toll in roads:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{number[a]} {number[b]} {toll}\n")
    return "".join(lines).encode()


def toll(rng: random.Random, most: int) -> int:
    """Draw a toll from 0 to `most`."""
    return int(rng.random() * (most + 1))


def path(rng: random.Random, n: int, most: int) -> list[Road]:
    """Put all towns in a row."""
    return [(i, i + 1, toll(rng, most)) for i in range(n - 1)]


def anywhere(rng: random.Random, n: int, m: int, most: int) -> list[Road]:
    """Join any two towns."""
    roads = []
    for _ in range(m):
        a = int(rng.random() * n)
        roads.append((a, (a + 1 + int(rng.random() * (n - 1))) % n, toll(rng, most)))
    return roads


def lanes(rng: random.Random, length: int, gate: int) -> tuple[int, list[Road]]:
    """Make two ways with common ends: one cheap all along, one with a single dear road of toll `gate`."""
    n = 2 * length
    cheap = [0, *range(1, length), n - 1]
    dear = [0, *range(length, n - 1), n - 1]
    roads = [(a, b, 5 + toll(rng, 5)) for a, b in zip(cheap, cheap[1:], strict=False)]
    roads += [(a, b, 1 + toll(rng, 3)) for a, b in zip(dear, dear[1:], strict=False)]
    place = length + int(rng.random() * (len(roads) - length))
    roads[place] = (*roads[place][:2], gate)
    return n, roads


def ladder(rng: random.Random, rungs: int, most: int) -> list[Road]:
    """Make two rows of towns with rungs between; tolls grow along it, so that wrong orders revise a lot."""
    roads = []
    for i in range(rungs - 1):
        roads.append((2 * i, 2 * i + 2, toll(rng, most)))
        roads.append((2 * i + 1, 2 * i + 3, toll(rng, most)))
    return roads + [(2 * i, 2 * i + 1, toll(rng, most)) for i in range(rungs)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-cut-off", encode(rng, 2, [])
    yield "02-one-road", encode(rng, 2, [(0, 1, 10**9)])
    yield "03-free-roads", encode(rng, 5, path(rng, 5, 0))
    yield "04-lanes", encode(rng, *lanes(rng, 4, 500))
    yield "05-path", encode(rng, 6, path(rng, 6, 100))
    yield "06-double-road", encode(rng, 3, [(0, 1, 5), (0, 1, 3), (1, 2, 4), (1, 2, 9)])
    yield "07-lanes", encode(rng, *lanes(rng, 7, 10**9))
    yield "08-random", encode(rng, 10, anywhere(rng, 10, 16, 30))
    yield "09-cut-off", encode(rng, 12, [road for road in path(rng, 12, 9) if road[0] != 6])
    yield "10-ladder", encode(rng, 20, ladder(rng, 10, 50))
    yield "11-large", encode(rng, 24, path(rng, 24, 10**9))
    yield "12-random", encode(rng, 30, anywhere(rng, 30, 60, 10**9))
    yield "13-lanes", encode(rng, *lanes(rng, 30, 10**6))
    yield "14-dense", encode(rng, 15, anywhere(rng, 15, 90, 100))
    yield "15-ladder", encode(rng, 100, ladder(rng, 50, 1000))
    yield "16-random", encode(rng, 120, anywhere(rng, 120, 200, 1000))
    yield "17-path", encode(rng, 200, path(rng, 200, 10**9))
    yield "18-lanes", encode(rng, *lanes(rng, 150, 2000))
    yield "19-random", encode(rng, 250, anywhere(rng, 250, 350, 10**9))
    yield "20-dense", encode(rng, 40, anywhere(rng, 40, 400, 10**6))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53002)
    yield from small_cases(rng)
    yield "21-ladder", encode(rng, 300, ladder(rng, 150, 10**6))
    yield "22-path", encode(rng, 400, path(rng, 400, 10**9))
    yield "23-lanes", encode(rng, *lanes(rng, 200, 10**9))
    yield "24-random", encode(rng, 300, anywhere(rng, 300, 450, 10**9))
    yield "25-path", encode(rng, 30_000, path(rng, 30_000, 10**9))
    yield "26-ladder", encode(rng, 26_000, ladder(rng, 13_000, 10**6))
    yield "27-lanes", encode(rng, *lanes(rng, 15_000, 10**9))
    yield "28-random", encode(rng, 15_000, anywhere(rng, 15_000, 40_000, 10**9))
    yield (
        "29-long-with-shortcuts",
        encode(rng, 30_000, path(rng, 30_000, 10) + anywhere(rng, 30_000, 10_000, 10**6)),
    )
    yield "30-dense", encode(rng, 4_000, path(rng, 4_000, 100) + anywhere(rng, 4_000, 36_000, 10**9))
    yield "31-cut-off", encode(rng, 30_000, [road for road in path(rng, 30_000, 99) if road[0] != 29_000])
    yield "32-ladder", encode(rng, 26_600, ladder(rng, 13_300, 10**9))
