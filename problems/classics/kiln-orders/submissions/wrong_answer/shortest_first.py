# Wrong: fires the short orders first, whenever they are due.
import sys

n, *numbers = map(int, sys.stdin.read().split())

count = hours = 0
for time, due in sorted(zip(numbers[::2], numbers[1::2])):
    if hours + time <= due:
        count += 1
        hours += time
print(count, hours)
