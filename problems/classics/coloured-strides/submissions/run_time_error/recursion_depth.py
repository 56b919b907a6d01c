# Crashes: goes one call deeper with each unit, which Python does not allow for long ways.
import sys
from functools import cache

k, _, *numbers = map(int, sys.stdin.read().split())


@cache
def ways(length):
    if length <= 0:
        return int(length == 0)
    return sum(numbers[i - 1] * ways(length - i) for i in range(1, k + 1)) % 1_000_000_007


for length in numbers[k:]:
    print(ways(length))
