# Sorts a list of all suffixes, which together have n * n / 2 letters.
from os.path import commonprefix

n, k = map(int, input().split())
text = input()
suffixes = sorted(text[start:] for start in range(n))
pieces = 0
for first in range(n - k + 1):
    before = len(commonprefix(suffixes[first - 1 : first + 1])) if first else 0
    pieces += max(0, len(commonprefix([suffixes[first], suffixes[first + k - 1]])) - before)
print(pieces)
