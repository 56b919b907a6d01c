# O((h w)^2) memory: builds the adjacency matrix of all cells.
import sys
from collections import deque

lines = sys.stdin.read().split()
h, w, cells = int(lines[0]), int(lines[1]), "".join(lines[2:])
n = h * w

adjacent = bytearray(n * n)
for cell in range(n):
    if cells[cell] == "#":
        continue
    if cell % w + 1 < w and cells[cell + 1] != "#":
        adjacent[cell * n + cell + 1] = adjacent[(cell + 1) * n + cell] = 1
    if cell + w < n and cells[cell + w] != "#":
        adjacent[cell * n + cell + w] = adjacent[(cell + w) * n + cell] = 1

distance = {cells.index("S"): 0}
queue = deque(distance)
while queue:
    cell = queue.popleft()
    row = adjacent[cell * n : cell * n + n]
    near = row.find(1)
    while near >= 0:
        if near not in distance:
            distance[near] = distance[cell] + 1
            queue.append(near)
        near = row.find(1, near + 1)
print(distance.get(cells.index("T"), -1))
