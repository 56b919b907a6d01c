# O(n) per operation: touches every counter of the range.
import sys

lines = sys.stdin.read().splitlines()
n = int(lines[0].split()[0])
counters = [0] * (n + 1)
for line in lines[1:]:
    kind, *numbers = line.split()
    left, right = int(numbers[0]), int(numbers[1])
    if kind == "add":
        value = int(numbers[2])
        for i in range(left, right + 1):
            counters[i] += value
    else:
        print(sum(counters[left : right + 1]))
