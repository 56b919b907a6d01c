# Wrong: several channels between the same two lakes count as one.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
onward = [set() for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    onward[a].add(b)
coming = [0] * (n + 1)
for others in onward:
    for b in others:
        coming[b] += 1
order = [lake for lake in range(1, n + 1) if coming[lake] == 0]
routes = [int(coming[lake] == 0) for lake in range(n + 1)]
total = 0
for lake in order:
    if not onward[lake]:
        total += routes[lake]
    for other in onward[lake]:
        routes[other] = (routes[other] + routes[lake]) % 998244353
        coming[other] -= 1
        if coming[other] == 0:
            order.append(other)
print(total % 998244353)
