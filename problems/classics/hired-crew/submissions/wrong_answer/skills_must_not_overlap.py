# Wrong: hires only sailors whose skills do not overlap.
import sys

first, *lines = sys.stdin.read().splitlines()
k = int(first.split()[1])
price = [1 << 60] * (1 << k)
for line in lines:
    asked, _, *skills = map(int, line.split())
    mask = sum(1 << (skill - 1) for skill in skills)
    price[mask] = min(price[mask], asked)
least = [0] * (1 << k)
for mask in range(1, 1 << k):
    lowest = mask & -mask
    rest = part = mask ^ lowest
    least[mask] = price[mask]
    while part:
        part = (part - 1) & rest
        least[mask] = min(least[mask], price[part | lowest] + least[rest ^ part])
print(least[-1] if least[-1] < 1 << 60 else -1)
