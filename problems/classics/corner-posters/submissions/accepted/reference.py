"""From the widest poster to the narrowest; each adds a piece on top if it is higher than all before it."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    numbers = list(map(int, data.split()))
    area = top = 0
    for width, height in sorted(zip(numbers[1::2], numbers[2::2], strict=True), reverse=True):
        if height > top:
            area += width * (height - top)
            top = height
    return b"%d\n" % area


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
