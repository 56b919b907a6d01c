# Wrong: takes off only what neighbours in the order of widths have in common.
import sys

n, *sides = map(int, sys.stdin.read().split())
posters = sorted(zip(sides[::2], sides[1::2]))
area = sum(width * height for width, height in posters)
for (left, high), (right, low) in zip(posters, posters[1:]):
    area -= left * min(high, low)
print(area)
