# Wrong: takes the larger camp of one division, though each group of guests may be turned on its own.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
quarrels = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    quarrels[a].append(b)
    quarrels[b].append(a)
camp = [-1] * (n + 1)
possible = True
for guest in range(1, n + 1):
    if camp[guest] >= 0:
        continue
    camp[guest] = 0
    stack = [guest]
    while stack:
        a = stack.pop()
        for b in quarrels[a]:
            if camp[b] < 0:
                camp[b] = 1 - camp[a]
                stack.append(b)
            elif camp[b] == camp[a]:
                possible = False
second = sum(camp[1:])
print(max(second, n - second) if possible else -1)
