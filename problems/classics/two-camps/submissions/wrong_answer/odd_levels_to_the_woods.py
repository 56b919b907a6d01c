# Wrong: the guest a group is entered from always sleeps by the lake, though the other way may be better.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
quarrels = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    quarrels[a].append(b)
    quarrels[b].append(a)
camp = [-1] * (n + 1)
lake = 0
for guest in range(1, n + 1):
    if camp[guest] >= 0:
        continue
    camp[guest] = 0
    group = [guest]
    for a in group:
        lake += camp[a] == 0
        for b in quarrels[a]:
            if camp[b] < 0:
                camp[b] = 1 - camp[a]
                group.append(b)
            elif camp[b] == camp[a]:
                print(-1)
                raise SystemExit
print(lake)
