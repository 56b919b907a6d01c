# Lowers the distance of every cell by its neighbours', again and again until nothing changes.
import sys

lines = sys.stdin.read().split()
h, w, grid = int(lines[0]), int(lines[1]), lines[2:]
FAR = 10**9

distance = [[0 if cell == "S" else FAR for cell in row] for row in grid]
changed = True
while changed:
    changed = False
    for r in range(h):
        for c in range(w):
            if grid[r][c] == "#":
                continue
            best = distance[r][c]
            for nr, nc in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if 0 <= nr < h and 0 <= nc < w and distance[nr][nc] + 1 < best:
                    best = distance[nr][nc] + 1
            if best < distance[r][c]:
                distance[r][c] = best
                changed = True

answer = min(distance[r][c] for r in range(h) for c in range(w) if grid[r][c] == "T")
print(answer if answer < FAR else -1)
