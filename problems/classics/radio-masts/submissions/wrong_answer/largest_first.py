# Wrong: greedy, always takes the village with the most people that is still allowed.
import sys

n, *numbers = map(int, sys.stdin.read().split())
people, ends = numbers[:n], numbers[n:]
around = [[] for _ in range(n)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a - 1].append(b - 1)
    around[b - 1].append(a - 1)
mast = [False] * n
near = [False] * n
total = 0
for village in sorted(range(n), key=lambda village: -people[village]):
    if near[village] or any(near[other] for other in around[village]):
        continue
    near[village] = True
    for other in around[village]:
        near[other] = True
    total += people[village]
print(total)
