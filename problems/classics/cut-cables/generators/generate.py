"""Make the secret inputs of Cut Cables."""

import random
from collections.abc import Iterator

Cable = tuple[int, int]


def encode(rng: random.Random, n: int, cables: list[Cable], cuts: int, *, in_order: bool = False) -> bytes:
    """Write one input: stations renumbered, cables shuffled; cut in the order given, or at random."""
    number = list(range(1, n + 1))
    rng.shuffle(number)
    place = list(range(len(cables)))
    rng.shuffle(place)
    lines = [""] * len(cables)
    for k, (a, b) in zip(place, cables, strict=True):
        if rng.random() < 0.5:
            a, b = b, a
        lines[k] = f"{number[a]} {number[b]}\n"
    if not in_order:
        rng.shuffle(place)
    order = " ".join(str(k + 1) for k in place[:cuts])
    return f"{n} {len(cables)} {cuts}\n{''.join(lines)}{order}\n".encode()


def path(n: int) -> list[Cable]:
    """Put the stations in a row."""
    return [(i, i + 1) for i in range(n - 1)]


def tree(rng: random.Random, n: int, reach: int) -> list[Cable]:
    """Join each station with one of the `reach` before it."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, n)]


def star(n: int) -> list[Cable]:
    """Join all stations with one."""
    return [(0, i) for i in range(1, n)]


def anywhere(rng: random.Random, n: int, m: int) -> list[Cable]:
    """Join any two stations."""
    cables = []
    for _ in range(m):
        a = int(rng.random() * n)
        cables.append((a, (a + 1 + int(rng.random() * (n - 1))) % n))
    return cables


def doubled(cables: list[Cable]) -> list[Cable]:
    """Lay every cable twice, one behind the other."""
    return [cable for cable in cables for _ in range(2)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-cable", encode(rng, 2, path(2), 1)
    yield "02-two-cables", encode(rng, 3, path(3), 2)
    yield "03-double-cable", encode(rng, 2, doubled(path(2)), 2)
    yield "04-never-cut", encode(rng, 5, path(5), 1)
    yield "05-star", encode(rng, 6, star(6), 4)
    yield "06-cut-from-the-end", encode(rng, 8, path(8), 5, in_order=True)
    yield "07-random", encode(rng, 9, anywhere(rng, 9, 8), 6)
    yield "08-many-alone", encode(rng, 30, anywhere(rng, 30, 10), 7)
    yield "09-doubled", encode(rng, 12, doubled(path(12)), 22, in_order=True)
    yield "10-tree", encode(rng, 25, tree(rng, 25, 25), 12)
    yield "11-path", encode(rng, 40, path(40), 39)
    yield "12-dense", encode(rng, 12, anywhere(rng, 12, 60), 60)
    yield "13-random", encode(rng, 60, anywhere(rng, 60, 60), 30)
    yield "14-few-cuts", encode(rng, 100, tree(rng, 100, 4), 5)
    yield "15-star", encode(rng, 120, star(120), 119)
    yield "16-doubled-tree", encode(rng, 90, doubled(tree(rng, 90, 90)), 150)
    yield "17-path", encode(rng, 250, path(250), 200)
    yield "18-random", encode(rng, 300, anywhere(rng, 300, 330), 330)
    yield "19-dense", encode(rng, 60, anywhere(rng, 60, 400), 400)
    yield "20-tree", encode(rng, 400, tree(rng, 400, 2), 350)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53003)
    yield from small_cases(rng)
    yield "21-random", encode(rng, 350, anywhere(rng, 350, 500), 500)
    yield "22-doubled", encode(rng, 250, doubled(path(250)), 498, in_order=True)
    yield "23-path", encode(rng, 450, path(450), 449, in_order=True)
    yield "24-many-alone", encode(rng, 500, anywhere(rng, 500, 400), 400)
    yield "25-path", encode(rng, 50_000, path(50_000), 49_999)
    yield "26-cut-from-the-end", encode(rng, 50_000, path(50_000), 49_999, in_order=True)
    yield "27-tree", encode(rng, 40_000, tree(rng, 40_000, 40_000), 39_999)
    yield "28-random", encode(rng, 30_000, anywhere(rng, 30_000, 50_000), 50_000)
    yield "29-doubled-path", encode(rng, 25_000, doubled(path(25_000)), 45_000)
    yield "30-star", encode(rng, 30_000, star(30_000), 29_999)
    yield "31-dense", encode(rng, 8_000, anywhere(rng, 8_000, 50_000), 50_000)
    yield "32-long-tree", encode(rng, 45_000, tree(rng, 45_000, 3), 30_000)
