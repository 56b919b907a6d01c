# Wrong: never lets the junction that a search begins with cut anything off.
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
for root in range(1, n + 1):
    if order[root]:
        continue
    clock += 1
    order[root] = low[root] = clock
    stack, part = [root], [root]
    while stack:
        here = stack[-1]
        if around[here]:
            other = around[here].pop()
            if not order[other]:
                clock += 1
                order[other] = low[other] = clock
                stack.append(other)
                part.append(other)
            low[here] = min(low[here], order[other])
            continue
        stack.pop()
        if not stack:
            break
        above = stack[-1]
        size[above] += size[here]
        low[above] = min(low[above], low[here])
        if low[here] >= order[above] and above != root:
            damage[above] += cut[above] * size[here]
            cut[above] += size[here]
    for here in part:
        damage[here] += cut[here] * (len(part) - 1 - cut[here])
worst = max(damage[1:])
print(damage.index(worst, 1), worst)
