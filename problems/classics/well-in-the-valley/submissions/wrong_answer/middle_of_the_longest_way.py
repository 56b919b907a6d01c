# Wrong: asks in the middle of the longest way that is left; most of the huts may hang on one end of it.
import sys

n = int(input())
around = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    a, b = map(int, input().split())
    around[a].append(b)
    around[b].append(a)
done = [False] * (n + 1)


def ways_from(start):
    order, above = [start], {start: 0}
    for here in order:
        for other in around[here]:
            if other != above[here] and not done[other]:
                above[other] = here
                order.append(other)
    way = [order[-1]]
    while above[way[-1]]:
        way.append(above[way[-1]])
    return way


hut = 1
while True:
    way = ways_from(ways_from(hut)[0])
    hut = way[len(way) // 2]
    print(hut, flush=True)
    reply = sys.stdin.readline().strip()
    if reply in ("here", ""):
        break
    done[hut] = True
    hut = int(reply)
