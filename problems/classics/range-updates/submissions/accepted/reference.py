"""Two Fenwick trees over the differences of neighbours.

With d the differences, the sum of the first i counters is i * (d_1 + ... + d_i) minus the sum of
(j - 1) * d_j over j <= i: one tree holds d_j, the other (j - 1) * d_j.
"""

import sys
from collections.abc import Iterator


def answers(n: int, tokens: Iterator[bytes]) -> Iterator[int]:
    """Carry out the operations and yield the sums asked for."""
    slopes, offsets = [0] * (n + 2), [0] * (n + 2)
    for operation in tokens:
        before, right = int(next(tokens)) - 1, int(next(tokens))
        if operation == b"add":
            value = int(next(tokens))
            for end, slope in ((before, value), (right, -value)):
                offset, node = end * slope, end + 1
                while node <= n:
                    slopes[node] += slope
                    offsets[node] += offset
                    node += node & -node
        else:
            total = 0
            for end, sign in ((right, 1), (before, -1)):
                slope, offset, node = 0, 0, end
                while node:
                    slope += slopes[node]
                    offset += offsets[node]
                    node &= node - 1
                total += sign * (end * slope - offset)
            yield total


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *operations = data.split()
    return "".join([f"{total}\n" for total in answers(int(n), iter(operations))]).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
