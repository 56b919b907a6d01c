# Makes every binomial coefficient in full before it takes the remainder, and they have thousands of digits.
import sys
from math import comb


def main():
    mod = 1_000_000_007
    h, w, _, *numbers = map(int, sys.stdin.read().split())
    done = []
    special = sorted(zip(numbers[::3], numbers[1::3], numbers[2::3]))
    for row, column, factor in [*special, (h, w, 2)]:
        worth = comb(row + column - 2, row - 1)
        for r, c, chains in done:
            if c <= column:
                worth += chains * comb(row + column - r - c, row - r)
        done.append((row, column, worth * (factor - 1) % mod))
    print(done[-1][2])


main()
