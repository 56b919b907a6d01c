# Crashes: looks for a right glove after the last one.
import sys

n, m, d, *sizes = map(int, sys.stdin.read().split())
left, right = sorted(sizes[:n]), sorted(sizes[n:])
pairs = place = 0
for size in left:
    while right[place] < size - d:
        place += 1
    if right[place] <= size + d:
        pairs += 1
        place += 1
print(pairs)
