# Wrong: off by one, the sum from l to r is taken as prefix(r) - prefix(l), which leaves counter l out.
import sys


def main():
    lines = sys.stdin.read().splitlines()
    n = int(lines[0].split()[0])
    trees = [0] * (n + 2), [0] * (n + 2)

    def change(position, value):
        for tree, amount in zip(trees, (value, value * (position - 1))):
            i = position
            while i <= n:
                tree[i] += amount
                i += i & -i

    def prefix(position):
        totals = []
        for tree in trees:
            total, i = 0, position
            while i > 0:
                total += tree[i]
                i -= i & -i
            totals.append(total)
        return totals[0] * position - totals[1]

    for line in lines[1:]:
        kind, *numbers = line.split()
        left, right = int(numbers[0]), int(numbers[1])
        if kind == "add":
            change(left, int(numbers[2]))
            change(right + 1, -int(numbers[2]))
        else:
            print(prefix(right) - prefix(left))


main()
