"""Make the secret inputs of Three Friends."""

import random
from collections.abc import Iterator

Path = tuple[int, int]


def encode(rng: random.Random, n: int, paths: list[Path], questions: list[tuple[int, int, int]]) -> bytes:
    """Write one input: huts renumbered at random, paths shuffled and turned, friends too."""
    number = list(range(1, n + 1))
    rng.shuffle(number)
    rng.shuffle(paths)
    lines = [f"{n} {len(questions)}\n"]
    for a, b in paths:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{number[a]} {number[b]}\n")
    for friends in questions:
        a, b, c = (number[hut] for hut in friends)
        lines.append(f"{b} {c} {a}\n" if rng.random() < 0.5 else f"{a} {b} {c}\n")
    return "".join(lines).encode()


def tree(rng: random.Random, n: int, reach: int) -> list[Path]:
    """Join each hut with one of the `reach` before it."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, n)]


def arms(count: int, length: int) -> list[Path]:
    """Let `count` rows of huts begin at one hut."""
    paths = [(0, 1 + arm * length) for arm in range(count)]
    for arm in range(count):
        paths += [(arm * length + k, arm * length + k + 1) for k in range(1, length)]
    return paths


def binary(n: int) -> list[Path]:
    """Let two paths lead on from each hut."""
    return [(i, (i - 1) // 2) for i in range(1, n)]


def drawn(rng: random.Random, n: int, q: int) -> list[tuple[int, int, int]]:
    """Draw the friends' huts independently."""
    return [(int(rng.random() * n), int(rng.random() * n), int(rng.random() * n)) for _ in range(q)]


def late(rng: random.Random, n: int, q: int) -> list[tuple[int, int, int]]:
    """Draw two of the friends from the last tenth of the huts, so that they often live far out together."""
    tenth = max(1, n // 10)
    return [
        (n - 1 - int(rng.random() * tenth), n - 1 - int(rng.random() * tenth), int(rng.random() * n))
        for _ in range(q)
    ]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-hut", encode(rng, 1, [], [(0, 0, 0)])
    yield "02-two-huts", encode(rng, 2, tree(rng, 2, 1), [(0, 1, 1), (0, 0, 1)])
    yield "03-row", encode(rng, 4, tree(rng, 4, 1), [(0, 1, 3), (3, 3, 0)])
    yield "04-star", encode(rng, 5, arms(4, 1), [(1, 2, 3), (0, 4, 4), (1, 1, 2)])
    yield "05-arms", encode(rng, 7, arms(3, 2), [(2, 4, 6), (1, 2, 6), (0, 2, 4)])
    yield "06-random", encode(rng, 8, tree(rng, 8, 8), drawn(rng, 8, 6))
    yield "07-row", encode(rng, 10, tree(rng, 10, 1), drawn(rng, 10, 8))
    yield "08-binary", encode(rng, 15, binary(15), drawn(rng, 15, 10))
    yield "09-random", encode(rng, 20, tree(rng, 20, 3), drawn(rng, 20, 10))
    yield "10-late", encode(rng, 30, tree(rng, 30, 5), late(rng, 30, 12))
    yield "11-star", encode(rng, 30, arms(29, 1), drawn(rng, 30, 20))
    yield "12-arms", encode(rng, 41, arms(5, 8), drawn(rng, 41, 30))
    yield "13-many-questions", encode(rng, 6, tree(rng, 6, 2), drawn(rng, 6, 80))
    yield "14-row", encode(rng, 70, tree(rng, 70, 1), drawn(rng, 70, 40))
    yield "15-binary", encode(rng, 80, binary(80), late(rng, 80, 60))
    yield "16-one-question", encode(rng, 150, tree(rng, 150, 2), drawn(rng, 150, 1))
    yield "17-random", encode(rng, 120, tree(rng, 120, 120), drawn(rng, 120, 100))
    yield "18-late", encode(rng, 150, tree(rng, 150, 4), late(rng, 150, 120))
    yield "19-arms", encode(rng, 151, arms(3, 50), drawn(rng, 151, 150))
    yield "20-row", encode(rng, 200, tree(rng, 200, 1), drawn(rng, 200, 150))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53006)
    yield from small_cases(rng)
    yield "21-random", encode(rng, 250, tree(rng, 250, 10), drawn(rng, 250, 200))
    yield "22-binary", encode(rng, 300, binary(300), drawn(rng, 300, 200))
    yield "23-long", encode(rng, 300, tree(rng, 300, 2), late(rng, 300, 250))
    yield "24-arms", encode(rng, 301, arms(30, 10), drawn(rng, 301, 280))
    yield "25-row", encode(rng, 40_000, tree(rng, 40_000, 1), drawn(rng, 40_000, 40_000))
    yield "26-three-arms", encode(rng, 39_997, arms(3, 13_332), drawn(rng, 39_997, 40_000))
    yield "27-long", encode(rng, 40_000, tree(rng, 40_000, 2), drawn(rng, 40_000, 40_000))
    yield "28-random", encode(rng, 20_000, tree(rng, 20_000, 20_000), drawn(rng, 20_000, 40_000))
    yield "29-late-row", encode(rng, 40_000, tree(rng, 40_000, 1), late(rng, 40_000, 30_000))
    yield "30-binary", encode(rng, 32_767, binary(32_767), drawn(rng, 32_767, 20_000))
    yield "31-five-arms", encode(rng, 39_996, arms(5, 7_999), drawn(rng, 39_996, 40_000))
    yield "32-star", encode(rng, 20_000, arms(19_999, 1), drawn(rng, 20_000, 20_000))
