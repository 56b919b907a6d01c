# Wrong: whoever enters a portal is taken away and never walks on from its cell.
from collections import deque

h, w = map(int, input().split())
maze = [input() for _ in range(h)]
portals = {}
for r in range(h):
    for c in range(w):
        if maze[r][c].isalpha():
            portals.setdefault(maze[r][c], []).append((r, c))
moves = {(0, 0): 0}
queue = deque([(0, 0, False)])
while queue:
    r, c, jumped = queue.popleft()
    if maze[r][c].isalpha() and not jumped:
        others = [(*cell, True) for cell in portals.pop(maze[r][c], [])]
    else:
        others = [(r + 1, c, False), (r - 1, c, False), (r, c + 1, False), (r, c - 1, False)]
    for nr, nc, jump in others:
        if 0 <= nr < h and 0 <= nc < w and maze[nr][nc] != "#" and (nr, nc) not in moves:
            moves[nr, nc] = moves[r, c] + 1
            queue.append((nr, nc, jump))
print(moves.get((h - 1, w - 1), -1))
