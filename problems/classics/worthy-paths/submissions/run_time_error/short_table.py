# Crashes: has factorials up to the larger side of the grid, but a path is about as long as both together.
import sys

mod = 1_000_000_007
h, w, _, *numbers = map(int, sys.stdin.read().split())
factorial = [1]
for number in range(1, max(h, w) + 1):
    factorial.append(factorial[-1] * number % mod)


def paths(rows, columns):
    return factorial[rows + columns] * pow(factorial[rows] * factorial[columns], -1, mod)


done = []
for row, column, factor in [*sorted(zip(numbers[::3], numbers[1::3], numbers[2::3])), (h, w, 2)]:
    worth = paths(row - 1, column - 1)
    for r, c, chains in done:
        if c <= column:
            worth += chains * paths(row - r, column - c)
    done.append((row, column, worth * (factor - 1) % mod))
print(done[-1][2])
