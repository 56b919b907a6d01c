"""Breadth-first search over the numbers, level by level."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    m, a, b, _, *worn = map(int, data.split())
    closed = bytearray(m + 1)
    for number in worn:
        closed[number] = 1
    closed[a] = 1
    level, presses = [a], 0
    while level:
        if b in level:
            return b"%d\n" % presses
        following = []
        for number in level:
            for shown in (number + 1, 2 * number, number // 10):
                if shown <= m and not closed[shown]:
                    closed[shown] = 1
                    following.append(shown)
        level = following
        presses += 1
    return b"never\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
