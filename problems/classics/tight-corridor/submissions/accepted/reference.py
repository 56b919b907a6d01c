"""A narrowest corridor lies along a side of the convex hull; the corner farthest from the side moves on
around the hull as the side does."""

import sys
from math import hypot

Point = tuple[int, int]


def chain(points: list[Point]) -> list[Point]:
    """Return the corners of one half of the hull of sorted points, without the last one."""
    corners: list[Point] = []
    for x, y in points:
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners[:-1]


def least_width(hull: list[Point]) -> float:
    """Return the least width of a hull of at least three corners."""
    size = len(hull)
    least = float("inf")
    far = 1
    for i in range(size):
        (ax, ay), (bx, by) = hull[i], hull[(i + 1) % size]
        dx, dy = bx - ax, by - ay
        x, y = hull[far]
        distance = dx * (y - ay) - dy * (x - ax)
        while True:
            x, y = hull[(far + 1) % size]
            further = dx * (y - ay) - dy * (x - ax)
            if further <= distance:
                break
            far, distance = (far + 1) % size, further
        least = min(least, distance / hypot(dx, dy))
    return least


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    numbers = list(map(int, data.split()))
    points = sorted(set(zip(numbers[1::2], numbers[2::2], strict=True)))
    hull = chain(points) + chain(points[::-1])
    return b"%.9f\n" % (least_width(hull) if len(hull) > 2 else 0.0)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
