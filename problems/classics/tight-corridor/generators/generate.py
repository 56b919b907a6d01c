"""Make the secret inputs of Tight Corridor."""

import random
from collections.abc import Iterator
from math import gcd, inf

Point = tuple[int, int]
MOST = 10_000_000


def encode(points: list[Point]) -> bytes:
    """Write one input."""
    return (f"{len(points)}\n" + "".join(f"{x} {y}\n" for x, y in points)).encode()


def scattered(rng: random.Random, n: int, width: int, height: int) -> list[Point]:
    """Draw points from a rectangle around the origin."""
    return [
        (int(rng.random() * (2 * width + 1)) - width, int(rng.random() * (2 * height + 1)) - height)
        for _ in range(n)
    ]


def slanted(rng: random.Random, n: int, dx: int, dy: int, reach: int) -> list[Point]:
    """Draw points near a line through the origin in the direction (dx, dy)."""
    points = []
    for x, y in scattered(rng, n, reach, reach):
        step = int(rng.random() * 2001) - 1000
        points.append((step * dx + x, step * dy + y))
    return points


def steps(count: int) -> list[Point]:
    """Return the shortest `count` steps in different directions of a half-turn, ordered by direction."""
    found, total = [(1, 0)], 0
    while len(found) < count:
        total += 1
        found += [(x, total - abs(x)) for x in range(1 - total, total) if gcd(abs(x), total - abs(x)) == 1]
    return sorted(found[:count], key=lambda step: -step[0] / step[1] if step[1] else -inf)


def convex(rng: random.Random, n: int, stretch: int, slant: int) -> list[Point]:
    """Return n corners of a convex polygon, stretched and slanted; n is even."""
    half = [(stretch * x, slant * x + y) for x, y in steps(n // 2)]
    points, x, y = [], 0, 0
    for dx, dy in half + [(-dx, -dy) for dx, dy in half]:
        points.append((x, y))
        x, y = x + dx, y + dy
    rng.shuffle(points)
    return points


def rounded(rng: random.Random, n: int, radius: int) -> list[Point]:
    """Draw points near the edge of a disc, and a few inside it."""
    points: list[Point] = []
    while len(points) < n:
        (point,) = scattered(rng, 1, radius, radius)
        if (radius - 2) ** 2 < point[0] ** 2 + point[1] ** 2 <= radius**2 or rng.random() < 1e-3:
            points.append(point)
    return points


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one-tree", encode([(3, 4)])
    yield "02-same-point", encode([(-5, 7), (-5, 7), (-5, 7)])
    yield "03-two-trees", encode([(0, 0), (9, 5)])
    yield "04-slanted-line", encode([(0, 0), (3, 6), (1, 2), (-2, -4)])
    yield "05-triangle", encode([(0, 0), (6, 3), (1, 5)])
    yield "06-slanted-square", encode([(2, 0), (0, 2), (-2, 0), (0, -2)])
    yield "07-wide-triangle", encode([(-MOST, -MOST), (MOST, MOST), (MOST, MOST - 1)])
    yield "08-obtuse", encode([(0, 0), (10, 9), (20, 20), (11, 9)])
    yield "09-large-square", encode([(-MOST, 0), (0, MOST), (MOST, 0), (0, -MOST)])
    yield "10-hexagon", encode(convex(rng, 6, 1, 0))
    yield "11-scattered", encode(scattered(rng, 8, 9, 9))
    yield "12-octagon", encode(convex(rng, 8, 3, 1))
    yield "13-slanted", encode(slanted(rng, 12, 3, 2, 60))
    yield "14-scattered-far", encode(scattered(rng, 12, MOST, MOST))
    yield "15-flat", encode(scattered(rng, 20, 1000, 3))
    yield "16-convex", encode(convex(rng, 24, 2, 1))
    yield "17-scattered", encode(scattered(rng, 40, 30, 30))
    yield "18-rounded", encode(rounded(rng, 40, 300))
    yield "19-slanted", encode(slanted(rng, 60, -700, 900, 5000))
    yield "20-convex", encode(convex(rng, 80, 1, 2))
    yield "21-line", encode(slanted(rng, 90, 5, -3, 0))
    yield "22-scattered", encode(scattered(rng, 150, 99_999, 9999))
    yield "23-convex", encode(convex(rng, 160, 4, -1))
    yield "24-rounded", encode(rounded(rng, 170, 1000))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61010)
    yield from small_cases(rng)
    yield "25-convex", encode(convex(rng, 30_000, 1, 0))
    yield "26-scattered", encode(scattered(rng, 30_000, MOST, MOST // 3))
    yield "27-slanted", encode(slanted(rng, 30_000, 7000, 9000, 30_000))
    yield "28-convex", encode(convex(rng, 34_000, 2, 1))
    yield "29-convex", encode(convex(rng, 38_000, 3, -1))
    yield "30-convex", encode(convex(rng, 40_000, 5, 2))
    yield "31-convex", encode(convex(rng, 40_000, 1, 3))
    yield "32-convex", encode(convex(rng, 39_998, 4, 4))
