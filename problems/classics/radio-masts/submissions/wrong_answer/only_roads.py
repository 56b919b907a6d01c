# Wrong: forbids masts in neighbouring villages only and forgets those with a common neighbour.
import sys

n, *numbers = map(int, sys.stdin.read().split())
people, ends = [0] + numbers[:n], numbers[n:]
around = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a].append(b)
    around[b].append(a)
parent = [0] * (n + 1)
order = [1]
for village in order:
    for other in around[village]:
        if other != parent[village]:
            parent[other] = village
            order.append(other)
without = [0] * (n + 1)
for village in reversed(order):
    people[parent[village]] += without[village]
    without[parent[village]] += max(without[village], people[village])
print(max(people[1], without[1]))
