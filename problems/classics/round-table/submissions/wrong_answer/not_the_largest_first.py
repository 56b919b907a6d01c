# Wrong: takes the countries by number, not the largest first, so a large country meets itself.
from collections import Counter

n = int(input())
countries = list(map(int, input().split()))
guests = sorted(range(n), key=countries.__getitem__)
if max(Counter(countries).values()) * 2 > n:
    print("NO")
else:
    chairs = [0] * n
    half = (n + 1) // 2
    chairs[::2] = guests[:half]
    chairs[1::2] = guests[half:]
    print("YES")
    print(*(guest + 1 for guest in chairs))
