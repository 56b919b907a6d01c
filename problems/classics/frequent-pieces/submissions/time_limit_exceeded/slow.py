# Goes through the pieces length by length and counts those of each.
import sys
from collections import Counter


def main():
    n, k, text = sys.stdin.read().split()
    n, k = int(n), int(k)
    pieces = 0
    for size in range(1, n - k + 2):
        counts = Counter(text[start : start + size] for start in range(n - size + 1))
        pieces += sum(count >= k for count in counts.values())
    print(pieces)


main()
