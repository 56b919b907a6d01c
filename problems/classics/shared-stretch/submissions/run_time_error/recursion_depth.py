# Crashes: finds depths recursively; in a long row of farms it goes deeper than Python allows.
import sys

n, q, *numbers = map(int, sys.stdin.read().split())
roads, ends = numbers[: 3 * n - 3], numbers[3 * n - 3 :]
around = [[] for _ in range(n + 1)]
for u, v, w in zip(roads[::3], roads[1::3], roads[2::3]):
    around[u].append((v, w))
    around[v].append((u, w))
up = [[1] * (n + 1)]
depth = [0] * (n + 1)
length = [0] * (n + 1)


def explore(farm):
    for other, w in around[farm]:
        if other != up[0][farm]:
            up[0][other] = farm
            depth[other] = depth[farm] + 1
            length[other] = length[farm] + w
            explore(other)


def distance(a, b):
    total = length[a] + length[b]
    if depth[a] < depth[b]:
        a, b = b, a
    for k in range(14, -1, -1):
        if depth[a] - (1 << k) >= depth[b]:
            a = up[k][a]
    if a != b:
        for level in reversed(up):
            if level[a] != level[b]:
                a, b = level[a], level[b]
        a = up[0][a]
    return total - 2 * length[a]


explore(1)
for _ in range(14):
    up.append([up[-1][farm] for farm in up[-1]])
for a, b, c, d in zip(ends[::4], ends[1::4], ends[2::4], ends[3::4]):
    others = min(distance(a, c) + distance(b, d), distance(a, d) + distance(b, c))
    print(max(0, distance(a, b) + distance(c, d) - others) // 2)
