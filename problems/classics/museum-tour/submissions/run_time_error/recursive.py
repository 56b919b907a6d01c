# Crashes: a recursion over the halls, which goes deeper than Python allows.
from functools import cache

n, minutes, walk = map(int, input().split())
halls = [tuple(map(int, input().split())) for _ in range(n)]


@cache
def most(hall, left):
    if hall == n:
        return 0
    time, joy = halls[hall]
    skip = most(hall + 1, left)
    return skip if time + walk > left else max(skip, joy + most(hall + 1, left - time - walk))


print(most(0, minutes + walk))
