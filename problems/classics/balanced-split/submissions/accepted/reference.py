"""From the last weight to the first, always load the pan that is lighter.

Before weight i is placed the pans differ by at most i, and it weighs at most i: the difference stays
within i - 1, and ends at 0 or 1. So an even sum can always be balanced.
"""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *weights = map(int, data.split())
    if sum(weights) % 2:
        return b"NO\n"
    ahead = 0
    left = []
    for i in range(n, 0, -1):
        if ahead <= 0:
            left.append(i)
            ahead += weights[i - 1]
        else:
            ahead -= weights[i - 1]
    return f"YES\n{len(left)}\n{' '.join(map(str, left))}\n".encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
