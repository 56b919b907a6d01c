"""All towns that want several lines in a row, and the others at whatever ends are left."""

import sys
from itertools import pairwise


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *degrees = map(int, data.split())
    if sum(degrees) != 2 * n - 2:
        return b"impossible\n"
    row = [town for town in range(n) if degrees[town] > 1]
    ends = [town for town in range(n) if degrees[town] == 1]
    towns = [ends.pop(), *row, ends.pop()]
    lines = [f"{a + 1} {b + 1}\n" for a, b in pairwise(towns)]
    for town in row:
        lines += [f"{town + 1} {ends.pop() + 1}\n" for _ in range(degrees[town] - 2)]
    return "".join(lines).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
