"""From the leaves up: the best sum with a mast in the village, with one next below it, or with neither."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *numbers = map(int, data.split())
    people, ends = [0, *numbers[:n]], numbers[n:]
    around: list[list[int]] = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        around[a].append(b)
        around[b].append(a)
    parent = [0] * (n + 1)
    order = [1]
    for village in order:
        for other in around[village]:
            if other != parent[village]:
                parent[other] = village
                order.append(other)
    here = people
    neither = [0] * (n + 1)
    gain = [0] * (n + 1)  # what one mast next below adds to `neither`
    for village in reversed(order):
        up = parent[village]
        without = neither[village] + gain[village]
        here[up] += neither[village]
        neither[up] += without
        gain[up] = max(gain[up], here[village] - without)
    return b"%d\n" % max(here[1], neither[1] + gain[1])


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
