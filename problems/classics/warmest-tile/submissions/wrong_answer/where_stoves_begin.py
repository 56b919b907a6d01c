# Wrong: looks only at tiles in a column and a row where a stove begins; beyond a fan it may be warmer.
import sys

n, *numbers = map(int, sys.stdin.read().split())
devices = list(zip(*(numbers[i::5] for i in range(5))))
columns = sorted({x for x, _, _, _, t in devices if t > 0})
warmest = 0
for x in columns:
    here = [device for device in devices if device[0] <= x <= device[2]]
    for y in {y for _, y, _, _, t in here if t > 0}:
        warmest = max(warmest, sum(t for _, low, _, high, t in here if low <= y <= high))
print(warmest)
