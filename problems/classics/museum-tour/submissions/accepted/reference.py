"""A walk belongs to the hall it leads to; one walk too many is given back with the time: plain knapsack."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    _, minutes, walk, *halls = map(int, data.split())
    room = minutes + walk
    best = [0] * (room + 1)
    for time, joy in zip(halls[::2], halls[1::2], strict=True):
        size = time + walk
        if size <= room:
            more = [joy + before for before in best[: room + 1 - size]]
            best[size:] = map(max, best[size:], more)
    return b"%d\n" % best[room]


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
