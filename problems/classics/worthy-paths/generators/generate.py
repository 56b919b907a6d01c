"""Make the secret inputs of Worthy Paths."""

import random
from collections.abc import Callable, Iterator

Cell = tuple[int, int]
Factor = Callable[[], int]
MOST = 100_000
CELLS = 800


def encode(rng: random.Random, h: int, w: int, cells: list[Cell], factor: Factor) -> bytes:
    """Write one input, with the special cells shuffled and each once."""
    unlike = list(dict.fromkeys(cells))
    rng.shuffle(unlike)
    lines = [f"{h} {w} {len(unlike)}\n", *(f"{r} {c} {factor()}\n" for r, c in unlike)]
    return "".join(lines).encode()


def drawn(rng: random.Random, h: int, w: int, n: int) -> list[Cell]:
    """Draw cells anywhere."""
    return [(1 + int(rng.random() * h), 1 + int(rng.random() * w)) for _ in range(n)]


def near_diagonal(rng: random.Random, h: int, w: int, n: int, width: int) -> list[Cell]:
    """Draw cells about the diagonal, where most paths go."""
    cells = []
    for _ in range(n):
        share = rng.random()
        r = 1 + int(share * (h - 1)) + int((rng.random() - 0.5) * width)
        c = 1 + int(share * (w - 1)) + int((rng.random() - 0.5) * width)
        cells.append((min(max(r, 1), h), min(max(c, 1), w)))
    return cells


def corners(h: int, w: int) -> list[Cell]:
    """Return the first and the last cell and their neighbours."""
    return [(r, c) for r, c in ((1, 1), (1, 2), (2, 1), (h, w), (h - 1, w), (h, w - 1)) if 1 <= r and 1 <= c]


def lines(rng: random.Random, h: int, w: int, n: int) -> list[Cell]:
    """Draw cells of one row and of one column."""
    r, c = 1 + int(rng.random() * h), 1 + int(rng.random() * w)
    return [(r, 1 + int(rng.random() * w)) if i % 2 else (1 + int(rng.random() * h), c) for i in range(n)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""

    def forbidden() -> int:
        return 0

    def doubled() -> int:
        return 2

    def small() -> int:
        return int(rng.random() * 5)

    def large() -> int:
        return 10**9 - int(rng.random() * 1000)

    yield "01-one-cell", encode(rng, 1, 1, [], small)
    yield "02-only-cell", encode(rng, 1, 1, [(1, 1)], lambda: 7)
    yield "03-plain", encode(rng, 4, 5, [], small)
    yield "04-first", encode(rng, 2, 2, [(1, 1)], lambda: 3)
    yield "05-last", encode(rng, 3, 2, [(3, 2)], lambda: 4)
    yield "06-middle", encode(rng, 3, 3, [(2, 2)], forbidden)
    yield "07-row", encode(rng, 1, 9, [(1, 4), (1, 7)], lambda: 5)
    yield "08-same-row", encode(rng, 2, 6, [(1, 5), (1, 2)], doubled)
    yield "09-same-column", encode(rng, 7, 2, [(6, 1), (3, 1), (4, 2)], doubled)
    yield "10-blocked", encode(rng, 5, 5, [(1, 2), (2, 1)], forbidden)
    yield "11-ones", encode(rng, 6, 8, drawn(rng, 6, 8, 3), lambda: 1)
    yield "12-corners", encode(rng, 4, 4, corners(4, 4), large)
    yield "13-small", encode(rng, 6, 7, drawn(rng, 6, 7, 8), small)
    yield "14-forbidden", encode(rng, 12, 9, drawn(rng, 12, 9, 12), forbidden)
    yield "15-large", encode(rng, 9, 12, near_diagonal(rng, 9, 12, 10, 4), large)
    yield "16-diagonal", encode(rng, 30, 30, near_diagonal(rng, 30, 30, 20, 6), small)
    yield "17-lines", encode(rng, 25, 40, lines(rng, 25, 40, 30), doubled)
    yield "18-every-cell", encode(rng, 6, 7, [(1 + i // 7, 1 + i % 7) for i in range(42)], small)
    yield "19-forbidden", encode(rng, 60, 50, drawn(rng, 60, 50, 50), forbidden)
    yield "20-large", encode(rng, 80, 90, drawn(rng, 80, 90, 60), large)
    yield "21-column", encode(rng, 200, 1, drawn(rng, 200, 1, 70), large)
    yield "22-diagonal", encode(rng, 130, 120, near_diagonal(rng, 130, 120, 70, 10), large)
    yield "23-small", encode(rng, 150, 160, drawn(rng, 150, 160, 100), small)
    yield "24-corners", encode(rng, 140, 150, corners(140, 150) + drawn(rng, 140, 150, 110), large)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71011)

    def any_factor() -> int:
        return int(rng.random() * (10**9 + 1))

    yield from small_cases(rng)
    yield "25-drawn", encode(rng, MOST, 90_000, drawn(rng, MOST, 90_000, 300), any_factor)
    yield "26-forbidden", encode(rng, MOST, MOST, near_diagonal(rng, MOST, MOST, CELLS, 300), lambda: 0)
    yield "27-wide", encode(rng, 60_000, MOST, drawn(rng, 60_000, MOST, 500), any_factor)
    yield "28-lines", encode(rng, MOST, MOST, lines(rng, MOST, MOST, 600), any_factor)
    yield "29-diagonal", encode(rng, MOST, MOST, near_diagonal(rng, MOST, MOST, 700, 2000), any_factor)
    chain = [(1 + i * 100, 1 + i * 100) for i in range(CELLS)]
    yield "30-chain", encode(rng, MOST, MOST, chain, any_factor)
    ends = corners(MOST, MOST) + drawn(rng, MOST, MOST, CELLS - 6)
    yield "31-corners", encode(rng, MOST, MOST, ends, any_factor)
    yield "32-drawn", encode(rng, MOST, MOST, drawn(rng, MOST, MOST, CELLS), any_factor)
