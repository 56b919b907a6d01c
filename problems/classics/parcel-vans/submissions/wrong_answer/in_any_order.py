# Wrong: loads the heaviest parcels first, each into the van with the least weight so far.
import heapq

n, k, p = map(int, input().split())
weights = sorted(map(int, input().split()), reverse=True)

if k * p < n:
    print("impossible")
else:
    vans = [(0, 0)] * min(k, n)
    full = 0
    for weight in weights:
        load, parcels = heapq.heappop(vans)
        if parcels + 1 < p:
            heapq.heappush(vans, (load + weight, parcels + 1))
        full = max(full, load + weight)
    print(full)
