"""Divide each group of guests tied by quarrels in the only two ways there are, and take the better one."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *ends = map(int, data.split())
    quarrels: list[list[int]] = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        quarrels[a].append(b)
        quarrels[b].append(a)
    camp = [-1] * (n + 1)
    most = 0
    for guest in range(1, n + 1):
        if camp[guest] >= 0:
            continue
        camp[guest] = 0
        group = [guest]
        for a in group:
            for b in quarrels[a]:
                if camp[b] < 0:
                    camp[b] = 1 - camp[a]
                    group.append(b)
                elif camp[b] == camp[a]:
                    return b"-1\n"
        second = sum(camp[a] for a in group)
        most += max(second, len(group) - second)
    return b"%d\n" % most


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
