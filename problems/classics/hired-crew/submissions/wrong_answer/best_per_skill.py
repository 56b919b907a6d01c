# Wrong: greedy, always hires the sailor with the lowest price per skill that is still missing.
import sys

first, *lines = sys.stdin.read().splitlines()
k = int(first.split()[1])
price = {}
for line in lines:
    asked, _, *skills = map(int, line.split())
    mask = sum(1 << (skill - 1) for skill in skills)
    price[mask] = min(price.get(mask, asked), asked)
missing = (1 << k) - 1
total = 0
while missing:
    best = min(
        (mask for mask in price if mask & missing),
        key=lambda mask: price[mask] / bin(mask & missing).count("1"),
        default=0,
    )
    if not best:
        total = -1
        break
    total += price[best]
    missing &= ~best
print(total)
