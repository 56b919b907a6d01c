"""Binary search for the load; for a given one it is best to load each van as far as possible."""

import sys


def vans(weights: list[int], load: int, p: int) -> int:
    """Tell how many vans a load that each parcel keeps to takes."""
    used, room, left = 0, 0, 0
    for weight in weights:
        if weight > left or not room:
            used += 1
            room, left = p, load
        room -= 1
        left -= weight
    return used


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, k, p, *weights = map(int, data.split())
    if k * p < n:
        return b"impossible\n"
    low, high = max(weights), sum(weights)
    while low < high:
        middle = (low + high) // 2
        if vans(weights, middle, p) <= k:
            high = middle
        else:
            low = middle + 1
    return b"%d\n" % low


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
