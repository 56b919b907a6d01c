# O(n^2): keeps the orders taken sorted by due hour and adds up anew whether one more fits, short ones first.
import sys
from bisect import insort

n, *numbers = map(int, sys.stdin.read().split())
orders = sorted(zip(numbers[::2], numbers[1::2]))

taken = []
for time, due in orders:
    plan = taken[:]
    insort(plan, (due, time))
    now = 0
    for end, hours in plan:
        now += hours
        if now > end:
            break
    else:
        taken = plan
print(len(taken), sum(hours for _, hours in taken))
