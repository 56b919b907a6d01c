# Adds up row by row between borders for each device and each column where something changes: O(n^2).
import sys
from bisect import bisect_left

n, *numbers = map(int, sys.stdin.read().split())
left, low, right, high, warmth = (numbers[i::5] for i in range(5))
borders = sorted({*low, *(y + 1 for y in high)})
changes = [(left[i], i, warmth[i]) for i in range(n)] + [(right[i] + 1, i, -warmth[i]) for i in range(n)]
changes.sort()
rows = [0] * len(borders)
warmest = here = 0
for x, i, t in changes:
    if x != here:
        here = x
        warmest = max(warmest, max(rows))
    for row in range(bisect_left(borders, low[i]), bisect_left(borders, high[i] + 1)):
        rows[row] += t
print(warmest)
