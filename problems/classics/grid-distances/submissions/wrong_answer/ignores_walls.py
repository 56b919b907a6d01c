# Wrong: counts the steps as if there were no walls, which may make the way longer or cut it off.
import sys

lines = sys.stdin.read().split()
grid = lines[2:]
for r, row in enumerate(grid):
    if "S" in row:
        start = (r, row.index("S"))
    if "T" in row:
        target = (r, row.index("T"))
print(abs(start[0] - target[0]) + abs(start[1] - target[1]))
