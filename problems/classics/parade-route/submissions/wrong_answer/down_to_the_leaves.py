# Wrong: a way down always goes on to a leaf, so a route cannot end in a village with roads beyond it.
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
down, ways = [None] * n, [0] * n
for here, parent, toll in reversed(order[1:]):
    if down[here] is None:
        down[here], ways[here] = gains[here], 1
    arm = down[here] - toll
    for start, count in ((down[parent], ways[parent]), (gains[parent], 1)):
        if start is None:
            continue
        if start + arm > best:
            best, routes = start + arm, 0
        if start + arm == best:
            routes += count * ways[here]
    longer = gains[parent] + arm
    if down[parent] is None or longer > down[parent]:
        down[parent], ways[parent] = longer, 0
    if longer == down[parent]:
        ways[parent] += ways[here]
print(best, routes)
