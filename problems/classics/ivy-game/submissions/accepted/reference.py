"""What grows out of a point is worth the exclusive or of (value + 1) over its stems. From the ground up: the
value that each point has to get to make the whole worth 0; a stem that has to add 0 is a winning cut."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *parents = map(int, data.split())
    parents.insert(0, 0)
    value = [0] * (n + 1)
    for stem in range(n, 0, -1):
        value[parents[stem]] ^= value[stem] + 1
    wanted = [-1] * (n + 1)
    wanted[0] = 0
    winning = []
    for stem in range(1, n + 1):
        parent = parents[stem]
        if wanted[parent] < 0:
            continue
        share = value[stem] + 1 ^ value[parent] ^ wanted[parent]
        wanted[stem] = share - 1
        if not share:
            winning.append(stem)
    return b"%d %d\n" % (len(winning), winning[0] if winning else 0)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
