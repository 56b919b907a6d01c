# Wrong: takes the cheapest way and frees its dearest road; with the pass another way may be cheaper.
import heapq
import sys

n, m, *numbers = map(int, sys.stdin.read().split())
roads = [[] for _ in range(n + 1)]
for a, b, toll in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    roads[a].append((b, toll))
    roads[b].append((a, toll))
best = {1: (0, 0)}
queue = [(0, 0, 1)]
while queue:
    paid, saved, a = heapq.heappop(queue)
    if (paid, saved) != best[a]:
        continue
    for b, toll in roads[a]:
        entry = (paid + toll, min(saved, -toll))
        if b not in best or entry < best[b]:
            best[b] = entry
            heapq.heappush(queue, (*entry, b))
print(sum(best[n]) if n in best else -1)
