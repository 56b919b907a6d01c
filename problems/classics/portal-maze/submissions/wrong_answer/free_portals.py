# Wrong: a jump through a portal costs nothing.
from collections import deque

h, w = map(int, input().split())
maze = [input() for _ in range(h)]
portals = {}
for r in range(h):
    for c in range(w):
        if maze[r][c].isalpha():
            portals.setdefault(maze[r][c], []).append((r, c))
moves = {(0, 0): 0}
queue = deque([(0, 0)])
while queue:
    r, c = queue.popleft()
    for cell in portals.pop(maze[r][c], []):
        if cell not in moves or moves[cell] > moves[r, c]:
            moves[cell] = moves[r, c]
            queue.appendleft(cell)
    for nr, nc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
        if 0 <= nr < h and 0 <= nc < w and maze[nr][nc] != "#" and (nr, nc) not in moves:
            moves[nr, nc] = moves[r, c] + 1
            queue.append((nr, nc))
print(moves.get((h - 1, w - 1), -1))
