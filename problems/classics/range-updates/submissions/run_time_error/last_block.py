# Crashes: blocks of about sqrt(n) counters, but no block for those that are left over at the end.
import sys
from math import isqrt

lines = sys.stdin.read().splitlines()
n = int(lines[0].split()[0])
size = isqrt(n)
counters = [0] * n
block_sum = [0] * (n // size)
block_add = [0] * (n // size)

for line in lines[1:]:
    kind, *numbers = line.split()
    i, end = int(numbers[0]) - 1, int(numbers[1])
    total = 0
    while i < end:
        block = i // size
        if i % size == 0 and i + size <= end:
            if kind == "add":
                block_add[block] += int(numbers[2])
                block_sum[block] += int(numbers[2]) * size
            total += block_sum[block]
            i += size
        else:
            if kind == "add":
                counters[i] += int(numbers[2])
                block_sum[block] += int(numbers[2])
            total += counters[i] + block_add[block]
            i += 1
    if kind == "sum":
        print(total)
