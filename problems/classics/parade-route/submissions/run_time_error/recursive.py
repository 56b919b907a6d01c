# Crashes: a recursion from village to village, deeper than Python allows on long ways.
import sys

n, *numbers = map(int, sys.stdin.read().split())
gains, roads = numbers[:n], numbers[n:]
around = [[] for _ in range(n)]
for a, b, toll in zip(roads[::3], roads[1::3], roads[2::3]):
    around[a - 1].append((b - 1, toll))
    around[b - 1].append((a - 1, toll))
best = max(gains)
routes = gains.count(best)


def explore(here, parent):
    global best, routes
    down, ways = gains[here], 1
    for other, toll in around[here]:
        if other == parent:
            continue
        below, below_ways = explore(other, here)
        profit = down + below - toll
        if profit > best:
            best, routes = profit, 0
        if profit == best:
            routes += ways * below_ways
        longer = gains[here] + below - toll
        if longer > down:
            down, ways = longer, 0
        if longer == down:
            ways += below_ways
    return down, ways


explore(0, -1)
print(best, routes)
