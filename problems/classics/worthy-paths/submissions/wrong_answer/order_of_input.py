# Wrong: takes the special cells in the order of the input.
import sys
from math import comb

mod = 1_000_000_007
h, w, _, *numbers = map(int, sys.stdin.read().split())
done = []
for row, column, factor in [*zip(numbers[::3], numbers[1::3], numbers[2::3]), (h, w, 2)]:
    worth = comb(row + column - 2, row - 1)
    for r, c, chains in done:
        if r <= row and c <= column:
            worth += chains * comb(row + column - r - c, row - r)
    done.append((row, column, worth * (factor - 1) % mod))
print(done[-1][2])
