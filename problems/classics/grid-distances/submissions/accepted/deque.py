"""Breadth-first search from the start with a queue of cells."""

import sys
from collections import deque


def main() -> None:
    """Read the map and print the least number of steps."""
    lines = sys.stdin.read().split()
    h, w, grid = int(lines[0]), int(lines[1]), lines[2:]
    for r in range(h):
        if "S" in grid[r]:
            start = (r, grid[r].index("S"))
        if "T" in grid[r]:
            target = (r, grid[r].index("T"))

    distance = [[-1] * w for _ in range(h)]
    distance[start[0]][start[1]] = 0
    queue = deque([start])
    while queue:
        r, c = queue.popleft()
        for nr, nc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= nr < h and 0 <= nc < w and grid[nr][nc] != "#" and distance[nr][nc] < 0:
                distance[nr][nc] = distance[r][c] + 1
                queue.append((nr, nc))
    print(distance[target[0]][target[1]])


main()
