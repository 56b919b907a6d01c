"""Divisors come in pairs, so those below the square root tell the number. Then the integers with each number
of divisors are listed in order, and two binary searches answer a question."""

import sys
from bisect import bisect_left, bisect_right

MOST = 300_000


def divisors() -> bytearray:
    """Return the number of divisors of each integer; it is 180 at the most."""
    counts = bytearray(MOST + 1)
    two_more = bytes((count + 2) % 256 for count in range(256))
    for small in range(1, int(MOST**0.5) + 1):
        counts[small * small] += 1
        multiples = slice(small * (small + 1), None, small)
        counts[multiples] = counts[multiples].translate(two_more)
    return counts


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    having: list[list[int]] = [[] for _ in range(1001)]
    for number, count in enumerate(divisors()):
        having[count].append(number)
    numbers = list(map(int, data.split()))
    answers = []
    for a, b, k in zip(numbers[1::3], numbers[2::3], numbers[3::3], strict=True):
        found = having[k]
        answers.append(bisect_right(found, b) - bisect_left(found, a))
    return b"".join([b"%d\n" % answer for answer in answers])


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
