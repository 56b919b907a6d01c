"""Make the secret inputs of Closed Junction."""

import random
from collections.abc import Iterator

Street = tuple[int, int]


def encode(rng: random.Random, n: int, streets: list[Street], *, first: int | None = None) -> bytes:
    """Write one input: junctions renumbered at random (junction `first` becomes 1), streets shuffled."""
    number = list(range(1, n + 1))
    rng.shuffle(number)
    if first is not None:
        old = number.index(1)
        number[first], number[old] = 1, number[first]
    rng.shuffle(streets)
    lines = [f"{n} {len(streets)}\n"]
    for a, b in streets:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{number[a]} {number[b]}\n")
    return "".join(lines).encode()


def path(n: int, first: int = 0) -> list[Street]:
    """Put the junctions in a row."""
    return [(i, i + 1) for i in range(first, first + n - 1)]


def ring(n: int, first: int = 0) -> list[Street]:
    """Close the row."""
    return [*path(n, first), (first + n - 1, first)]


def tree(rng: random.Random, n: int, reach: int) -> list[Street]:
    """Join each junction with one of the `reach` before it."""
    return [(i, i - 1 - int(rng.random() * min(i, reach))) for i in range(1, n)]


def anywhere(rng: random.Random, n: int, m: int, reach: int) -> list[Street]:
    """Join junctions whose numbers differ by at most `reach`."""
    streets = []
    for _ in range(m):
        a = int(rng.random() * (n - 1))
        streets.append((a, a + 1 + int(rng.random() * min(reach, n - 1 - a))))
    return streets


def flower(petals: int, size: int) -> list[Street]:
    """Let rings of `size` junctions beside junction 0 meet in it."""
    streets = []
    for petal in range(petals):
        first = 1 + petal * size
        streets += [*path(size, first), (0, first), (0, first + size - 1)]
    return streets


def rings_in_a_row(count: int, size: int) -> list[Street]:
    """Let each ring share a junction with the next one."""
    streets = []
    for i in range(count):
        first = i * (size - 1)
        streets += ring(size, first)
    return streets


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode(rng, 1, [])
    yield "02-street", encode(rng, 2, path(2))
    yield "03-row", encode(rng, 3, path(3))
    yield "04-ends-first", encode(rng, 4, path(4), first=0)
    yield "05-double-street", encode(rng, 3, [(0, 1), (0, 1), (1, 2)])
    yield "06-ring", encode(rng, 6, ring(6))
    yield "07-star-first", encode(rng, 6, [(0, i) for i in range(1, 6)], first=0)
    yield "08-flower", encode(rng, 7, flower(2, 3))
    yield "09-two-parts", encode(rng, 12, path(5) + path(7, 5), first=0)
    yield "10-flower-first", encode(rng, 10, flower(3, 3), first=0)
    yield "11-tree", encode(rng, 15, tree(rng, 15, 5))
    yield "12-no-streets", encode(rng, 20, [])
    yield "13-ring-and-row", encode(rng, 25, ring(15) + path(10, 15) + [(0, 15)])
    yield "14-sparse", encode(rng, 40, anywhere(rng, 40, 35, 39))
    yield "15-rings", encode(rng, 41, rings_in_a_row(10, 5))
    yield "16-tree", encode(rng, 80, tree(rng, 80, 80))
    yield "17-dense", encode(rng, 40, anywhere(rng, 40, 200, 39))
    yield "18-path", encode(rng, 150, path(150))
    yield "19-parts", encode(rng, 200, anywhere(rng, 200, 190, 6))
    yield "20-flower", encode(rng, 201, flower(10, 20))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53009)
    yield from small_cases(rng)
    yield "21-rings", encode(rng, 281, rings_in_a_row(70, 5))
    yield "22-sparse", encode(rng, 300, anywhere(rng, 300, 330, 299))
    yield "23-long-tree", encode(rng, 350, tree(rng, 350, 3))
    yield "24-local", encode(rng, 300, path(300)[::2] + anywhere(rng, 300, 250, 4))
    yield "25-path", encode(rng, 40_000, path(40_000))
    yield "26-ring", encode(rng, 40_000, ring(40_000))
    yield "27-rings", encode(rng, 40_000, rings_in_a_row(13_333, 4))
    yield "28-random", encode(rng, 40_000, anywhere(rng, 40_000, 60_000, 39_999))
    yield "29-tree", encode(rng, 40_000, tree(rng, 40_000, 40_000))
    yield "30-flower-first", encode(rng, 39_601, flower(99, 400), first=0)
    yield "31-long-local", encode(rng, 30_000, tree(rng, 30_000, 2) + anywhere(rng, 30_000, 20_000, 5))
    halves = path(20_000) + [(a + 20_000, b + 20_000) for a, b in tree(rng, 19_000, 4)]
    yield "32-parts", encode(rng, 40_000, halves)
