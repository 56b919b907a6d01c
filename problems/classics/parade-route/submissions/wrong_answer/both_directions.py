# Wrong: counts a route once from each of its ends.
import sys

n, *numbers = map(int, sys.stdin.read().split())
gains, roads = numbers[:n], numbers[n:]
around = [[] for _ in range(n)]
for a, b, toll in zip(roads[::3], roads[1::3], roads[2::3]):
    around[a - 1].append((b - 1, toll))
    around[b - 1].append((a - 1, toll))
order = [(0, -1, 0)]
for here, parent, _ in order:
    order += [(other, here, toll) for other, toll in around[here] if other != parent]
best, routes = max(gains), gains.count(max(gains))
down, ways = gains[:], [1] * n
for here, parent, toll in reversed(order[1:]):
    arm = down[here] - toll
    if down[parent] + arm > best:
        best, routes = down[parent] + arm, 0
    if down[parent] + arm == best:
        routes += 2 * ways[parent] * ways[here]
    longer = gains[parent] + arm
    if longer > down[parent]:
        down[parent], ways[parent] = longer, 0
    if longer == down[parent]:
        ways[parent] += ways[here]
print(best, routes)
