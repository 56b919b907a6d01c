"""From the leaves up: the best way that goes down from each village, with the number of such ways. Two of
them meet in the highest village of a route."""

import sys


def walk(around: list[list[tuple[int, int]]]) -> list[tuple[int, int, int]]:
    """Return each village but the first with its parent and the toll between, parents first."""
    order = [(0, -1, 0)]
    for here, parent, _ in order:
        order += [(other, here, toll) for other, toll in around[here] if other != parent]
    return order[1:]


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *numbers = map(int, data.split())
    gains, roads = numbers[:n], numbers[n:]
    around: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for a, b, toll in zip(roads[::3], roads[1::3], roads[2::3], strict=True):
        around[a - 1].append((b - 1, toll))
        around[b - 1].append((a - 1, toll))
    best = max(gains)
    routes = gains.count(best)
    down, ways = gains[:], [1] * n
    for here, parent, toll in reversed(walk(around)):
        arm = down[here] - toll
        profit = down[parent] + arm
        if profit > best:
            best, routes = profit, 0
        if profit == best:
            routes += ways[parent] * ways[here]
        longer = gains[parent] + arm
        if longer > down[parent]:
            down[parent], ways[parent] = longer, 0
        if longer == down[parent]:
            ways[parent] += ways[here]
    return f"{best} {routes}\n".encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
