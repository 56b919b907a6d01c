"""Breadth-first search; the first cell of a letter that is reached opens all of them, once and for all."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    size, *rows = data.split(b"\n")
    h, w = map(int, size.split())
    width = w + 1
    cells = b"#" * width + b"".join(b"#" + row for row in rows[:h]) + b"#" * (width + 1)
    free = bytearray(cell != 35 for cell in cells)
    portals: dict[int, list[int]] = {}
    for place, cell in enumerate(cells):
        if cell > 96:
            portals.setdefault(cell, []).append(place)
    target = width * h + w
    level = [width + 1]
    free[width + 1] = 0
    moves = 0
    while level:
        following = []
        for place in level:
            if place == target:
                return b"%d\n" % moves
            steps = (place - width, place - 1, place + 1, place + width)
            for other in (*steps, *portals.pop(cells[place], ())):
                if free[other]:
                    free[other] = 0
                    following.append(other)
        level = following
        moves += 1
    return b"-1\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
