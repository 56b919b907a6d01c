# Searches all right gloves for each left one.
import sys


def main():
    n, m, d, *sizes = map(int, sys.stdin.read().split())
    right = sizes[n:]
    pairs = 0
    for size in sorted(sizes[:n]):
        fitting = [other for other in right if -d <= size - other <= d]
        if fitting:
            right.remove(min(fitting))
            pairs += 1
    print(pairs)


main()
