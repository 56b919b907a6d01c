"""Cheapest ways from both ends; the pass is used on some road between them."""

import heapq
import sys

FAR = 1 << 60


def cheapest(roads: list[list[tuple[int, int]]], start: int) -> list[int]:
    """Return what it costs to get from a town to each other one, without a pass."""
    cost = [FAR] * len(roads)
    cost[start] = 0
    queue = [(0, start)]
    while queue:
        paid, a = heapq.heappop(queue)
        if paid > cost[a]:
            continue
        for b, toll in roads[a]:
            if paid + toll < cost[b]:
                cost[b] = paid + toll
                heapq.heappush(queue, (paid + toll, b))
    return cost


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *numbers = map(int, data.split())
    roads: list[list[tuple[int, int]]] = [[] for _ in range(n + 1)]
    for a, b, toll in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        roads[a].append((b, toll))
        roads[b].append((a, toll))
    ahead, back = cheapest(roads, 1), cheapest(roads, n)
    least = min((ahead[a] + back[b] for a in range(1, n + 1) for b, _ in roads[a]), default=FAR)
    return b"%d\n" % (least if least < FAR else -1)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
