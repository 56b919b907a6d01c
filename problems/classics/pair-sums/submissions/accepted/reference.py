"""Count, for each number, its partners among the numbers before it."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    numbers = list(map(int, data.split()))
    target = numbers[1]
    seen: dict[int, int] = {}
    pairs = 0
    for value in numbers[2:]:
        pairs += seen.get(target - value, 0)
        seen[value] = seen.get(value, 0) + 1
    return b"%d\n" % pairs


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
