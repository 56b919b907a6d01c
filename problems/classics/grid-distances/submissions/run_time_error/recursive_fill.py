# Crashes: first asks whether there is any way at all, by a recursion as deep as the way is long.
import sys
from collections import deque

lines = sys.stdin.read().split()
h, w, grid = int(lines[0]), int(lines[1]), lines[2:]
cells = {(r, c) for r in range(h) for c in range(w) if grid[r][c] != "#"}
start = next(cell for cell in cells if grid[cell[0]][cell[1]] == "S")
target = next(cell for cell in cells if grid[cell[0]][cell[1]] == "T")


def neighbours(cell):
    r, c = cell
    return [near for near in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)) if near in cells]


def fill(cell, reached):
    reached.add(cell)
    for near in neighbours(cell):
        if near not in reached:
            fill(near, reached)
    return reached


if target not in fill(start, set()):
    print(-1)
else:
    distance = {start: 0}
    queue = deque([start])
    while target not in distance:
        cell = queue.popleft()
        for near in neighbours(cell):
            if near not in distance:
                distance[near] = distance[cell] + 1
                queue.append(near)
    print(distance[target])
