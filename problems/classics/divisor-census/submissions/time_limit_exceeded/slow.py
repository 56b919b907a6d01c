# Goes through all integers of each question.
import sys


def main():
    numbers = list(map(int, sys.stdin.read().split()))[1:]
    most = max(numbers[1::3])
    counts = [0] * (most + 1)
    for small in range(1, int(most**0.5) + 1):
        counts[small * small] += 1
        for multiple in range(small * (small + 1), most + 1, small):
            counts[multiple] += 2
    for a, b, k in zip(numbers[::3], numbers[1::3], numbers[2::3]):
        print(counts[a : b + 1].count(k))


main()
