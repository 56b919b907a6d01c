"""Sort by end; best[i] is the largest income from the first i requests."""

import sys
from bisect import bisect_right
from operator import itemgetter


def solve(data: bytes) -> bytes:
    """Return the output for an input."""
    values = list(map(int, data.split()))
    requests = sorted(zip(values[1::3], values[2::3], values[3::3]), key=itemgetter(1))
    ends = [end for _, end, _ in requests]
    best = [0]
    for i, (start, _, price) in enumerate(requests):
        taken = best[bisect_right(ends, start, 0, i)] + price
        best.append(max(taken, best[i]))
    return b"%d\n" % best[-1]


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
