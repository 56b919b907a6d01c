# Wrong: off by one, the addition is taken back at the right end instead of just after it.
import sys


def main():
    lines = sys.stdin.read().splitlines()
    n = int(lines[0].split()[0])
    slope = [0] * (n + 2)
    offset = [0] * (n + 2)

    def change(position, value):
        i = position
        while i <= n:
            slope[i] += value
            offset[i] += value * (position - 1)
            i += i & -i

    def prefix(position):
        a = b = 0
        i = position
        while i > 0:
            a += slope[i]
            b += offset[i]
            i -= i & -i
        return a * position - b

    for line in lines[1:]:
        kind, *numbers = line.split()
        left, right = int(numbers[0]), int(numbers[1])
        if kind == "add":
            change(left, int(numbers[2]))
            change(right, -int(numbers[2]))
        else:
            print(prefix(right) - prefix(left - 1))


main()
