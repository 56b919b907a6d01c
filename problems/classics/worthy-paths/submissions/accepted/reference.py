"""Each special cell multiplies by 1 + (f - 1), so a path is worth the sum, over the choices of some special
cells on it, of the products of their f - 1. Chains of chosen cells are added up cell by cell."""

import sys

MOD = 1_000_000_007


def factorials(most: int) -> tuple[list[int], list[int]]:
    """Return the factorials up to a number, and their inverses."""
    factorial = [1] * (most + 1)
    for number in range(2, most + 1):
        factorial[number] = factorial[number - 1] * number % MOD
    inverse = [pow(factorial[most], -1, MOD)] * (most + 1)
    for number in range(most, 0, -1):
        inverse[number - 1] = inverse[number] * number % MOD
    return factorial, inverse


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    h, w, _, *numbers = map(int, data.split())
    factorial, inverse = factorials(h + w)
    special = sorted(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))
    done: list[tuple[int, int, int]] = []
    for row, column, factor in [*special, (h, w, 2)]:
        worth = factorial[row + column - 2] * inverse[row - 1] * inverse[column - 1]
        worth += sum(
            [
                chains * factorial[row + column - r - c] % MOD * inverse[row - r] * inverse[column - c]
                for r, c, chains in done
                if c <= column
            ]
        )
        done.append((row, column, worth * (factor - 1) % MOD))
    return b"%d\n" % done[-1][2]


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
