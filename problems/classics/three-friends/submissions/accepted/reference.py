"""The three ways between two friends meet in one hut: of the three lowest common ancestors two are equal,
and the other one is that hut. Ancestors are found along heavy chains."""

import sys


def chains(around: list[list[int]]) -> tuple[list[int], list[int], list[int]]:
    """Return for each hut its parent, its depth, and the top of its heavy chain."""
    n = len(around) - 1
    parent, depth = [0] * (n + 1), [0] * (n + 1)
    order = [1]
    for hut in order:
        for other in around[hut]:
            if other != parent[hut]:
                parent[other] = hut
                depth[other] = depth[hut] + 1
                order.append(other)
    size, heavy = [1] * (n + 1), [0] * (n + 1)
    size[0] = 0
    for hut in reversed(order):
        up = parent[hut]
        size[up] += size[hut]
        if not heavy[up] or size[hut] > size[heavy[up]]:
            heavy[up] = hut
    top = [0] * (n + 1)
    for hut in order:
        top[hut] = top[parent[hut]] if heavy[parent[hut]] == hut and hut != 1 else hut
    return parent, depth, top


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *numbers = map(int, data.split())
    ends, friends = numbers[: 2 * n - 2], numbers[2 * n - 2 :]
    around: list[list[int]] = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        around[a].append(b)
        around[b].append(a)
    parent, depth, top = chains(around)

    def ancestor(a: int, b: int) -> int:
        while top[a] != top[b]:
            if depth[top[a]] < depth[top[b]]:
                b = parent[top[b]]
            else:
                a = parent[top[a]]
        return a if depth[a] < depth[b] else b

    answers = []
    for a, b, c in zip(friends[::3], friends[1::3], friends[2::3], strict=True):
        x, y, z = ancestor(a, b), ancestor(b, c), ancestor(c, a)
        hours = depth[a] + depth[b] + depth[c] - depth[x] - depth[y] - depth[z]
        answers.append(f"{x ^ y ^ z} {hours}\n")
    return "".join(answers).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
