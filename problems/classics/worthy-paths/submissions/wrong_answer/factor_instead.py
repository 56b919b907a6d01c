# Wrong: adds the factor of a cell instead of what it adds to a factor of 1.
import sys
from math import comb

mod = 1_000_000_007
h, w, _, *numbers = map(int, sys.stdin.read().split())
done = []
special = sorted(zip(numbers[::3], numbers[1::3], numbers[2::3]))
for row, column, factor in [*special, (h, w, 1)]:
    worth = comb(row + column - 2, row - 1)
    for r, c, chains in done:
        if c <= column:
            worth += chains * comb(row + column - r - c, row - r)
    done.append((row, column, worth * factor % mod))
print(done[-1][2])
