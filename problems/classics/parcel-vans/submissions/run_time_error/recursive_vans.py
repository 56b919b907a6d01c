# Crashes: each van calls the next one, and there are more vans than Python allows calls.
n, k, p = map(int, input().split())
weights = list(map(int, input().split()))


def vans(start, load):
    if start == n:
        return 0
    end = start
    while end < min(n, start + p) and weights[end] <= load:
        load -= weights[end]
        end += 1
    return 1 + vans(end, limit)


if k * p < n:
    print("impossible")
else:
    low, high = max(weights), sum(weights)
    while low < high:
        limit = (low + high) // 2
        if vans(0, limit) <= k:
            high = limit
        else:
            low = limit + 1
    print(low)
