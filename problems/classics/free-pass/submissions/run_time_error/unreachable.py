# Crashes: expects that every town can be reached and looks up a cost that was never set.
import heapq
import sys

n, m, *numbers = map(int, sys.stdin.read().split())
roads = {}
for a, b, toll in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    roads.setdefault(a, []).append((b, toll))
    roads.setdefault(b, []).append((a, toll))
cost = {(1, 0): 0}
queue = [(0, 1, 0)]
while queue:
    paid, a, used = heapq.heappop(queue)
    if paid > cost[a, used]:
        continue
    for b, toll in roads[a]:
        for then, price in ((used, toll), (1, 0))[: 2 - used]:
            if (b, then) not in cost or paid + price < cost[b, then]:
                cost[b, then] = paid + price
                heapq.heappush(queue, (paid + price, b, then))
print(min(cost[n, 0], cost[n, 1]))
