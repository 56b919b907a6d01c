# Wrong: never looks at the squares along the bottom and the right edge.
import sys

first, *lines = sys.stdin.read().splitlines()
h, w, k, s = map(int, first.split())
total = [[0] * (w + 1) for _ in range(h + 1)]
for r in range(h):
    for c in range(w):
        total[r + 1][c + 1] = int(lines[r][c]) + total[r][c + 1] + total[r + 1][c] - total[r][c]
found = 0
for r in range(h - k):
    for c in range(w - k):
        if total[r + k][c + k] - total[r][c + k] - total[r + k][c] + total[r][c] >= s:
            found += 1
print(found)
