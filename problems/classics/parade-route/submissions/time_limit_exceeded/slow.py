# Follows the roads from every village anew: O(n^2).
import sys

n, *numbers = map(int, sys.stdin.read().split())
gains, roads = numbers[:n], numbers[n:]
around = [[] for _ in range(n)]
for a, b, toll in zip(roads[::3], roads[1::3], roads[2::3]):
    around[a - 1].append((b - 1, toll))
    around[b - 1].append((a - 1, toll))
best, routes = -(10**18), 0
for start in range(n):
    todo = [(start, -1, gains[start])]
    for here, before, profit in todo:
        if here >= start:
            if profit > best:
                best, routes = profit, 0
            if profit == best:
                routes += 1
        for other, toll in around[here]:
            if other != before:
                todo.append((other, here, profit + gains[other] - toll))
print(best, routes)
