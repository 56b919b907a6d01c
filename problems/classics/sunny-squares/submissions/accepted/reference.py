"""Sums of k cells in each row, then of k of those in each column, from prefix sums along either."""

import sys
from itertools import accumulate
from operator import add, sub


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    first, *lines = data.split(b"\n")
    h, w, k, s = map(int, first.split())
    window = [0] * (w - k + 1)
    found = 0
    rows = []
    for r in range(h):
        prefix = list(accumulate([digit - 48 for digit in lines[r]], initial=0))
        rows.append(list(map(sub, prefix[k:], prefix)))
        window = list(map(add, window, rows[r]))
        if r >= k:
            window = list(map(sub, window, rows[r - k]))
        if r >= k - 1:
            found += sum(map(s.__le__, window))
    return b"%d\n" % found


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
