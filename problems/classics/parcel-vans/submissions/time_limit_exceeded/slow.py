# Raises the load again and again, each time just so far that some van can take one more parcel.
n, k, p = map(int, input().split())
weights = list(map(int, input().split()))


def vans(load):
    """Return how many vans it takes, and the least load above this one that changes something."""
    used, room, left, more = 0, 0, 0, sum(weights)
    for weight in weights:
        if weight > left or not room:
            if room:
                more = min(more, load + weight - left)
            used += 1
            room, left = p, load
        room -= 1
        left -= weight
    return used, more


if k * p < n:
    print("impossible")
else:
    load = max(weights)
    used, more = vans(load)
    while used > k:
        load = more
        used, more = vans(load)
    print(load)
