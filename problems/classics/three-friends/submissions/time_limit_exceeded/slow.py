# Walks up from both huts one path at a time: O(n) per question.
import sys


def main():
    n, q, *numbers = map(int, sys.stdin.read().split())
    ends, friends = numbers[: 2 * n - 2], numbers[2 * n - 2 :]
    around = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2]):
        around[a].append(b)
        around[b].append(a)
    parent = [0] * (n + 1)
    depth = [0] * (n + 1)
    order = [1]
    for hut in order:
        for other in around[hut]:
            if other != parent[hut]:
                parent[other] = hut
                depth[other] = depth[hut] + 1
                order.append(other)

    def ancestor(a, b):
        while a != b:
            if depth[a] < depth[b]:
                b = parent[b]
            else:
                a = parent[a]
        return a

    for a, b, c in zip(friends[::3], friends[1::3], friends[2::3]):
        huts = [ancestor(a, b), ancestor(b, c), ancestor(c, a)]
        hours = depth[a] + depth[b] + depth[c] - sum(depth[hut] for hut in huts)
        print(max(huts, key=depth.__getitem__), hours)


main()
