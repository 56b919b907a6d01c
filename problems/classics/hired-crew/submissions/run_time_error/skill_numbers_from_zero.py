# Crashes: takes the skills for numbers from 0 to k - 1, so a set with skill k is off the table.
import sys

first, *lines = sys.stdin.read().splitlines()
k = int(first.split()[1])
price = [1 << 60] * (1 << k)
for line in lines:
    asked, _, *skills = map(int, line.split())
    mask = sum(1 << skill for skill in skills)
    price[mask] = min(price[mask], asked)
least = [0] + price[1:]
for sailor in range(1, 1 << k):
    for mask in range(1 << k):
        least[mask | sailor] = min(least[mask | sailor], least[mask] + price[sailor])
print(least[-1] if least[-1] < 1 << 60 else -1)
