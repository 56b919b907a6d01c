# Wrong: turns down the order that would be late, though dropping a longer one may be better.
import sys

n, *numbers = map(int, sys.stdin.read().split())

count = hours = 0
for due, time in sorted(zip(numbers[1::2], numbers[::2])):
    if hours + time <= due:
        count += 1
        hours += time
print(count, hours)
