# Wrong: counts the roads instead of adding up their lengths.
import sys

Around = list[list[tuple[int, int]]]


def chains(around: Around) -> tuple[list[int], list[int], list[int], list[int]]:
    """Return for each farm its parent, its place in a search, its distance from farm 1, and the top of its
    heavy chain."""
    n = len(around) - 1
    parent, length, order = [0] * (n + 1), [0] * (n + 1), [1]
    for farm in order:
        for other, w in around[farm]:
            if other != parent[farm]:
                parent[other] = farm
                length[other] = length[farm] + 1
                order.append(other)
    size, heavy = [1] * (n + 1), [0] * (n + 1)
    size[0] = 0
    for farm in reversed(order):
        up = parent[farm]
        size[up] += size[farm]
        if not heavy[up] or size[farm] > size[heavy[up]]:
            heavy[up] = farm
    top, place = [0] * (n + 1), [0] * (n + 1)
    for number, farm in enumerate(order):
        place[farm] = number
        top[farm] = top[parent[farm]] if heavy[parent[farm]] == farm and farm != 1 else farm
    return parent, place, length, top


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *numbers = map(int, data.split())
    roads, ends = numbers[: 3 * n - 3], numbers[3 * n - 3 :]
    around: Around = [[] for _ in range(n + 1)]
    for u, v, w in zip(roads[::3], roads[1::3], roads[2::3], strict=True):
        around[u].append((v, w))
        around[v].append((u, w))
    parent, place, length, top = chains(around)

    def distance(a: int, b: int) -> int:
        total = length[a] + length[b]
        while top[a] != top[b]:
            if place[top[a]] < place[top[b]]:
                b = parent[top[b]]
            else:
                a = parent[top[a]]
        return total - 2 * min(length[a], length[b])

    answers = []
    for a, b, c, d in zip(ends[::4], ends[1::4], ends[2::4], ends[3::4], strict=True):
        others = min(distance(a, c) + distance(b, d), distance(a, d) + distance(b, c))
        answers.append(max(0, distance(a, b) + distance(c, d) - others) // 2)
    return "".join(f"{answer}\n" for answer in answers).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
