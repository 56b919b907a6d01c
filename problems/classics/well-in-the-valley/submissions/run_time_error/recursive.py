# Crashes: counts the huts by a recursion from hut to hut, deeper than Python allows on long ways.
n = int(input())
around = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    a, b = map(int, input().split())
    around[a].append(b)
    around[b].append(a)
done = [False] * (n + 1)


def count(here, before, total):
    """Return the number of huts on this side, or minus the middle of all once it is found."""
    size = 1
    for other in around[here]:
        if other != before and not done[other]:
            below = count(other, here, total)
            if below < 0:
                return below
            size += below
    return -here if 2 * size >= total else size


def total(here, before):
    return 1 + sum(total(other, here) for other in around[here] if other != before and not done[other])


hut = 1
while True:
    hut = -count(hut, 0, total(hut, 0))
    print(hut, flush=True)
    reply = input()
    if reply == "here":
        break
    done[hut] = True
    hut = int(reply)
