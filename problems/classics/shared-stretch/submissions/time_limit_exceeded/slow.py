# Collects the roads of both ways for each question: O(n) each.
import sys


def main():
    n, q, *numbers = map(int, sys.stdin.read().split())
    roads, ends = numbers[: 3 * n - 3], numbers[3 * n - 3 :]
    around = [[] for _ in range(n + 1)]
    for u, v, w in zip(roads[::3], roads[1::3], roads[2::3]):
        around[u].append((v, w))
        around[v].append((u, w))
    parent, depth, length, order = [0] * (n + 1), [0] * (n + 1), [0] * (n + 1), [1]
    for farm in order:
        for other, w in around[farm]:
            if other != parent[farm]:
                parent[other] = farm
                depth[other] = depth[farm] + 1
                length[other] = w
                order.append(other)

    def way(a, b):
        used = set()
        while a != b:
            if depth[a] < depth[b]:
                a, b = b, a
            used.add(a)
            a = parent[a]
        return used

    for a, b, c, d in zip(ends[::4], ends[1::4], ends[2::4], ends[3::4]):
        print(sum(length[farm] for farm in way(a, b) & way(c, d)))


main()
