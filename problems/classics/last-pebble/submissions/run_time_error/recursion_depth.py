# Crashes: remembers what it found out, but goes deeper than Python allows for a large heap.
from functools import lru_cache

k, q = map(int, input().split())
takes = list(map(int, input().split()))


@lru_cache(None)
def outcome(heap):
    if heap == 0:
        return -1
    return max((-outcome(heap - take) for take in takes if take <= heap), default=0)


for heap in map(int, input().split()):
    print({1: "first", 0: "draw", -1: "second"}[outcome(heap)])
