"""Sort; the post of rank i is the right end of i pairs and the left end of n - 1 - i pairs."""

import sys


def solve(data: bytes) -> bytes:
    """Return the output for an input."""
    positions = sorted(map(int, data.split()[1:]))
    count = len(positions)
    if count == 1:
        return b"0\n"
    total = sum(map(int.__mul__, positions, range(1 - count, count, 2)))
    return f"{total / (count * (count - 1) // 2):.12f}\n".encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
