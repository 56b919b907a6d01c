# O(q) per sum: goes through all additions so far and adds up what each shares with the range.
import sys

lines = sys.stdin.read().splitlines()
additions = []
for line in lines[1:]:
    kind, *numbers = line.split()
    left, right = int(numbers[0]), int(numbers[1])
    if kind == "add":
        additions.append((left, right, int(numbers[2])))
        continue
    total = 0
    for start, end, value in additions:
        shared = min(right, end) - max(left, start) + 1
        if shared > 0:
            total += shared * value
    print(total)
