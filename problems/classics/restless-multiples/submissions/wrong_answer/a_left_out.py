# Wrong: takes the numbers up to a away from those up to b, and a itself with them.
import sys

MODULUS = 10**9 + 7
Counts = list[list[int]]


def longer(below: Counts, k: int) -> Counts:
    """Append to each beginning each digit but its last one."""
    counts = [[0] * 10 for _ in range(k)]
    for rest, by_digit in enumerate(below):
        total = sum(by_digit)
        if total:
            for digit in range(10):
                counts[(10 * rest + digit) % k][digit] += total - by_digit[digit]
    return [[count % MODULUS for count in by_digit] for by_digit in counts]


def count(bound: int, k: int) -> int:
    """Count the restless multiples of k that are positive and below the bound."""
    below = [[0] * 10 for _ in range(k)]
    rest, last, restless = 0, -1, True
    for position, digit in enumerate(map(int, str(bound))):
        below = longer(below, k)
        if position:
            for first in range(1, 10):
                below[first % k][first] += 1
        for smaller in range(position == 0, digit):
            if restless and smaller != last:
                below[(10 * rest + smaller) % k][smaller] += 1
        restless = restless and digit != last
        rest, last = (10 * rest + digit) % k, digit
    return sum(below[0])


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    k, a, b = map(int, data.split())
    return b"%d\n" % ((count(b + 1, k) - count(a + 1, k)) % MODULUS)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
