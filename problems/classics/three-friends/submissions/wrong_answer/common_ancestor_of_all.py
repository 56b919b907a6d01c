# Wrong: the friends meet in the lowest common ancestor of all three, though two may live far below it.
import sys

n, q, *numbers = map(int, sys.stdin.read().split())
ends, friends = numbers[: 2 * n - 2], numbers[2 * n - 2 :]
around = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a].append(b)
    around[b].append(a)
up = [[1] * (n + 1)]
depth = [0] * (n + 1)
order = [1]
for hut in order:
    for other in around[hut]:
        if other != up[0][hut]:
            up[0][other] = hut
            depth[other] = depth[hut] + 1
            order.append(other)
for _ in range(15):
    up.append([up[-1][hut] for hut in up[-1]])


def ancestor(a, b):
    if depth[a] < depth[b]:
        a, b = b, a
    for k in range(15, -1, -1):
        if depth[a] - (1 << k) >= depth[b]:
            a = up[k][a]
    if a == b:
        return a
    for level in reversed(up):
        if level[a] != level[b]:
            a, b = level[a], level[b]
    return up[0][a]


for a, b, c in zip(friends[::3], friends[1::3], friends[2::3]):
    hut = ancestor(ancestor(a, b), c)
    print(hut, depth[a] + depth[b] + depth[c] - 3 * depth[hut])
