# Makes the power of the matrix anew for each question.
import sys

MOD = 1_000_000_007


def product(a, b):
    size = range(len(a))
    return [[sum(a[i][x] * b[x][j] for x in size) % MOD for j in size] for i in size]


def main():
    k, _, *numbers = map(int, sys.stdin.read().split())
    for length in numbers[k:]:
        power = [[int(i == j) for j in range(k)] for i in range(k)]
        step = [numbers[:k]] + [row[:] for row in power[:-1]]
        while length:
            if length & 1:
                power = product(power, step)
            step = product(step, step)
            length >>= 1
        print(power[0][0])


main()
