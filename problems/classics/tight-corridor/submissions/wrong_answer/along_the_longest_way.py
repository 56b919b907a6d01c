# Wrong: tries only the corridor along the way between two trees that are farthest apart.
import sys
from math import hypot

n, *numbers = map(int, sys.stdin.read().split())
points = sorted(set(zip(numbers[::2], numbers[1::2])))
if len(points) > 400:
    step = len(points) // 400
    points = points[::step]
dx, dy = max(((bx - ax, by - ay) for ax, ay in points for bx, by in points), key=lambda way: hypot(*way))
sides = [dx * y - dy * x for x, y in points]
print((max(sides) - min(sides)) / hypot(dx, dy) if dx or dy else 0)
