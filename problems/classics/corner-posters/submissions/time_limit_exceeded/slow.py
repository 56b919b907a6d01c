# O(n^2): looks for the highest poster of each strip among all posters.
import sys

n, *sides = map(int, sys.stdin.read().split())
posters = list(zip(sides[::2], sides[1::2]))

area = left = 0
for right in sorted(set(sides[::2])):
    area += (right - left) * max(height for width, height in posters if width >= right)
    left = right
print(area)
