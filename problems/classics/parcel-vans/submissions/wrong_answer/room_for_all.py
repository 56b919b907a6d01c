# Wrong: any number of parcels fits into a van.
n, k, p = map(int, input().split())
weights = list(map(int, input().split()))


def vans(load):
    used, left = 0, 0
    for weight in weights:
        if weight > left:
            used += 1
            left = load
        left -= weight
    return used


low, high = max(weights), sum(weights)
while low < high:
    middle = (low + high) // 2
    if vans(middle) <= k:
        high = middle
    else:
        low = middle + 1
print(low if k * p >= n else "impossible")
