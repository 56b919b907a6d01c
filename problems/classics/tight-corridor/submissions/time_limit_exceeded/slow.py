# O(n h): looks at all corners of the hull for each of its h sides.
import sys
from math import hypot


def chain(points):
    corners = []
    for x, y in points:
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners[:-1]


n, *numbers = map(int, sys.stdin.read().split())
points = sorted(set(zip(numbers[::2], numbers[1::2])))
hull = chain(points) + chain(points[::-1])
least = float("inf") if len(hull) > 2 else 0
for i in range(len(hull)):
    (ax, ay), (bx, by) = hull[i - 1], hull[i]
    widest = max((bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in hull)
    least = min(least, widest / hypot(bx - ax, by - ay))
print(least)
