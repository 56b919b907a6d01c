# Wrong: drives each road only from the first town named to the second.
import heapq
import sys

n, m, *numbers = map(int, sys.stdin.read().split())
roads = [[] for _ in range(n + 1)]
for a, b, toll in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    roads[a].append((b, toll))
cost = {(1, 0): 0}
queue = [(0, 1, 0)]
while queue:
    paid, a, used = heapq.heappop(queue)
    if paid > cost[a, used]:
        continue
    for b, toll in roads[a]:
        for then, price in ((used, toll), (1, 0))[: 2 - used]:
            if paid + price < cost.get((b, then), 1 << 60):
                cost[b, then] = paid + price
                heapq.heappush(queue, (paid + price, b, then))
print(min(cost.get((n, 0), 1 << 60), cost.get((n, 1), 1 << 60)) if (n, 1) in cost else -1)
