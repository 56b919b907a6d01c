# Tries for each hut that is left how large a part could remain after asking there: O(n^2).
n = int(input())
around = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    a, b = map(int, input().split())
    around[a].append(b)
    around[b].append(a)
left = set(range(1, n + 1))


def part(start, without):
    """Return the huts that are left on the side of `start`."""
    found = [(start, without)]
    for here, before in found:
        found += [(other, here) for other in around[here] if other != before and other in left]
    return [here for here, _ in found]


while True:
    best, hut = n + 1, 0
    for here in sorted(left):
        largest = max((len(part(other, here)) for other in around[here] if other in left), default=0)
        if largest < best:
            best, hut = largest, here
    print(hut, flush=True)
    reply = input()
    if reply == "here":
        break
    left = set(part(int(reply), hut))
