# Correct recursion with memory, but as deep as there are requests.
import sys
from bisect import bisect_left

values = list(map(int, sys.stdin.read().split()))
requests = sorted(zip(values[1::3], values[2::3], values[3::3]))
starts = [start for start, _, _ in requests]
known = {len(requests): 0}


def income_from(i):
    if i not in known:
        _, end, price = requests[i]
        known[i] = max(income_from(i + 1), price + income_from(bisect_left(starts, end)))
    return known[i]


print(income_from(0))
