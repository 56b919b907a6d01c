# Crashes: it counts in a table with room for a thousand countries.
import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *countries = map(int, data.split())
    count = [0] * 1001
    for country in countries:
        count[country] += 1
    if 2 * max(count) > n:
        return b"NO\n"
    guests = sorted(range(n), key=lambda i: (-count[countries[i]], countries[i]))
    chairs = [0] * n
    half = (n + 1) // 2
    chairs[::2] = guests[:half]
    chairs[1::2] = guests[half:]
    return f"YES\n{' '.join(str(guest + 1) for guest in chairs)}\n".encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
