"""Fill every other chair with the guests, the largest country first and each country in one go, then the
chairs between. If no country has more than half of the guests, neighbours never come from the same one."""

import sys
from collections import Counter


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *countries = map(int, data.split())
    count = Counter(countries)
    if 2 * max(count.values()) > n:
        return b"NO\n"
    guests = sorted(range(n), key=lambda i: (-count[countries[i]], countries[i]))
    chairs = [0] * n
    half = (n + 1) // 2
    chairs[::2] = guests[:half]
    chairs[1::2] = guests[half:]
    return f"YES\n{' '.join(str(guest + 1) for guest in chairs)}\n".encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
