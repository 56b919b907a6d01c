"""Make the secret inputs of Shared Stretch."""

import random
from collections.abc import Iterator

Road = tuple[int, int]
Question = tuple[int, int, int, int]
MOST = 1_000_000_000


def encode(rng: random.Random, n: int, roads: list[Road], questions: list[Question], longest: int) -> bytes:
    """Write one input: farms renumbered, roads shuffled and turned, lengths drawn from 1..longest."""
    number = list(range(1, n + 1))
    rng.shuffle(number)
    rng.shuffle(roads)
    lines = [f"{n} {len(questions)}\n"]
    for a, b in roads:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{number[a]} {number[b]} {1 + int(rng.random() * longest)}\n")
    for ends in questions:
        a, b, c, d = (number[farm] for farm in ends)
        lines.append(f"{a} {b} {d} {c}\n" if rng.random() < 0.5 else f"{a} {b} {c} {d}\n")
    return "".join(lines).encode()


def tree(rng: random.Random, n: int, reach: int) -> list[Road]:
    """Join each farm with one of the `reach` before it."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, n)]


def row(n: int) -> list[Road]:
    """Put the farms in a row."""
    return [(i, i + 1) for i in range(n - 1)]


def star(n: int) -> list[Road]:
    """Join all farms with one."""
    return [(0, i) for i in range(1, n)]


def comb(n: int) -> list[Road]:
    """Put every second farm in a row and hang the one after it there."""
    return [(i, i - 1 if i % 2 else i - 2) for i in range(1, n)]


def binary(n: int) -> list[Road]:
    """Let two roads lead on from each farm."""
    return [(i, (i - 1) // 2) for i in range(1, n)]


def drawn(rng: random.Random, n: int, q: int) -> list[Question]:
    """Draw the farms independently."""
    return [tuple(int(rng.random() * n) for _ in range(4)) for _ in range(q)]  # type: ignore[misc]


def across(rng: random.Random, n: int, q: int) -> list[Question]:
    """Let both carts go from the first quarter of the farms to the last one."""
    quarter = max(1, n // 4)

    def near() -> int:
        return int(rng.random() * quarter)

    return [(near(), n - 1 - near(), near(), n - 1 - near()) for _ in range(q)]


def apart(rng: random.Random, n: int, q: int) -> list[Question]:
    """Keep the milk cart among the first half of the farms and the hay cart among the others."""
    half = n // 2
    return [
        (
            int(rng.random() * half),
            int(rng.random() * half),
            half + int(rng.random() * (n - half)),
            half + int(rng.random() * (n - half)),
        )
        for _ in range(q)
    ]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-farm", encode(rng, 1, [], [(0, 0, 0, 0)], 1)
    yield "02-one-road", encode(rng, 2, row(2), [(0, 1, 1, 0), (0, 0, 0, 1)], 9)
    yield "03-row", encode(rng, 5, row(5), [(0, 3, 1, 4), (0, 1, 3, 4), (0, 4, 1, 2)], 9)
    yield "04-touch", encode(rng, 5, star(5), [(1, 2, 3, 4), (1, 2, 2, 3)], 9)
    yield (
        "05-branch",
        encode(rng, 6, [(0, 1), (1, 2), (2, 3), (1, 4), (2, 5)], [(0, 3, 4, 5), (0, 4, 3, 5)], 50),
    )
    yield "06-long-roads", encode(rng, 6, row(6), [(0, 5, 0, 5), (1, 5, 0, 4)], MOST)
    yield "07-drawn", encode(rng, 6, tree(rng, 6, 6), drawn(rng, 6, 5), 20)
    yield "08-both-sides", encode(rng, 7, binary(7), [(3, 6, 4, 5), (3, 5, 4, 2), (1, 6, 3, 2)], 30)
    yield "09-comb", encode(rng, 10, comb(10), across(rng, 10, 6), 20)
    yield "10-apart", encode(rng, 10, row(10), apart(rng, 10, 6), 9)
    yield "11-drawn", encode(rng, 15, tree(rng, 15, 4), drawn(rng, 15, 10), 100)
    yield "12-binary", encode(rng, 20, binary(20), drawn(rng, 20, 12), 1000)
    yield "13-across", encode(rng, 25, tree(rng, 25, 2), across(rng, 25, 15), MOST)
    yield "14-star", encode(rng, 30, star(30), drawn(rng, 30, 20), 99)
    yield "15-few-farms", encode(rng, 5, tree(rng, 5, 3), drawn(rng, 5, 50), 7)
    yield "16-comb", encode(rng, 60, comb(60), drawn(rng, 60, 40), 50)
    yield "17-row", encode(rng, 90, row(90), drawn(rng, 90, 60), 9999)
    yield "18-apart", encode(rng, 100, tree(rng, 100, 3), apart(rng, 100, 90), 100)
    yield "19-drawn", encode(rng, 150, tree(rng, 150, 150), drawn(rng, 150, 100), MOST)
    yield "20-across", encode(rng, 200, tree(rng, 200, 3), across(rng, 200, 120), 500)
    yield "21-comb", encode(rng, 220, comb(220), across(rng, 220, 150), 77)
    yield "22-binary", encode(rng, 255, binary(255), drawn(rng, 255, 150), 1000)
    yield "23-row", encode(rng, 280, row(280), drawn(rng, 280, 160), MOST)
    yield "24-drawn", encode(rng, 300, tree(rng, 300, 5), drawn(rng, 300, 200), 100)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61011)
    yield from small_cases(rng)
    yield "25-drawn", encode(rng, 20_000, tree(rng, 20_000, 20_000), drawn(rng, 20_000, 12_000), 99)
    yield "26-binary", encode(rng, 16_383, binary(16_383), across(rng, 16_383, 15_000), 1000)
    yield "27-row", encode(rng, 30_000, row(30_000), drawn(rng, 30_000, 15_000), 9999)
    yield "28-comb", encode(rng, 30_000, comb(30_000), across(rng, 30_000, 15_000), 1_000_000)
    yield "29-long", encode(rng, 30_000, tree(rng, 30_000, 2), apart(rng, 30_000, 15_000), MOST)
    yield "30-row", encode(rng, 30_000, row(30_000), across(rng, 30_000, 15_000), MOST)
    yield "31-long", encode(rng, 30_000, tree(rng, 30_000, 3), drawn(rng, 30_000, 15_000), MOST)
    yield "32-comb", encode(rng, 30_000, comb(30_000), across(rng, 30_000, 15_000), MOST)
