# Wrong: takes the lakes in the order of their numbers, which need not be the order in which water flows.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
onward = [[] for _ in range(n + 1)]
routes = [1] * (n + 1)
for a, b in zip(ends[::2], ends[1::2]):
    onward[a].append(b)
    routes[b] = 0
total = 0
for lake in range(1, n + 1):
    if not onward[lake]:
        total += routes[lake]
    for other in onward[lake]:
        routes[other] = (routes[other] + routes[lake]) % 998244353
print(total % 998244353)
