"""Put the numbers into a set and count up; at most n + 1 look-ups."""

import sys


def solve(data: bytes) -> bytes:
    """Return the output for an input."""
    numbers = set(map(int, data.split()[1:]))
    candidate = 0
    while candidate in numbers:
        candidate += 1
    return b"%d\n" % candidate


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
