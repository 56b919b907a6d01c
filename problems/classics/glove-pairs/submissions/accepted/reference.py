"""Both kinds sorted, the smallest left glove gets the smallest right glove that it fits; whichever of two
gloves is too small for the other fits no later one either."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, m, d, *sizes = map(int, data.split())
    left, right = sorted(sizes[:n]), sorted(sizes[n:])
    pairs = place = 0
    for size in left:
        while place < m and right[place] < size - d:
            place += 1
        if place == m:
            break
        if right[place] <= size + d:
            pairs += 1
            place += 1
    return b"%d\n" % pairs


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
