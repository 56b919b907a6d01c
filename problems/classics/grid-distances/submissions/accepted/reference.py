"""Breadth-first search, one ring of cells after the other, on the grid as one row of bytes."""

import sys

WALL = ord("#")


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    _, width, *rows = data.split()
    # A wall after every row and around the grid: no cell needs to look for the edge.
    stride = int(width) + 1
    border = bytearray(b"#" * stride)
    grid = border + bytearray(b"#".join(rows)) + b"#" + border
    start, target = grid.index(b"S"), grid.index(b"T")
    ring, steps = [start], 0
    grid[start] = WALL
    while ring:
        if grid[target] == WALL:
            return b"%d\n" % steps
        following = []
        for cell in ring:
            for neighbour in (cell - stride, cell - 1, cell + 1, cell + stride):
                if grid[neighbour] != WALL:
                    grid[neighbour] = WALL
                    following.append(neighbour)
        ring, steps = following, steps + 1
    return b"-1\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
