# Wrong: takes the last column and the last row of a rectangle for the first ones beyond it.
import sys

n, *numbers = map(int, sys.stdin.read().split())
devices = list(zip(*(numbers[i::5] for i in range(5))))
warmest = 0
for x in sorted({x for device in devices for x in (device[0], device[2])}):
    here = [device for device in devices if device[0] <= x < device[2]]
    changes = sorted([(low, t) for _, low, _, _, t in here] + [(high, -t) for _, _, _, high, t in here])
    warmth = 0
    for i, (y, t) in enumerate(changes):
        warmth += t
        if i + 1 == len(changes) or changes[i + 1][0] != y:
            warmest = max(warmest, warmth)
print(warmest)
