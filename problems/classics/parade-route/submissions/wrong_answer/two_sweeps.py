# Wrong: goes to the best end from village 1 and from there to the best end again; with losses on the way that
# is not the best route.
import sys

n, *numbers = map(int, sys.stdin.read().split())
gains, roads = numbers[:n], numbers[n:]
around = [[] for _ in range(n)]
for a, b, toll in zip(roads[::3], roads[1::3], roads[2::3]):
    around[a - 1].append((b - 1, toll))
    around[b - 1].append((a - 1, toll))


def sweep(start):
    todo = [(start, -1, gains[start])]
    for here, before, profit in todo:
        for other, toll in around[here]:
            if other != before:
                todo.append((other, here, profit + gains[other] - toll))
    best = max(profit for _, _, profit in todo)
    ends = [here for here, _, profit in todo if profit == best]
    return best, ends


_, ends = sweep(0)
best, others = sweep(ends[0])
print(best, len(others))
