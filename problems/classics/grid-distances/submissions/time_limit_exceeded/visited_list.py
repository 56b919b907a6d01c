# Breadth-first search that looks cells up in lists, so every look-up costs O(h w).
import sys

lines = sys.stdin.read().split()
h, w, grid = int(lines[0]), int(lines[1]), lines[2:]
for r in range(h):
    for c in range(w):
        if grid[r][c] == "S":
            start = (r, c)

queue = [(start, 0)]
visited = [start]
answer = -1
while queue:
    (r, c), steps = queue.pop(0)
    if grid[r][c] == "T":
        answer = steps
        break
    for cell in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
        if 0 <= cell[0] < h and 0 <= cell[1] < w and grid[cell[0]][cell[1]] != "#" and cell not in visited:
            visited.append(cell)
            queue.append((cell, steps + 1))
print(answer)
