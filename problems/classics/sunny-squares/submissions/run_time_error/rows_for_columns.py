# Crashes: takes the number of rows for that of columns, so it reads beside a garden that is higher than wide.
import sys

first, *lines = sys.stdin.read().splitlines()
w, h, k, s = map(int, first.split())
total = [[0] * (w + 1) for _ in range(h + 1)]
for r in range(h):
    for c in range(w):
        total[r + 1][c + 1] = int(lines[r][c]) + total[r][c + 1] + total[r + 1][c] - total[r][c]
found = 0
for r in range(k, h + 1):
    for c in range(k, w + 1):
        found += total[r][c] - total[r - k][c] - total[r][c - k] + total[r - k][c - k] >= s
print(found)
