# Dijkstra's algorithm on two layers that finds the nearest open state by looking at all of them: O(n * n).
import sys


def main():
    n, m, *numbers = map(int, sys.stdin.read().split())
    roads = [[] for _ in range(n)]
    for a, b, toll in zip(numbers[::3], numbers[1::3], numbers[2::3]):
        roads[a - 1].append((b - 1, toll))
        roads[b - 1].append((a - 1, toll))
    far = 1 << 60
    cost = [far] * (2 * n)
    closed = [False] * (2 * n)
    cost[0] = 0
    while True:
        state = -1
        for other in range(2 * n):
            if not closed[other] and cost[other] < far and (state < 0 or cost[other] < cost[state]):
                state = other
        if state < 0:
            break
        closed[state] = True
        layer = state // n
        for b, toll in roads[state % n]:
            cost[b + layer * n] = min(cost[b + layer * n], cost[state] + toll)
            cost[b + n] = min(cost[b + n], cost[state] + layer * toll)
    least = min(cost[n - 1], cost[2 * n - 1])
    print(least if least < far else -1)


main()
