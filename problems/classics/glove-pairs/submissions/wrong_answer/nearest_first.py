# Wrong: gives each left glove, the smallest first, the nearest right glove that is left.
import sys
from bisect import bisect_left

n, m, d, *sizes = map(int, sys.stdin.read().split())
right = sorted(sizes[n:])
pairs = 0
for size in sorted(sizes[:n]):
    place = bisect_left(right, size)
    near = [i for i in (place - 1, place) if 0 <= i < len(right)]
    best = min(near, key=lambda i: abs(right[i] - size), default=-1)
    if best >= 0 and abs(right[best] - size) <= d:
        right.pop(best)
        pairs += 1
print(pairs)
