"""While the buses go on, both ends of the stretch of trains that suit them only move forward."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, m, x, y, *minutes = map(int, data.split())
    buses, trains = minutes[:n], minutes[n:]
    first = end = easy = 0
    for bus in buses:
        while first < m and trains[first] < bus + x:
            first += 1
        while end < m and trains[end] <= bus + y:
            end += 1
        easy += end - first
    return b"%d\n" % easy


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
