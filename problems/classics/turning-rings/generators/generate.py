"""Make the secret inputs of Turning Rings."""

import json
import random
from collections.abc import Iterator

FAR = 10**18


def encode(rows: list[list[int]], steps: int) -> bytes:
    """Write one input."""
    return f"{json.dumps(rows)}\n{steps}\n".encode()


def drawn(rng: random.Random, h: int, w: int, steps: int) -> bytes:
    """Draw each number by itself."""
    return encode([[int(rng.random() * 1000) for _ in range(w)] for _ in range(h)], steps)


def counted(h: int, w: int, steps: int) -> bytes:
    """Number the cells, so that each that lies wrong shows."""
    return encode([[(r * w + c) % 1000 for c in range(w)] for r in range(h)], steps)


def striped(h: int, w: int, steps: int) -> bytes:
    """Give each ring one number, but for a single cell of it."""
    rows = [[min(r, c, h - 1 - r, w - 1 - c) % 1000 for c in range(w)] for r in range(h)]
    for ring in range((min(h, w) + 1) // 2):
        rows[ring][ring] = 999
    return encode(rows, steps)


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one-cell", counted(1, 1, 5)
    yield "02-row", counted(1, 2, 1)
    yield "03-column", counted(2, 1, -1)
    yield "04-square", counted(2, 2, 1)
    yield "05-row", counted(1, 6, -2)
    yield "06-column", counted(6, 1, 4)
    yield "07-around", counted(2, 3, 6)
    yield "08-middle-cell", counted(3, 3, 3)
    yield "09-middle-column", counted(5, 3, 1)
    yield "10-middle-row", counted(3, 6, -1)
    yield "11-not-at-all", drawn(rng, 3, 4, 0)
    yield "12-inner-ring", counted(4, 4, 5)
    yield "13-backwards", drawn(rng, 4, 5, -7)
    yield "14-middle-row", counted(5, 7, 4)
    yield "15-two-rows", drawn(rng, 2, 15, 31)
    yield "16-columns", drawn(rng, 12, 3, -30)
    yield "17-striped", striped(7, 8, 100)
    yield "18-drawn", drawn(rng, 9, 9, 64)
    yield "19-high", drawn(rng, 30, 4, 130)
    yield "20-row", drawn(rng, 1, 150, -149)
    yield "21-drawn", drawn(rng, 14, 16, -200)
    yield "22-wide", drawn(rng, 6, 60, 999)
    yield "23-striped", striped(25, 20, -300)
    yield "24-drawn", drawn(rng, 30, 31, 500)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71008)
    yield from small_cases(rng)
    yield "25-square", drawn(rng, 200, 200, FAR - 11)
    yield "26-wide", drawn(rng, 3, 15_000, 22_501)
    yield "27-high", counted(15_001, 3, -(10**9))
    yield "28-striped", striped(230, 230, 123_456_789_012)
    yield "29-row", drawn(rng, 1, 50_000, -FAR)
    yield "30-column", drawn(rng, 54_000, 1, FAR // 7)
    yield "31-two-columns", counted(29_000, 2, 10**17 + 29_003)
    yield "32-two-rows", drawn(rng, 2, 30_000, -FAR // 3 - 25_000)
