# Crashes: a recursion over the row centimetre by centimetre, deeper than Python allows.
from functools import cache

n, k = map(int, input().split())
prices = list(map(int, input().split()))
row = list(map(int, input().split()))


@cache
def cost(first, end):
    if first == end:
        return 0
    best = prices[row[first] - 1] + cost(first + 1, end)
    for later in range(first + 1, end):
        if row[later] == row[first]:
            best = min(best, cost(first + 1, later) + cost(later, end))
    return best


print(cost(0, n))
