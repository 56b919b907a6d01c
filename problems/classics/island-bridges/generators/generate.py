"""Yield the hidden inputs of Island Bridges."""

from __future__ import annotations

import random
from collections.abc import Iterator

Line = tuple[int, int]


def render(rng: random.Random, islands: int, lines: list[Line]) -> bytes:
    """Write one input: islands renumbered at random, lines shuffled, their ends swapped at random."""
    number = list(range(1, islands + 1))
    rng.shuffle(number)
    rng.shuffle(lines)
    text = [f"{islands} {len(lines)}\n"]
    for a, b in lines:
        if rng.random() < 0.5:
            a, b = b, a
        text.append(f"{number[a]} {number[b]}\n")
    return "".join(text).encode()


def path(count: int, first: int = 0) -> list[Line]:
    """Join `count` islands in a row, beginning with island `first`."""
    return [(i, i + 1) for i in range(first, first + count - 1)]


def cycle(count: int, first: int = 0) -> list[Line]:
    """Join `count` islands in a ring, beginning with island `first`."""
    return [*path(count, first), (first + count - 1, first)]


def tree(rng: random.Random, count: int, reach: int) -> list[Line]:
    """Join each island with one of the `reach` islands before it."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, count)]


def chords(rng: random.Random, count: int, lines: int, reach: int) -> list[Line]:
    """Join random islands whose numbers differ by at most `reach`."""
    result = []
    for _ in range(lines):
        a = int(rng.random() * (count - 1))
        result.append((a, a + 1 + int(rng.random() * min(reach, count - 1 - a))))
    return result


def doubled(rng: random.Random, lines: list[Line], share: float) -> list[Line]:
    """Run a second ferry line beside a share of the lines."""
    return lines + [line for line in lines if rng.random() < share]


def rings_in_a_row(size: int, rings: int) -> list[Line]:
    """Join rings of islands in a row by single lines."""
    lines = []
    for ring in range(rings):
        lines += cycle(size, ring * size)
        if ring:
            lines.append((ring * size - 1, ring * size))
    return lines


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-no-line", render(rng, 1, [])
    yield "02-one-line", render(rng, 2, path(2))
    yield "03-double-line", render(rng, 2, [(0, 1), (0, 1)])
    yield "04-triangle", render(rng, 4, [*cycle(3), (2, 3)])
    yield "05-two-components", render(rng, 7, [*path(3), *cycle(4, 3)])
    yield "06-many-alone", render(rng, 30, chords(rng, 30, 8, 29))
    yield "07-tree", render(rng, 20, tree(rng, 20, 20))
    yield "08-doubled-tree", render(rng, 30, doubled(rng, tree(rng, 30, 5), 0.4))
    yield "09-sparse", render(rng, 60, chords(rng, 60, 60, 59))
    yield "10-rings", render(rng, 90, rings_in_a_row(6, 15))
    yield "11-path", render(rng, 200, path(200))
    yield "12-sparse", render(rng, 400, chords(rng, 400, 380, 399))
    yield "13-doubled-tree", render(rng, 700, doubled(rng, tree(rng, 700, 700), 0.5))
    yield "14-dense", render(rng, 120, chords(rng, 120, 1500, 119))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, input) of every generated case; the same bytes on every machine."""
    rng = random.Random(20104)
    yield from small_cases(rng)
    yield "15-local", render(rng, 2500, tree(rng, 2500, 3) + chords(rng, 2500, 600, 4))
    yield "16-tree", render(rng, 15_000, tree(rng, 15_000, 15_000))
    yield "17-rings", render(rng, 24_000, rings_in_a_row(8, 3000))
    yield "18-path", render(rng, 100_000, path(100_000))
    yield "19-ring", render(rng, 100_000, cycle(100_000))
    yield "20-random", render(rng, 100_000, chords(rng, 100_000, 100_000, 99_999))
    yield "21-dense", render(rng, 10_000, chords(rng, 10_000, 60_000, 9999))
    yield "22-doubled-tree", render(rng, 30_000, doubled(rng, tree(rng, 30_000, 50), 0.5))
    yield "23-doubled-path", render(rng, 30_000, doubled(rng, path(30_000), 0.8))
    yield "24-local", render(rng, 35_000, tree(rng, 35_000, 3) + chords(rng, 35_000, 15_000, 6))
    yield "25-ring-of-four", render(rng, 4, cycle(4))
    yield "26-path", render(rng, 6, path(6))
    yield "27-triple-line", render(rng, 3, [(0, 1), (0, 1), (0, 1), (1, 2)])
    yield "28-rings", render(rng, 15, rings_in_a_row(3, 5))
    yield "29-tree", render(rng, 50, tree(rng, 50, 4))
    yield "30-local", render(rng, 150, tree(rng, 150, 3) + chords(rng, 150, 40, 5))
    yield "31-doubled-path", render(rng, 500, doubled(rng, path(500), 0.7))
    yield "32-ring", render(rng, 900, cycle(900))
