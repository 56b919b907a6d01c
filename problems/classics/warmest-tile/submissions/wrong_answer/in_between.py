# Wrong: looks at the sums after every single change, also when only some of a column's changes are made.
import sys

n, *numbers = map(int, sys.stdin.read().split())
left, low, right, high, warmth = (numbers[i::5] for i in range(5))
borders = sorted({*low, *(y + 1 for y in high)})
place = {y: i for i, y in enumerate(borders)}
rows = [0] * len(borders)
changes = [(left[i], 0, i, warmth[i]) for i in range(n)]
changes += [(right[i] + 1, 1, i, -warmth[i]) for i in range(n)]
warmest = 0
for _, _, i, t in sorted(changes):
    for row in range(place[low[i]], place[high[i] + 1]):
        rows[row] += t
    warmest = max(warmest, max(rows))
print(warmest)
