# Wrong: tries only corridors in the directions of the axes and of their diagonals.
import sys

n, *numbers = map(int, sys.stdin.read().split())
points = list(zip(numbers[::2], numbers[1::2]))
widths = []
for a, b in ((1, 0), (0, 1), (1, 1), (1, -1)):
    sides = [a * x + b * y for x, y in points]
    widths.append((max(sides) - min(sides)) / (a * a + b * b) ** 0.5)
print(min(widths))
