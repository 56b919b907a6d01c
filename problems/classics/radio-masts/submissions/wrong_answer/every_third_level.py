# Wrong: puts one mast per village of every third level, though levels may be mixed and neighbours disturb.
import sys

n, *numbers = map(int, sys.stdin.read().split())
people, ends = [0] + numbers[:n], numbers[n:]
around = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a].append(b)
    around[b].append(a)
level = [-1] * (n + 1)
level[1] = 0
order = [1]
best_below = [0] * (n + 1)
for village in order:
    for other in around[village]:
        if level[other] < 0:
            level[other] = level[village] + 1
            order.append(other)
            best_below[village] = max(best_below[village], people[other])
sums = [people[1], 0, 0]
for village in order:
    sums[(level[village] + 1) % 3] += best_below[village]
print(max(sums))
