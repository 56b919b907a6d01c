"""Sweep over the columns. A tree over the rows between borders adds a number to a range and knows the largest
sum; what is added to a whole subtree stays at its root."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    numbers = list(map(int, data.split()))[1:]
    left, low, right, high, warmth = (numbers[i::5] for i in range(5))
    borders = sorted({*low, *(y + 1 for y in high)})
    place = {y: i for i, y in enumerate(borders)}
    size = len(borders)
    added = [0] * (2 * size)
    largest = [0] * (2 * size)
    changes = [(x, i, t) for i, (x, t) in enumerate(zip(left, warmth, strict=True))]
    changes += [(x + 1, i, -t) for i, (x, t) in enumerate(zip(right, warmth, strict=True))]
    changes.sort()
    warmest = 0
    here = 0
    for x, i, t in changes:
        if x != here:
            here = x
            if largest[1] > warmest:
                warmest = largest[1]
        a, b = place[low[i]] + size, place[high[i] + 1] + size - 1
        first, last = a, b
        while first <= last:
            if first & 1:
                largest[first] += t
                added[first] += t
                first += 1
            if not last & 1:
                largest[last] += t
                added[last] += t
                last -= 1
            first >>= 1
            last >>= 1
        for node in (a, b):
            node >>= 1
            while node:
                one, other = largest[2 * node], largest[2 * node + 1]
                largest[node] = (one if one > other else other) + added[node]
                node >>= 1
    return b"%d\n" % warmest


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
