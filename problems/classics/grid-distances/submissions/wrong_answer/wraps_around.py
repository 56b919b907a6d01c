# Wrong: only the upper bounds are checked, and an index of -1 means the other side of the map.
import sys
from collections import deque

lines = sys.stdin.read().split()
h, w, grid = int(lines[0]), int(lines[1]), lines[2:]
for r in range(h):
    for c in range(w):
        if grid[r][c] == "S":
            start = (r, c)
        elif grid[r][c] == "T":
            target = (r, c)

distance = [[-1] * w for _ in range(h)]
distance[start[0]][start[1]] = 0
queue = deque([start])
while queue:
    r, c = queue.popleft()
    for nr, nc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
        if nr < h and nc < w and grid[nr][nc] != "#" and distance[nr][nc] < 0:
            distance[nr][nc] = distance[r][c] + 1
            queue.append((nr % h, nc % w))
print(distance[target[0]][target[1]])
