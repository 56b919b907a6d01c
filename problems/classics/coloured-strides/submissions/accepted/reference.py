"""The last k numbers of ways are a vector, going one unit is a matrix. The powers of it that belong to the
hexadecimal digits of n are made once; a question then takes a product of vector and matrix per digit."""

import sys
from operator import mul

MOD = 1_000_000_007
DIGITS = 15
Matrix = list[list[int]]


def product(a: Matrix, b: Matrix) -> Matrix:
    """Multiply two matrices."""
    columns = list(zip(*b, strict=True))
    return [[sum(map(mul, row, column)) % MOD for column in columns] for row in a]


def powers(step: Matrix) -> list[list[Matrix]]:
    """Return the powers step ** (digit * 16 ** place) for each place and digit."""
    size = len(step)
    table = []
    for _ in range(DIGITS):
        row = [[[int(i == j) for j in range(size)] for i in range(size)]]
        for _ in range(16):
            row.append(product(row[-1], step))
        step = row.pop()
        table.append(row)
    return table


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    k, _, *numbers = map(int, data.split())
    step = [numbers[:k]] + [[int(i == j) for j in range(k)] for i in range(k - 1)]
    table = powers(step)
    answers = []
    for length in numbers[k:]:
        ways = [1] + [0] * (k - 1)
        for row in table:
            if length & 15:
                ways = [sum(map(mul, line, ways)) % MOD for line in row[length & 15]]
            length >>= 4
        answers.append(b"%d\n" % ways[0])
    return b"".join(answers)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
