# Wrong: treats requests that only touch as overlapping (bisect_left where bisect_right is needed).
import sys
from bisect import bisect_left

values = list(map(int, sys.stdin.read().split()))
requests = sorted(zip(values[2::3], values[1::3], values[3::3]))
ends = [end for end, _, _ in requests]
best = [0]
for i, (end, start, price) in enumerate(requests):
    best.append(max(best[i], best[bisect_left(ends, start, 0, i)] + price))
print(best[-1])
