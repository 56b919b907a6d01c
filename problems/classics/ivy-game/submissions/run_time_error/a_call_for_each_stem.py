# Crashes: the worth of a stem is asked of those above it, and a stalk has more stems than Python allows calls.
import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *parents = map(int, data.split())
    parents.insert(0, 0)
    above = [[] for _ in range(n + 1)]
    for stem in range(1, n + 1):
        above[parents[stem]].append(stem)
    value = [0] * (n + 1)

    def grow(point):
        for stem in above[point]:
            grow(stem)
            value[point] ^= value[stem] + 1

    grow(0)
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
