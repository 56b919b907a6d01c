# Wrong: wants more than s hours, where s hours are enough.
import sys
from itertools import accumulate

first, *lines = sys.stdin.read().splitlines()
h, w, k, s = map(int, first.split())
rows = []
for line in lines:
    prefix = list(accumulate(map(int, line), initial=0))
    rows.append([prefix[c + k] - prefix[c] for c in range(w - k + 1)])
found = 0
for column in zip(*rows):
    prefix = list(accumulate(column, initial=0))
    found += sum(prefix[r + k] - prefix[r] > s for r in range(h - k + 1))
print(found)
