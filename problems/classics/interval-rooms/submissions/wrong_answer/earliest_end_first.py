# Wrong: taking whatever ends first maximises the number of requests, not their price.
import sys

values = list(map(int, sys.stdin.read().split()))
requests = sorted(zip(values[2::3], values[1::3], values[3::3]))
free_from = 0
income = 0
for end, start, price in requests:
    if start >= free_from:
        income += price
        free_from = end
print(income)
