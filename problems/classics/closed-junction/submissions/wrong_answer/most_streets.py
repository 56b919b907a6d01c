# Wrong: closes the junction with the most streets and works out the damage only there.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
around = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a].append(b)
    around[b].append(a)
closed = max(range(1, n + 1), key=lambda junction: (len(set(around[junction])), -junction))
seen = [False] * (n + 1)
seen[closed] = True
parts = []
for start in around[closed]:
    if seen[start]:
        continue
    seen[start] = True
    part = [start]
    for a in part:
        for b in around[a]:
            if not seen[b]:
                seen[b] = True
                part.append(b)
    parts.append(len(part))
total = sum(parts)
print(closed, (total * total - sum(size * size for size in parts)) // 2)
