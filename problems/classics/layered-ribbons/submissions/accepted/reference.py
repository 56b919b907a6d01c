"""Runs of one colour count once. The ribbon of the first run ends there, or is seen again at a later run
of its colour; then what lies between is a row of its own."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, k, *numbers = map(int, data.split())
    price = [0, *numbers[:k]]
    row = [a for a, b in zip(numbers[k:], [*numbers[k + 1 :], 0], strict=True) if a != b]
    runs = len(row)
    # cost[first][end] is for the runs from first to end - 1
    cost = [[0] * (runs + 1) for _ in range(runs + 1)]
    for first in range(runs - 1, -1, -1):
        again = [later for later in range(first + 1, runs) if row[later] == row[first]]
        below, here = cost[first + 1], cost[first]
        alone = price[row[first]]
        for end in range(first + 1, runs + 1):
            best = alone + below[end]
            for later in again:
                if later >= end:
                    break
                best = min(best, below[later] + cost[later][end])
            here[end] = best
    return b"%d\n" % cost[0][runs]


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
